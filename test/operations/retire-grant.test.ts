import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type KMSClient,
  RetireGrantCommand,
  type RetireGrantCommandInput,
  RevokeGrantCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import { absentGrant, grantIdsOn, makeGrant, rootOf } from '../support/granting.ts'
import { testKeyIdForms, testNoAliases } from '../support/key-id.ts'
import { absentId, arnOf, assertEmpty, day, makeKey } from '../support/made-keys.ts'
import { recordOf, recordOfRefused, resource } from '../support/record.ts'
import { deniedAcrossAccounts, dryRun, emptyKeyId, violated } from '../support/sentences.ts'
import { refused, startService } from '../support/service.ts'

const trent = await startService()
const kms = trent.client()
const me = rootOf(trent.accountId)
const [other, third] = [await trent.createAccount(), await trent.createAccount()]
const theirs = trent.client({ account: other })
const stranger = trent.client({ account: third })
const them = rootOf(other.accountId)
const key = await makeKey(kms)
const retire = (input: RetireGrantCommandInput, client = kms) =>
  client.send(new RetireGrantCommand(input))
const make = (input: Partial<Parameters<typeof makeGrant>[2]> = {}, client = kms) =>
  makeGrant(client, key.Arn, { GranteePrincipal: them, ...input })
const send = (client: KMSClient, KeyId: string | undefined) =>
  retire({ KeyId, GrantId: absentGrant }, client)
const member = { trent, operation: 'RetireGrant', send }
const denied = (account: string) => deniedAcrossAccounts(account, 'kms:RetireGrant')

test('RetireGrant: members have their shapes', async () => {
  const wrong = (input: RetireGrantCommandInput, text: string) =>
    refused(retire(input), 'ValidationException', text)
  await wrong({ KeyId: '', GrantId: absentGrant }, emptyKeyId('keyId'))
  await wrong(
    { GrantToken: '' },
    violated("'' at 'grantToken': have length greater than or equal to 1"),
  )
  await wrong(
    { KeyId: key.KeyId, GrantId: '' },
    violated("'' at 'grantId': have length greater than or equal to 1"),
  )
})

test('RetireGrant: a token, or a key and an id', async () => {
  const { id, token } = await make()
  for (const input of [
    {},
    { KeyId: key.Arn },
    { GrantId: id },
    { GrantToken: token, KeyId: key.Arn },
    { GrantToken: token, GrantId: id },
    { GrantToken: token, KeyId: key.Arn, GrantId: id },
  ]) {
    await refused(
      retire(input),
      'ValidationException',
      'Grant token OR (grant ID, key ID) must be specified',
    )
  }
  assert.ok((await grantIdsOn(kms, key.KeyId)).includes(id))
})

testKeyIdForms(member)
testNoAliases(member)

test('RetireGrant: what has no form of a GrantId is a grant that is not there', async () => {
  for (const GrantId of ['g', 'aabbccdd', '0'.repeat(63), '0'.repeat(65), 'A'.repeat(64)]) {
    const text = `Grant ID ${GrantId} not found`
    await refused(retire({ KeyId: key.Arn, GrantId }), 'NotFoundException', text)
  }
})

test('RetireGrant: a grant that is not there is NotFoundException', async () => {
  await refused(
    retire({ KeyId: key.Arn, GrantId: absentGrant }),
    'NotFoundException',
    `Grant ID ${absentGrant} not found`,
  )
  const { id } = await make()
  const { KeyId } = await makeKey(kms)
  await refused(retire({ KeyId, GrantId: id }), 'NotFoundException', `Grant ID ${id} not found`)
})

test('RetireGrant: a grant is gone by its token, at once and for good', async () => {
  const { KeyId } = await makeKey(kms)
  const [one, two] = [
    await makeGrant(kms, KeyId, { GranteePrincipal: them }),
    await makeGrant(kms, KeyId, { GranteePrincipal: them }),
  ]
  assertEmpty(await retire({ GrantToken: one.token }))
  assert.deepEqual(await grantIdsOn(kms, KeyId), [two.id])
  await refused(
    retire({ GrantToken: one.token }),
    'NotFoundException',
    `Grant ID ${one.id} not found`,
  )
})

