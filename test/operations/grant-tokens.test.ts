/**
 * GrantTokens of the operations that take them: a grant is effective at once, so that a token adds nothing to it; one that
 * names no grant is refused, once the caller may.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import {
  CreateGrantCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  KMSClient,
  ReEncryptCommand,
  RetireGrantCommand,
  RevokeGrantCommand,
} from '@aws-sdk/client-kms'
import type { Account } from '../../src/index.ts'
import { grantIdsOn, makeGrant, rootOf } from '../support/granting.ts'
import { absentId, arnOf, makeDisabledKey, makeKey } from '../support/made-keys.ts'
import { recordOf } from '../support/record.ts'
import { deniedAcrossAccounts, deniedCiphertext, violated } from '../support/sentences.ts'
import { refused, startService, startTrent } from '../support/service.ts'

const trent = await startService()
const kms = trent.client()
const others = await trent.createAccount()
const other = trent.client({ account: others })
const me = rootOf(trent.accountId)
const [key, second] = [await makeKey(kms), await makeKey(kms)]
const { token } = await makeGrant(kms, key.KeyId, { GranteePrincipal: me })
const { token: ofSecond } = await makeGrant(kms, second.KeyId, { GranteePrincipal: me })
const Plaintext = Buffer.from('plain')
const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId: key.KeyId, Plaintext }))

type Send = (GrantTokens: string[], KeyId?: string, client?: KMSClient) => Promise<unknown>
const operations: Readonly<Record<string, Send>> = {
  Encrypt: (GrantTokens, KeyId = key.KeyId, client = kms) =>
    client.send(new EncryptCommand({ KeyId, Plaintext, GrantTokens })),
  Decrypt: (GrantTokens, KeyId = key.KeyId, client = kms) =>
    client.send(new DecryptCommand({ KeyId, CiphertextBlob, GrantTokens })),
  GenerateDataKey: (GrantTokens, KeyId = key.KeyId, client = kms) =>
    client.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256', GrantTokens })),
  DescribeKey: (GrantTokens, KeyId = key.KeyId, client = kms) =>
    client.send(new DescribeKeyCommand({ KeyId, GrantTokens })),
  CreateGrant: (GrantTokens, KeyId = key.KeyId, client = kms) =>
    client.send(
      new CreateGrantCommand({
        KeyId,
        GranteePrincipal: me,
        Operations: ['DescribeKey'],
        GrantTokens,
      }),
    ),
}
const bad = (call: Promise<unknown>) => refused(call, 'InvalidGrantTokenException', undefined)

test('a token has up to 8192 characters, and a request ten of them', async () => {
  for (const send of Object.values(operations)) {
    const long = 't'.repeat(8193)
    await refused(
      send([long]),
      'ValidationException',
      violated(
        `'[${long}]' at 'grantTokens': satisfy constraint: [Member must have length less than or equal to 8192, Member must have length greater than or equal to 1]`,
      ),
    )
    await refused(
      send(Array.from({ length: 11 }, () => 't')),
      'ValidationException',
      violated(
        `'[t, t, t, t, t, t, t, t, t, t, t]' at 'grantTokens': have length less than or equal to 10`,
      ),
    )
  }
})

test('a token of the key is good, also ten times; none is fine too', async () => {
  for (const send of Object.values(operations)) {
    await send([token])
    await send(Array.from({ length: 10 }, () => token))
    await send([])
  }
})

test('a token of another key of the region is let pass', async () => {
  for (const send of Object.values(operations)) await send([ofSecond, token])
  await kms.send(
    new ReEncryptCommand({
      CiphertextBlob,
      SourceKeyId: key.KeyId,
      DestinationKeyId: second.KeyId,
      GrantTokens: [token, ofSecond],
    }),
  )
})

test('a token that was made up or changed is refused, among whichever others', async () => {
  const flipped = token.startsWith('B') ? 'C' : 'B'
  const wrong = ['token', '=', `${flipped}${token.slice(1)}`, `${token}=`, token.slice(0, -1)]
  for (const send of Object.values(operations)) {
    for (const each of wrong) await bad(send([token, each]))
  }
})

test('a token is refused once its grant is gone', async () => {
  const grant = await makeGrant(kms, key.KeyId, { GranteePrincipal: me })
  for (const send of Object.values(operations)) await send([grant.token])
  await kms.send(new RevokeGrantCommand({ KeyId: key.KeyId, GrantId: grant.id }))
  for (const send of Object.values(operations)) await bad(send([grant.token]))
})

test('a token of another region is refused', async () => {
  const there = trent.client({ region: 'eu-west-1' })
  const { KeyId } = await makeKey(there)
  const far = await makeGrant(there, KeyId, { GranteePrincipal: me })
  for (const send of Object.values(operations)) await bad(send([far.token]))
})

test('a token of another server is refused', async () => {
  const far = await startService()
  const there = far.client()
  const { KeyId } = await makeKey(there)
  const foreign = await makeGrant(there, KeyId, { GranteePrincipal: rootOf(far.accountId) })
  for (const send of Object.values(operations)) await bad(send([foreign.token]))
})

test('whether the caller may is told before the token is looked at, and that before the rest', async () => {
  for (const [name, send] of Object.entries(operations)) {
    await refused(
      send(['token'], key.Arn, other),
      'AccessDeniedException',
      deniedAcrossAccounts(others.accountId, `kms:${name}`),
    )
    await bad(send(['token'], absentId))
    await refused(
      send([token], absentId),
      'NotFoundException',
      `Key '${arnOf(trent.accountId, `key/${absentId}`)}' does not exist`,
    )
  }
  const { KeyId } = await makeDisabledKey(kms)
  await bad(kms.send(new EncryptCommand({ KeyId, Plaintext, GrantTokens: ['token'] })))
})

test('a Decrypt without a KeyId looks at tokens for the key of the ciphertext', async () => {
  const decrypt = (GrantTokens: string[], client = kms) =>
    client.send(new DecryptCommand({ CiphertextBlob, GrantTokens }))
  await decrypt([token, ofSecond])
  await bad(decrypt(['token']))
  await refused(
    decrypt([token], other),
    'AccessDeniedException',
    deniedCiphertext(others.accountId, 'kms:Decrypt'),
  )
})

test('a grant and its token hold after a restart', async () => {
  const data = mkdtempSync(join(tmpdir(), 'trent-grants-'))
  after(() => {
    rmSync(data, { recursive: true, force: true })
  })
  const started = async (account?: Account) => {
    const server = await startTrent({ data })
    const { credentials } = account ?? server
    const client = new KMSClient({ endpoint: server.endpoint, region: 'us-east-1', credentials })
    return { server, client }
  }
  const before = await started()
  const { KeyId } = await makeKey(before.client)
  const grant = await makeGrant(before.client, KeyId, {
    GranteePrincipal: rootOf(before.server.accountId),
  })
  before.client.destroy()
  await before.server.close()
  const again = await started(before.server)
  assert.deepEqual(await grantIdsOn(again.client, KeyId), [grant.id])
  const describe = (GrantTokens: string[]) =>
    again.client.send(new DescribeKeyCommand({ KeyId, GrantTokens }))
  await describe([grant.token])
  await again.client.send(new RetireGrantCommand({ GrantToken: grant.token }))
  await bad(describe([grant.token]))
  again.client.destroy()
  await again.server.close()
})

test('no token stands in the record', async () => {
  const answer = await kms.send(
    new EncryptCommand({ KeyId: key.KeyId, Plaintext, GrantTokens: [token] }),
  )
  assert.ok(!JSON.stringify(recordOf(trent, answer)).includes(token))
})
