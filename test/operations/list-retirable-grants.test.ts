import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ListGrantsCommand,
  ListRetirableGrantsCommand,
  type ListRetirableGrantsCommandInput,
  RetireGrantCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import { grantsOn, makeGrant, rootOf } from '../support/granting.ts'
import { day, makeKey } from '../support/made-keys.ts'
import {
  firstMarker,
  type PageRequest,
  testMarkers,
  testPagingShape,
  walk,
} from '../support/pages.ts'
import { recordOf } from '../support/record.ts'
import { violated } from '../support/sentences.ts'
import { refused, startService } from '../support/service.ts'

const trent = await startService()
const kms = trent.client()
const me = rootOf(trent.accountId)
const other = await trent.createAccount()
const theirs = trent.client({ account: other })
const them = rootOf(other.accountId)
const keys = [await makeKey(kms), await makeKey(kms), await makeKey(theirs)]
const made = await Promise.all(
  Array.from({ length: 60 }, (_, index) => {
    const key = keys[index % 3]
    assert.ok(key)
    return makeGrant(index % 3 === 2 ? theirs : kms, key.KeyId, {
      GranteePrincipal: them,
      RetiringPrincipal: me,
    })
  }),
)
const ids = made.map(({ id }) => id).sort()
const [first, , foreign] = keys
assert.ok(first && foreign)
await makeGrant(kms, first.KeyId, { GranteePrincipal: me })
await makeGrant(kms, first.KeyId, { GranteePrincipal: me, RetiringPrincipal: them })

const get = (input: ListRetirableGrantsCommandInput, client = kms) =>
  client.send(new ListRetirableGrantsCommand(input))
const list = {
  operation: 'ListRetirableGrants',
  most: 100,
  send: async (page: PageRequest) => {
    const { Grants = [], NextMarker, Truncated } = await get({ RetiringPrincipal: me, ...page })
    return { rows: Grants.map(({ GrantId }) => GrantId), NextMarker, Truncated }
  },
}

testPagingShape(list)

test('ListRetirableGrants: a principal has the characters of ARNs', () =>
  refused(
    get({ RetiringPrincipal: 'a b' }),
    'ValidationException',
    violated(
      String.raw`'a b' at 'retiringPrincipal': satisfy regular expression pattern: ^[\w+=,.@:/-]+$`,
    ),
  ))

test('ListRetirableGrants: either a principal or a service, and services for services alone', async () => {
  const either =
    'You must specify either RetiringPrincipal or RetiringServicePrincipal, but not both.'
  const RetiringServicePrincipal = 's3.us-east-1.amazonaws.com'
  for (const input of [{}, { RetiringPrincipal: me, RetiringServicePrincipal }]) {
    await refused(get(input), 'ValidationException', either)
  }
  await refused(
    get({ RetiringServicePrincipal }),
    'ValidationException',
    'RetiringServicePrincipal can only be used by callers in a service principal.',
  )
})

test('ListRetirableGrants: the principal must exist, in the account of the caller', async () => {
  for (const RetiringPrincipal of [
    'nobody',
    trent.accountId,
    `arn:aws:iam::${trent.accountId}:user/Nobody`,
    `arn:aws-cn:iam::${trent.accountId}:root`,
    them,
    rootOf('999999999999'),
    `arn:aws:sts::${other.accountId}:federated-user/Bob`,
  ]) {
    await refused(
      get({ RetiringPrincipal }),
      'InvalidArnException',
      `ARN does not refer to a valid principal: ${RetiringPrincipal}`,
    )
  }
})

test('ListRetirableGrants: a principal that may retire nothing has an empty list', async () => {
  const account = await trent.createAccount()
  const RetiringPrincipal = rootOf(account.accountId)
  const { $metadata: _, ...answer } = await get({ RetiringPrincipal }, trent.client({ account }))
  assert.deepEqual(answer, { Grants: [], Truncated: false })
})

test('ListRetirableGrants: the grants of every key, of any account, as ListGrants shows them', async () => {
  const { Grants = [] } = await get({ RetiringPrincipal: me, Limit: 100 })
  assert.deepEqual(
    Grants.map(({ GrantId }) => GrantId),
    ids,
  )
  const shown = (
    await Promise.all([
      ...keys.slice(0, 2).map(({ KeyId }) => grantsOn(kms, KeyId)),
      grantsOn(theirs, foreign.KeyId),
    ])
  ).flat()
  for (const grant of Grants) {
    assert.deepEqual(
      grant,
      shown.find(({ GrantId }) => GrantId === grant.GrantId),
    )
  }
  assert.equal(Grants.filter(({ KeyId }) => KeyId === foreign.Arn).length, 20)
})