test('RetireGrant: a grant is gone by key and id, the key by id or ARN', async () => {
  const { KeyId, Arn } = await makeKey(kms)
  const grants = []
  for (let n = 0; n < 3; n += 1) grants.push(await makeGrant(kms, KeyId, { GranteePrincipal: me }))
  const [one, two, last] = grants
  assertEmpty(await retire({ KeyId: Arn, GrantId: String(one?.id) }))
  assertEmpty(await retire({ KeyId, GrantId: String(two?.id) }))
  assert.deepEqual(await grantIdsOn(kms, KeyId), [last?.id])
  await refused(
    retire({ KeyId, GrantId: String(one?.id) }),
    'NotFoundException',
    `Grant ID ${one?.id} not found`,
  )
})

test('RetireGrant: any token of a grant is good for it', async () => {
  const { KeyId } = await makeKey(kms)
  const [one, again] = [
    await makeGrant(kms, KeyId, { GranteePrincipal: me, Name: 'named' }),
    await makeGrant(kms, KeyId, { GranteePrincipal: me, Name: 'named' }),
  ]
  await retire({ GrantToken: again.token })
  assert.deepEqual(await grantIdsOn(kms, KeyId), [])
  await refused(
    retire({ GrantToken: one.token }),
    'NotFoundException',
    `Grant ID ${one.id} not found`,
  )
})

test('RetireGrant: the retiring principal may, also of another account', async () => {
  for (const named of ['token', 'id'] as const) {
    const { id, token } = await make({ GranteePrincipal: me, RetiringPrincipal: them })
    const input = named === 'token' ? { GrantToken: token } : { KeyId: key.Arn, GrantId: id }
    assertEmpty(await retire(input, theirs))
    assert.ok(!(await grantIdsOn(kms, key.KeyId)).includes(id))
  }
})

test('RetireGrant: the grantee may if the grant says so', async () => {
  const { id } = await make({ Operations: ['Decrypt', 'RetireGrant'] })
  assertEmpty(await retire({ KeyId: key.Arn, GrantId: id }, theirs))
  const { id: constrained } = await make({
    Operations: ['RetireGrant'],
    Constraints: {
      EncryptionContextEquals: { a: 'b' },
      SourceArn: `arn:aws:s3:us-east-1:${trent.accountId}:bucket`,
    },
  })
  assertEmpty(await retire({ KeyId: key.Arn, GrantId: constrained }, theirs))
})

test('RetireGrant: the account that issued the grant may', async () => {
  const { token } = await make({ RetiringPrincipal: them })
  assertEmpty(await retire({ GrantToken: token }))
})

test('RetireGrant: nobody else may, and does not learn whether there is such a grant or key', async () => {
  const { id, token } = await make({ RetiringPrincipal: them })
  const { id: used } = await make({ Operations: ['Decrypt'] })
  for (const input of [
    { GrantToken: token },
    { KeyId: key.Arn, GrantId: id },
    { KeyId: key.Arn, GrantId: absentGrant },
    { KeyId: key.Arn, GrantId: 'g' },
    { KeyId: arnOf(trent.accountId, `key/${absentId}`), GrantId: id },
    { KeyId: arnOf('999999999999', `key/${absentId}`), GrantId: id },
  ]) {
    await refused(retire(input, stranger), 'AccessDeniedException', denied(third.accountId))
  }
  await refused(
    retire({ KeyId: key.Arn, GrantId: used }, theirs),
    'AccessDeniedException',
    denied(other.accountId),
  )
  const left = await grantIdsOn(kms, key.KeyId)
  assert.ok(left.includes(id) && left.includes(used))
})

test('RetireGrant: by the id of a foreign key alone nothing is found', () =>
  refused(
    retire({ KeyId: key.KeyId, GrantId: absentGrant }, stranger),
    'NotFoundException',
    `Key '${arnOf(third.accountId, `key/${key.KeyId}`)}' does not exist`,
  ))

