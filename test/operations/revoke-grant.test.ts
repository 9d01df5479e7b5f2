import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type KMSClient,
  RevokeGrantCommand,
  type RevokeGrantCommandInput,
} from '@aws-sdk/client-kms'
import { absentGrant, grantIdsOn, makeGrant, rootOf } from '../support/granting.ts'
import {
  testForeignKeys,
  testKeyIdForms,
  testKeyIdShape,
  testNoAliases,
} from '../support/key-id.ts'
import { assertEmpty, describe, makeKey } from '../support/made-keys.ts'
import { disable, scheduleDeletion } from '../support/test-keys.ts'
import { recordOf, resource } from '../support/record.ts'
import { dryRun, violated } from '../support/sentences.ts'
import { refused, startService } from '../support/service.ts'

const trent = await startService()
const kms = trent.client()
const me = rootOf(trent.accountId)
const key = await makeKey(kms)
const revoke = (input: Partial<RevokeGrantCommandInput>, client = kms) =>
  client.send(new RevokeGrantCommand({ KeyId: key.KeyId, GrantId: absentGrant, ...input }))
const make = (KeyId = key.KeyId) => makeGrant(kms, KeyId, { GranteePrincipal: me })
const send = (client: KMSClient, KeyId: string | undefined) => revoke({ KeyId }, client)
const member = { trent, operation: 'RevokeGrant', send }
const missing = (id: string) => `Grant ID ${id} not found`

testKeyIdShape(member)

test('RevokeGrant: a missing GrantId is a ValidationException', () =>
  refused(
    revoke({ GrantId: undefined }),
    'ValidationException',
    violated("null at 'grantId': not be null"),
  ))

testKeyIdForms(member)
testNoAliases(member)
testForeignKeys(member)

test('RevokeGrant: what has no form of a GrantId is a grant that is not there', async () => {
  for (const GrantId of [
    'g',
    'aabbccdd',
    'a\u0000b',
    '0'.repeat(63),
    '0'.repeat(65),
    'F'.repeat(64),
    (await make()).token.slice(0, 128),
  ]) {
    await refused(revoke({ GrantId }), 'NotFoundException', missing(GrantId))
  }
})

test('RevokeGrant: a grant that is not there, or on another key, is NotFoundException', async () => {
  await refused(revoke({}), 'NotFoundException', missing(absentGrant))
  const { id } = await make()
  const { KeyId } = await makeKey(kms)
  await refused(revoke({ KeyId, GrantId: id }), 'NotFoundException', missing(id))
  assert.ok((await grantIdsOn(kms, key.KeyId)).includes(id))
})

test('RevokeGrant: a grant is gone, at once and for good, the key by id or ARN', async () => {
  const { KeyId, Arn } = await makeKey(kms)
  const [one, two, last] = [await make(KeyId), await make(KeyId), await make(KeyId)]
  assertEmpty(await revoke({ KeyId, GrantId: one.id }))
  assertEmpty(await revoke({ KeyId: Arn, GrantId: two.id }))
  assert.deepEqual(await grantIdsOn(kms, KeyId), [last.id])
  await refused(revoke({ KeyId, GrantId: one.id }), 'NotFoundException', missing(one.id))
})

test('RevokeGrant: an AWS managed key lets its account', async () => {
  const { KeyId } = await describe(kms, 'alias/aws/s3')
  await refused(revoke({ KeyId }), 'NotFoundException', missing(absentGrant))
})

test('RevokeGrant: every state of the key is fine', async () => {
  for (const change of [disable, scheduleDeletion]) {
    const { KeyId, Arn } = await makeKey(kms)
    const { id } = await make(KeyId)
    await change(kms, { id: KeyId, arn: Arn, materialId: '' })
    assertEmpty(await revoke({ KeyId, GrantId: id }))
    assert.deepEqual(await grantIdsOn(kms, KeyId), [])
  }
})

test('RevokeGrant: a dry run makes every check and leaves the grant', async () => {
  const { id } = await make()
  await refused(revoke({ GrantId: id, DryRun: true }), 'DryRunOperationException', dryRun)
  await refused(revoke({ DryRun: true }), 'NotFoundException', missing(absentGrant))
  await refused(revoke({ GrantId: 'g', DryRun: true }), 'NotFoundException', missing('g'))
  assert.ok((await grantIdsOn(kms, key.KeyId)).includes(id))
  assertEmpty(await revoke({ GrantId: id, DryRun: false }))
})

test('RevokeGrant: of many at the same time one revokes the grant', async () => {
  const { id } = await make()
  const settled = await Promise.allSettled(
    Array.from({ length: 10 }, () => revoke({ GrantId: id })),
  )
  assert.equal(settled.filter(({ status }) => status === 'fulfilled').length, 1)
})

test('RevokeGrant: the event names the key and the grant', async () => {
  const { id } = await make()
  const event = recordOf(trent, await revoke({ GrantId: id }))
  assert.equal(event.eventName, 'RevokeGrant')
  assert.equal(event.readOnly, false)
  assert.deepEqual(event.requestParameters, { keyId: key.KeyId, grantId: id })
  assert.deepEqual(event.responseElements, { keyId: key.Arn })
  assert.deepEqual(event.resources, [resource(key.Arn)])
})