test('ListRetirableGrants: a session that may retire is listed by its own name alone', async () => {
  const bob = `arn:aws:sts::${other.accountId}:federated-user/Bob`
  const { KeyId } = await makeKey(kms)
  const { id } = await makeGrant(kms, KeyId, { GranteePrincipal: me, RetiringPrincipal: bob })
  const { Grants } = await get({ RetiringPrincipal: bob }, theirs)
  assert.deepEqual(
    Grants?.map(({ GrantId }) => GrantId),
    [id],
  )
  const rest = await get({ RetiringPrincipal: them, Limit: 100 }, theirs)
  assert.ok(rest.Grants?.every(({ GrantId }) => GrantId !== id))
})

test('ListRetirableGrants: regions are separate', async () => {
  const there = trent.client({ region: 'eu-west-1' })
  assert.deepEqual((await get({ RetiringPrincipal: me }, there)).Grants, [])
})

test('ListRetirableGrants: a page holds 50 grants when nobody says', async () => {
  const page = await list.send({})
  assert.deepEqual(page.rows, ids.slice(0, 50))
  assert.equal(page.Truncated, true)
  const rest = await list.send({ Marker: String(page.NextMarker) })
  assert.deepEqual(rest, { rows: ids.slice(50), NextMarker: undefined, Truncated: false })
})

test('ListRetirableGrants: the pages together are the grants, whatever the Limit', async () => {
  for (const limit of [1, 7, 59, 60]) assert.deepEqual(await walk(list.send, limit), ids)
})

testMarkers(list, async () => {
  const account = await trent.createAccount()
  const client = trent.client({ account })
  const RetiringPrincipal = rootOf(account.accountId)
  const { KeyId } = await makeKey(client)
  for (let n = 0; n < 2; n += 1) {
    await makeGrant(client, KeyId, { GranteePrincipal: me, RetiringPrincipal })
  }
  return [
    await firstMarker((page) =>
      get({ RetiringPrincipal, ...page }, client).then(({ NextMarker, Truncated }) => ({
        rows: [],
        NextMarker,
        Truncated,
      })),
    ),
    String((await kms.send(new ListGrantsCommand({ KeyId: first.KeyId, Limit: 1 }))).NextMarker),
  ]
})

test('ListRetirableGrants: a grant is gone from the list with its key, before any job has run', async () => {
  const account = await trent.createAccount()
  const client = trent.client({ account })
  const RetiringPrincipal = rootOf(account.accountId)
  const { KeyId } = await makeKey(client)
  await makeGrant(client, KeyId, { GranteePrincipal: me, RetiringPrincipal })
  await client.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }))
  assert.equal((await get({ RetiringPrincipal }, client)).Grants?.length, 1)
  trent.turn(7 * day)
  assert.deepEqual((await get({ RetiringPrincipal }, client)).Grants, [])
})

test('ListRetirableGrants: a retired grant is gone from the list', async () => {
  const account = await trent.createAccount()
  const client = trent.client({ account })
  const RetiringPrincipal = rootOf(account.accountId)
  const { token, id } = await makeGrant(kms, first.KeyId, {
    GranteePrincipal: them,
    RetiringPrincipal,
  })
  const { Grants } = await get({ RetiringPrincipal }, client)
  assert.equal(Grants?.[0]?.GrantId, id)
  await client.send(new RetireGrantCommand({ GrantToken: token }))
  assert.deepEqual((await get({ RetiringPrincipal }, client)).Grants, [])
})

test('ListRetirableGrants: the event is that of a read', async () => {
  const event = recordOf(trent, await get({ RetiringPrincipal: me, Limit: 1 }))
  assert.equal(event.eventName, 'ListRetirableGrants')
  assert.equal(event.readOnly, true)
  assert.deepEqual(event.requestParameters, { retiringPrincipal: me, limit: 1 })
  assert.equal(event.responseElements, null)
  assert.deepEqual(event.resources, [])
})
