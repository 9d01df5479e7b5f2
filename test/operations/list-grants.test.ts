import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type KMSClient,
  ListAliasesCommand,
  ListGrantsCommand,
  type ListGrantsCommandInput,
  ListKeysCommand,
  RevokeGrantCommand,
} from '@aws-sdk/client-kms'
import { absentGrant, badGrantId, makeGrant, rootOf } from '../support/granting.ts'
import { makeExternalKey } from '../support/importing.ts'
import {
  testForeignKeys,
  testKeyIdForms,
  testKeyIdShape,
  testNoAliases,
} from '../support/key-id.ts'
import {
  describe,
  makeAlias,
  makeDisabledKey,
  makeKey,
  makePendingKey,
} from '../support/made-keys.ts'
import {
  firstMarker,
  type PageRequest,
  testMarkers,
  testPagingShape,
  walk,
} from '../support/pages.ts'
import { recordOf, resource } from '../support/record.ts'
import { violated } from '../support/sentences.ts'
import { refused, startService } from '../support/service.ts'

const trent = await startService()
const kms = trent.client()
const me = rootOf(trent.accountId)
const them = rootOf((await trent.createAccount()).accountId)
const key = await makeKey(kms)
const made = await Promise.all(
  Array.from({ length: 80 }, (_, index) =>
    makeGrant(kms, key.KeyId, { GranteePrincipal: index % 2 === 0 ? me : them }),
  ),
)
const sortedIds = (grants: readonly { readonly id: string }[]) => grants.map(({ id }) => id).sort()
const ids = sortedIds(made)
const mine = sortedIds(made.filter((_, index) => index % 2 === 0))
const get = (input: Partial<ListGrantsCommandInput>, client = kms) =>
  client.send(new ListGrantsCommand({ KeyId: key.KeyId, ...input }))
const listOf = (input: Partial<ListGrantsCommandInput> = {}, client = kms) => ({
  operation: 'ListGrants',
  most: 100,
  send: async (page: PageRequest) => {
    const { Grants = [], NextMarker, Truncated } = await get({ ...input, ...page }, client)
    return { rows: Grants.map(({ GrantId }) => GrantId), NextMarker, Truncated }
  },
})
const list = listOf()
const send = (client: KMSClient, KeyId: string | undefined) => get({ KeyId }, client)
const member = { trent, operation: 'ListGrants', send }

testKeyIdShape(member)
testPagingShape(list)
testKeyIdForms(member)
testNoAliases(member)
testForeignKeys(member)

test('ListGrants: filters have the shapes of what they filter', async () => {
  const long = 'g'.repeat(129)
  await refused(
    get({ GrantId: long }),
    'ValidationException',
    violated(`'${long}' at 'grantId': have length less than or equal to 128`),
  )
  await refused(
    get({ GranteePrincipal: '*' }),
    'ValidationException',
    violated(
      String.raw`'*' at 'granteePrincipal': satisfy regular expression pattern: ^[\w+=,.@:/-]+$`,
    ),
  )
})

test('ListGrants: every state of the key is fine', async () => {
  for (const { KeyId } of [
    await makeDisabledKey(kms),
    await makePendingKey(kms),
    await makeExternalKey(kms),
  ]) {
    const { $metadata: _, ...answer } = await get({ KeyId })
    assert.deepEqual(answer, { Grants: [], Truncated: false })
  }
})

test('ListGrants: an AWS managed key can be looked at', async () => {
  const { KeyId } = await describe(kms, 'alias/aws/s3')
  assert.deepEqual((await get({ KeyId })).Grants, [])
})

test('ListGrants: a grant has its key by ARN, its id, name, date, principals, operations, constraints', async () => {
  const client = trent.client({ region: 'eu-west-1' })
  const { KeyId, Arn } = await makeKey(client)
  trent.turn(1500)
  const { id } = await makeGrant(client, KeyId, {
    GranteePrincipal: them,
    RetiringPrincipal: me,
    Name: 'a:b/c_d-e',
    Operations: ['Encrypt', 'Decrypt'],
    Constraints: { EncryptionContextEquals: { a: '1', b: '2' } },
  })
  const { $metadata: _, ...answer } = await get({ KeyId }, client)
  assert.deepEqual(answer, {
    Grants: [
      {
        KeyId: Arn,
        GrantId: id,
        Name: 'a:b/c_d-e',
        CreationDate: new Date(trent.clock.now()),
        GranteePrincipal: them,
        RetiringPrincipal: me,
        IssuingAccount: me,
        Operations: ['Encrypt', 'Decrypt'],
        Constraints: { EncryptionContextEquals: { a: '1', b: '2' } },
      },
    ],
    Truncated: false,
  })
})

test('ListGrants: without a name it is empty; what was not given is not there', async () => {
  const { KeyId, Arn } = await makeKey(kms)
  const { id } = await makeGrant(kms, KeyId, { GranteePrincipal: them })
  assert.deepEqual((await get({ KeyId: Arn })).Grants, [
    {
      KeyId: Arn,
      GrantId: id,
      Name: '',
      CreationDate: new Date(trent.clock.now()),
      GranteePrincipal: them,
      IssuingAccount: me,
      Operations: ['DescribeKey'],
    },
  ])
})