test('RetireGrant: a token that Trent did not give is InvalidGrantTokenException', async () => {
  const { token } = await make()
  const flipped = token.startsWith('B') ? 'C' : 'B'
  for (const GrantToken of [
    'token',
    `${flipped}${token.slice(1)}`,
    `${token}A`,
    `${token}=`,
    ` ${token}`,
    token.slice(0, -4),
    'A'.repeat(8192),
  ]) {
    await refused(retire({ GrantToken }), 'InvalidGrantTokenException', undefined)
  }
})

test('RetireGrant: a token is of its region', async () => {
  const { token } = await make()
  await refused(
    retire({ GrantToken: token }, trent.client({ region: 'eu-west-1' })),
    'InvalidGrantTokenException',
    undefined,
  )
})

test('RetireGrant: every state of the key is fine, until the key is gone', async () => {
  const { KeyId } = await makeKey(kms)
  const [one, two] = [
    await makeGrant(kms, KeyId, { GranteePrincipal: them }),
    await makeGrant(kms, KeyId, { GranteePrincipal: them }),
  ]
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }))
  await retire({ GrantToken: one.token })
  assert.deepEqual(await grantIdsOn(kms, KeyId), [two.id])
  trent.turn(7 * day)
  await refused(retire({ GrantToken: two.token }), 'InvalidGrantTokenException', undefined)
})

test('RetireGrant: a dry run makes every check and leaves the grant', async () => {
  const { id, token } = await make()
  for (const input of [{ GrantToken: token }, { KeyId: key.Arn, GrantId: id }]) {
    await refused(retire({ ...input, DryRun: true }), 'DryRunOperationException', dryRun)
  }
  await refused(
    retire({ KeyId: key.Arn, GrantId: id, DryRun: true }, theirs),
    'AccessDeniedException',
    denied(other.accountId),
  )
  await refused(
    retire({ KeyId: key.Arn, GrantId: absentGrant, DryRun: true }),
    'NotFoundException',
    `Grant ID ${absentGrant} not found`,
  )
  assert.ok((await grantIdsOn(kms, key.KeyId)).includes(id))
  assertEmpty(await retire({ GrantToken: token, DryRun: false }))
})

test('RetireGrant: of many at the same time one retires the grant', async () => {
  const { token } = await make()
  const settled = await Promise.allSettled(
    Array.from({ length: 10 }, () => retire({ GrantToken: token })),
  )
  assert.equal(settled.filter(({ status }) => status === 'fulfilled').length, 1)
})

test('RetireGrant: a revoked grant cannot be retired', async () => {
  const { id, token } = await make()
  await kms.send(new RevokeGrantCommand({ KeyId: key.KeyId, GrantId: id }))
  await refused(retire({ GrantToken: token }), 'NotFoundException', `Grant ID ${id} not found`)
})

test('RetireGrant: the event names the key and the grant, and never the token', async () => {
  const [one, two] = [await make(), await make()]
  const byToken = recordOf(trent, await retire({ GrantToken: one.token }))
  assert.equal(byToken.eventName, 'RetireGrant')
  assert.equal(byToken.readOnly, false)
  assert.equal(byToken.requestParameters, null)
  assert.deepEqual(byToken.responseElements, { keyId: key.Arn })
  assert.deepEqual(byToken.additionalEventData, { grantId: one.id })
  assert.deepEqual(byToken.resources, [resource(key.Arn)])
  const byId = recordOf(trent, await retire({ KeyId: key.Arn, GrantId: two.id }))
  assert.deepEqual(byId.requestParameters, { keyId: key.Arn, grantId: two.id })
  assert.deepEqual(byId.additionalEventData, { grantId: two.id })
})

test('RetireGrant: a refusal across accounts names no key in the record', async () => {
  const { id } = await make()
  const event = await recordOfRefused(trent, retire({ KeyId: key.Arn, GrantId: id }, stranger))
  assert.equal(event.errorCode, 'AccessDenied')
  assert.deepEqual(event.resources, [])
})
