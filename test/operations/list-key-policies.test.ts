import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type KMSClient, ListKeyPoliciesCommand } from '@aws-sdk/client-kms'
import {
  testForeignKeys,
  testKeyIdForms,
  testKeyIdShape,
  testNoAliases,
} from '../support/key-id.ts'
import { describe, makeDisabledKey, makeKey, makePendingKey } from '../support/made-keys.ts'
import { type PageRequest, testPagingShape } from '../support/pages.ts'
import { recordOf, resource } from '../support/record.ts'
import { startService } from '../support/service.ts'

const trent = await startService()
const kms = trent.client()
const list = (KeyId: string | undefined, page: PageRequest = {}) =>
  kms.send(new ListKeyPoliciesCommand({ KeyId, ...page }))
const send = (client: KMSClient, KeyId: string | undefined) =>
  client.send(new ListKeyPoliciesCommand({ KeyId }))
const member = { trent, operation: 'ListKeyPolicies', send }
const theList = { PolicyNames: ['default'], Truncated: false }

testKeyIdShape(member)
testPagingShape({
  operation: 'ListKeyPolicies',
  most: 1000,
  send: async (page) => {
    const { PolicyNames = [], NextMarker, Truncated } = await list('foo', page)
    return { rows: PolicyNames, NextMarker, Truncated }
  },
})
testKeyIdForms(member)
testNoAliases(member)
testForeignKeys(member)

test('ListKeyPolicies: every key state is fine', async () => {
  for (const key of [await makeDisabledKey(kms), await makePendingKey(kms)]) {
    assert.deepEqual((await list(key.KeyId)).PolicyNames, ['default'])
  }
})

test('ListKeyPolicies: a key has one policy, default, whatever the Limit', async () => {
  const key = await makeKey(kms)
  for (const call of [
    list(key.KeyId),
    list(key.Arn),
    list(key.KeyId, { Limit: 1 }),
    list(key.KeyId, { Limit: 1000 }),
  ]) {
    const { $metadata, ...answer } = await call
    assert.equal($metadata.httpStatusCode, 200)
    assert.deepEqual(answer, theList)
  }
})

test('ListKeyPolicies: there is no second page and no error for a marker of one', async () => {
  const key = await makeKey(kms)
  const { $metadata: _, ...answer } = await list(key.KeyId, { Marker: 'marker' })
  assert.deepEqual(answer, theList)
})

test('ListKeyPolicies: an AWS managed key has the one policy as well', async () => {
  const key = await describe(kms, 'alias/aws/s3')
  assert.deepEqual((await list(key.Arn)).PolicyNames, ['default'])
})

test('ListKeyPolicies: the event is that of a read', async () => {
  const key = await makeKey(kms)
  const event = recordOf(trent, await list(key.KeyId, { Limit: 5 }))
  assert.equal(event.eventName, 'ListKeyPolicies')
  assert.equal(event.readOnly, true)
  assert.deepEqual(event.requestParameters, { keyId: key.KeyId, limit: 5 })
  assert.equal(event.responseElements, null)
  assert.deepEqual(event.resources, [resource(key.Arn)])
})