test('ListGrants: principals are shown in the partition of the region', async () => {
  const china = await startService({ regions: ['cn-north-1'] })
  const client = china.client({ region: 'cn-north-1' })
  const { KeyId, Arn } = await makeKey(client)
  const root = `arn:aws-cn:iam::${china.accountId}:root`
  await makeGrant(client, KeyId, { GranteePrincipal: root })
  const { Grants } = await client.send(new ListGrantsCommand({ KeyId }))
  assert.equal(Grants?.[0]?.KeyId, Arn)
  assert.equal(Grants?.[0]?.GranteePrincipal, root)
  assert.equal(Grants?.[0]?.IssuingAccount, root)
  await refused(
    makeGrant(client, KeyId, { GranteePrincipal: rootOf(china.accountId) }),
    'InvalidArnException',
    `ARN does not refer to a valid principal: ${rootOf(china.accountId)}`,
  )
})

test('ListGrants: a GrantId gives that grant alone', async () => {
  const [id] = ids
  assert.deepEqual((await listOf({ GrantId: id }).send({})).rows, [id])
  assert.deepEqual((await listOf({ GrantId: id }).send({ Limit: 1 })).Truncated, false)
  assert.deepEqual((await listOf({ GrantId: absentGrant }).send({})).rows, [])
  const { KeyId } = await makeKey(kms)
  assert.deepEqual((await listOf({ KeyId, GrantId: id }).send({})).rows, [])
})

test('ListGrants: what has no form of a GrantId is InvalidGrantIdException', async () => {
  for (const GrantId of ['g', '0'.repeat(63), '0'.repeat(65), 'A'.repeat(64), ` ${absentGrant}`]) {
    await refused(get({ GrantId }), 'InvalidGrantIdException', badGrantId)
  }
})

test('ListGrants: a GranteePrincipal gives the grants to it, as it is shown', async () => {
  assert.deepEqual((await listOf({ GranteePrincipal: me, Limit: 100 }).send({})).rows, mine)
  for (const GranteePrincipal of [trent.accountId, me.toUpperCase(), 'nobody']) {
    assert.deepEqual((await listOf({ GranteePrincipal }).send({})).rows, [])
  }
})

test('ListGrants: filters hold together', async () => {
  const [id] = mine
  assert.deepEqual((await listOf({ GrantId: id, GranteePrincipal: me }).send({})).rows, [id])
  assert.deepEqual((await listOf({ GrantId: id, GranteePrincipal: them }).send({})).rows, [])
})

test('ListGrants: the filter for a service is for services alone', async () => {
  const GranteeServicePrincipal = 's3.us-east-1.amazonaws.com'
  await refused(
    get({ GranteeServicePrincipal }),
    'ValidationException',
    'GranteeServicePrincipal can only be used by callers in a service principal.',
  )
  await refused(
    get({ GranteeServicePrincipal, GranteePrincipal: me }),
    'ValidationException',
    'You can specify either GranteePrincipal or GranteeServicePrincipal, but not both.',
  )
})

test('ListGrants: a page holds 50 grants when nobody says, and 100 at most', async () => {
  const page = await list.send({})
  assert.deepEqual(page.rows, ids.slice(0, 50))
  assert.equal(page.Truncated, true)
  const rest = await list.send({ Marker: String(page.NextMarker) })
  assert.deepEqual(rest, { rows: ids.slice(50), NextMarker: undefined, Truncated: false })
  assert.deepEqual((await list.send({ Limit: 100 })).rows, ids)
})

test('ListGrants: the pages together are the grants, whatever the Limit and the filter', async () => {
  for (const limit of [1, 7, 40, 79, 80]) assert.deepEqual(await walk(list.send, limit), ids)
  assert.deepEqual(await walk(listOf({ GranteePrincipal: me }).send, 7), mine)
})

test('ListGrants: a marker holds when the grant it points behind is revoked', async () => {
  const { KeyId } = await makeKey(kms)
  const three = []
  for (let n = 0; n < 3; n += 1) three.push(await makeGrant(kms, KeyId, { GranteePrincipal: me }))
  const [, second, third] = sortedIds(three)
  const { NextMarker } = await listOf({ KeyId }).send({ Limit: 2 })
  await kms.send(new RevokeGrantCommand({ KeyId, GrantId: second }))
  assert.deepEqual((await listOf({ KeyId }).send({ Marker: String(NextMarker) })).rows, [third])
})

testMarkers(list, async () => {
  const { KeyId } = await makeKey(kms)
  for (let n = 0; n < 2; n += 1) await makeGrant(kms, KeyId, { GranteePrincipal: me })
  for (const name of ['alias/One', 'alias/Two']) await makeAlias(kms, name, key)
  return [
    await firstMarker(listOf({ KeyId }).send),
    await firstMarker(listOf({ GranteePrincipal: me }).send),
    String((await kms.send(new ListKeysCommand({ Limit: 1 }))).NextMarker),
    String((await kms.send(new ListAliasesCommand({ KeyId: key.KeyId, Limit: 1 }))).NextMarker),
  ]
})

test('ListGrants: a marker holds for the key by id and by ARN', async () => {
  const Marker = await firstMarker(list.send)
  assert.deepEqual(
    (await listOf({ KeyId: key.Arn }).send({ Marker, Limit: 100 })).rows,
    ids.slice(1),
  )
})

test('ListGrants: the event is that of a read', async () => {
  const event = recordOf(trent, await get({ GranteePrincipal: me, Limit: 5 }))
  assert.equal(event.eventName, 'ListGrants')
  assert.equal(event.readOnly, true)
  assert.deepEqual(event.requestParameters, { keyId: key.KeyId, granteePrincipal: me, limit: 5 })
  assert.equal(event.responseElements, null)
  assert.deepEqual(event.resources, [resource(key.Arn)])
})
