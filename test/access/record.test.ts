/**
 * What the record says of who did what: users by their unique ids, sessions by what they came from, both accounts of a call
 * across accounts, refusals only where they were asked for, and nothing of another account's policy.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KMSServiceException } from '@aws-sdk/client-kms'
import type { OperationName } from '../../src/api/types.ts'
import { issuerKey, startIssuer } from '../support/issuer.ts'
import { makeKey, type MadeKey } from '../support/made-keys.ts'
import {
  clientOf,
  givePolicies,
  makePerson,
  makeWorld,
  type Person,
  type PersonSpec,
  type Statement,
} from '../support/people.ts'
import { type RecordedEvent, recordText, resource } from '../support/record.ts'
import { startService } from '../support/service.ts'
import { allow, type Input, may, Plaintext } from './cases/case.ts'
import { send } from './run.ts'

const tokenKey = issuerKey('one')
const issuer = await startIssuer([tokenKey])
const trent = await startService({ oidcIssuers: [{ issuer: issuer.url }] })
const world = await makeWorld(trent, { issuer, key: tokenKey })
const { home, away, third } = world.homes
const [homeId, awayId] = [home.account.accountId, away.account.accountId]
/** Stands in a key policy, and must stand nowhere else. */
const secretSid = 'NobodyElseReadsThisSid'

async function personOf(spec: PersonSpec): Promise<Person> {
  return givePolicies(world, await makePerson(world, spec), (text) => text)
}

async function keyOf(policy: readonly Statement[], input: Input = {}): Promise<MadeKey> {
  const key = await makeKey(home.kms, input)
  const Statement = [allow(homeId, { Sid: secretSid }), ...policy]
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement })
  await send(home.kms, 'PutKeyPolicy', { KeyId: key.KeyId, Policy })
  return key
}

/** Asks, and answers the events of the call, served or not. */
async function eventsOf(
  person: Person,
  operation: OperationName,
  input: Input,
): Promise<readonly (RecordedEvent & { readonly sharedEventID?: string })[]> {
  const answer: unknown = await send(clientOf(world, person), operation, input).catch(
    (error: unknown) => error,
  )
  const { requestId } = (answer as KMSServiceException).$metadata
  assert.ok(requestId !== undefined, String(answer))
  return recordText(trent.data)
    .split('\n')
    .filter((line) => line.includes(`"requestID":"${requestId}"`))
    .map((line) => JSON.parse(line) as RecordedEvent)
}

const identityOf = (person: Person) => ({
  type: 'IAMUser',
  principalId: person.id,
  arn: person.arn,
  accountId: person.account,
  accessKeyId: person.credentials.accessKeyId,
  userName: person.name,
})

test('a user stands in the record with its unique id, its ARN with the path, its access key and name', async () => {
  const person = await personOf({ path: '/team/', identity: [may('kms:Encrypt')] })
  const key = await keyOf([])
  const events = await eventsOf(person, 'Encrypt', { KeyId: key.KeyId, Plaintext })
  assert.equal(events.length, 1)
  const [event] = events
  assert.deepEqual(event?.userIdentity, identityOf(person))
  assert.match(person.arn, /:user\/team\//)
  assert.deepEqual(event.resources, [resource(key.Arn)])
  assert.equal(event.recipientAccountId, homeId)
  assert.equal(event.sharedEventID, undefined)
  assert.equal(event.errorCode, undefined)
})

test('a call across accounts makes two events with one shared id, the owner’s without the user’s name', async () => {
  const person = await personOf({ account: 'away', identity: [may('kms:Encrypt')] })
  const key = await keyOf([allow(awayId)])
  const events = await eventsOf(person, 'Encrypt', {
    KeyId: key.Arn,
    Plaintext,
    EncryptionContext: { a: 'b' },
  })
  assert.equal(events.length, 2)
  const [own, theirs] = events
  assert.deepEqual(own?.userIdentity, identityOf(person))
  assert.deepEqual(theirs?.userIdentity, {
    type: 'AWSAccount',
    principalId: person.id,
    accountId: awayId,
  })
  assert.deepEqual([own.recipientAccountId, theirs.recipientAccountId], [awayId, homeId])
  assert.ok(own.sharedEventID !== undefined)
  assert.equal(own.sharedEventID, theirs.sharedEventID)
  assert.notEqual(own.eventID, theirs.eventID)
  for (const event of events) {
    assert.deepEqual(event.resources, [resource(key.Arn)])
    assert.deepEqual(event.requestParameters?.['encryptionContext'], { a: 'b' })
    assert.ok(!JSON.stringify(event).includes(secretSid))
  }
})

test('ReEncrypt between the keys of two other accounts makes three events with one shared id', async () => {
  const person = await personOf({ account: 'third', identity: [may()] })
  const of = allow(third.account.accountId)
  const from = await keyOf([of])
  const to = await makeKey(away.kms)
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [allow(awayId), of] })
  await send(away.kms, 'PutKeyPolicy', { KeyId: to.KeyId, Policy })
  const { CiphertextBlob } = await send(home.kms, 'Encrypt', { KeyId: from.KeyId, Plaintext })
  const events = await eventsOf(person, 'ReEncrypt', { CiphertextBlob, DestinationKeyId: to.Arn })
  assert.deepEqual(
    events.map(({ recipientAccountId }) => recipientAccountId).toSorted(),
    [homeId, awayId, third.account.accountId].toSorted(),
  )
  assert.equal(new Set(events.map(({ sharedEventID }) => sharedEventID)).size, 1)
})

test('a change across accounts is in both records with its grant', async () => {
  const person = await personOf({ account: 'away', identity: [may('kms:CreateGrant')] })
  const key = await keyOf([allow(awayId)])
  const events = await eventsOf(person, 'CreateGrant', {
    KeyId: key.Arn,
    GranteePrincipal: person.arn,
    Operations: ['Decrypt'],
  })
  assert.deepEqual(
    events.map(({ recipientAccountId }) => recipientAccountId),
    [awayId, homeId],
  )
  for (const { requestParameters, responseElements } of events) {
    assert.equal(requestParameters?.['granteePrincipal'], person.arn)
    assert.ok(!JSON.stringify(responseElements).includes('grantToken'))
  }
})

test('a refusal across accounts is in the caller’s record alone, with nothing of the key', async () => {
  const person = await personOf({ account: 'away', identity: [may()] })
  const key = await keyOf([allow(awayId, { Effect: 'Deny', Action: 'kms:Encrypt' })])
  const events = await eventsOf(person, 'Encrypt', { KeyId: key.Arn, Plaintext })
  assert.equal(events.length, 1)
  const [event] = events
  assert.deepEqual(event?.userIdentity, identityOf(person))
  assert.equal(event.errorCode, 'AccessDenied')
  assert.match(
    event.errorMessage ?? '',
    /is not authorized to perform: kms:Encrypt on this resource/,
  )
  assert.equal(event.recipientAccountId, awayId)
  assert.equal(event.sharedEventID, undefined)
  assert.deepEqual(event.resources, [])
  assert.equal(event.responseElements, null)
  assert.ok(!JSON.stringify(event).includes(secretSid))
})

test('another failure across accounts is in both records', async () => {
  const person = await personOf({ account: 'away', identity: [may()] })
  const key = await keyOf([allow(awayId)])
  await send(home.kms, 'DisableKey', { KeyId: key.KeyId })
  const events = await eventsOf(person, 'Encrypt', { KeyId: key.Arn, Plaintext })
  assert.deepEqual(
    events.map(({ errorCode, recipientAccountId }) => [errorCode, recipientAccountId]),
    [
      ['DisabledException', awayId],
      ['DisabledException', homeId],
    ],
  )
})

test('a refusal within the account is AccessDenied, with the sentence that the caller got', async () => {
  const person = await personOf({})
  const key = await keyOf([])
  const [event, ...more] = await eventsOf(person, 'DisableKey', { KeyId: key.KeyId })
  assert.equal(more.length, 0)
  assert.equal(event?.errorCode, 'AccessDenied')
  assert.equal(
    event.errorMessage,
    `User: ${person.arn} is not authorized to perform: kms:DisableKey on resource: ${key.Arn} because no identity-based policy allows the kms:DisableKey action`,
  )
})

/** What the record says of a session, where the clock of the test has not moved since it began. */
const sessionOf = (person: Person, more: object) => ({
  principalId: person.id,
  arn: person.arn,
  accountId: person.account,
  accessKeyId: person.credentials.accessKeyId,
  ...more,
})
const attributes = {
  creationDate: new Date(trent.clock.now()).toISOString().replace(/\.\d+/, ''),
  mfaAuthenticated: 'false',
}
const issuedBy = (type: 'Role' | 'IAMUser', { parent, account, name }: Person) => ({
  type,
  principalId: parent.id,
  arn: parent.arn,
  accountId: account,
  userName: name,
})

test('a session of a role stands in the record with the role that it came from', async () => {
  const session = { name: 'deploy-7', sourceIdentity: 'alice', tags: { team: 'red' } }
  const person = await personOf({ kind: 'role', path: '/team/', identity: [may()], session })
  const key = await keyOf([])
  const [event, ...more] = await eventsOf(person, 'Encrypt', { KeyId: key.KeyId, Plaintext })
  assert.equal(more.length, 0)
  assert.deepEqual(
    event?.userIdentity,
    sessionOf(person, {
      type: 'AssumedRole',
      sessionContext: {
        sessionIssuer: issuedBy('Role', person),
        sourceIdentity: 'alice',
        attributes,
      },
    }),
  )
  assert.match(person.arn, /:assumed-role\/r\d+\/deploy-7$/)
  assert.match(person.parent.arn, /:role\/team\//)
  assert.ok(!JSON.stringify(event).includes(person.credentials.sessionToken ?? ''))
})

test('a session by a web identity token stands in the record with its provider', async () => {
  const person = await personOf({ kind: 'web', identity: [may()] })
  const key = await keyOf([])
  const [event] = await eventsOf(person, 'Encrypt', { KeyId: key.KeyId, Plaintext })
  const { sessionContext, ...identity } = event?.userIdentity ?? {}
  assert.deepEqual(identity, sessionOf(person, { type: 'AssumedRole' }))
  const { webIdFederationData, ...context } = sessionContext as Readonly<Record<string, unknown>>
  assert.deepEqual(context, { sessionIssuer: issuedBy('Role', person), attributes })
  const provider = `arn:aws:iam::${homeId}:oidc-provider/${issuer.provider}`
  assert.equal((webIdFederationData as Input)['federatedProvider'], provider)
})

test('a session of a user stands in the record as the user, with the time that it began', async () => {
  const person = await personOf({ kind: 'session', identity: [may()] })
  const key = await keyOf([])
  const [event] = await eventsOf(person, 'Encrypt', { KeyId: key.KeyId, Plaintext })
  const identity = { ...identityOf(person), sessionContext: { attributes } }
  assert.deepEqual(event?.userIdentity, identity)
})

test('a federated user stands in the record with the user behind it', async () => {
  const session = { policy: [may()] }
  const person = await personOf({ kind: 'federated', identity: [may()], session })
  const key = await keyOf([])
  const [event] = await eventsOf(person, 'Encrypt', { KeyId: key.KeyId, Plaintext })
  const sessionContext = { sessionIssuer: issuedBy('IAMUser', person), attributes }
  assert.deepEqual(
    event?.userIdentity,
    sessionOf(person, { type: 'FederatedUser', sessionContext }),
  )
})

test('a call across accounts by a role makes two events, the owner’s with the session’s id alone', async () => {
  const person = await personOf({ kind: 'role', account: 'away', identity: [may()] })
  const key = await keyOf([allow(person.parent.arn)])
  for (const operation of ['Encrypt', 'CreateGrant'] as const) {
    const events = await eventsOf(person, operation, {
      KeyId: key.Arn,
      ...(operation === 'Encrypt'
        ? { Plaintext }
        : { GranteePrincipal: person.arn, Operations: ['Decrypt'] }),
    })
    assert.equal(events.length, 2)
    const [own, theirs] = events
    const sessionContext = { sessionIssuer: issuedBy('Role', person), attributes }
    assert.deepEqual(own?.userIdentity, sessionOf(person, { type: 'AssumedRole', sessionContext }))
    assert.deepEqual(theirs?.userIdentity, {
      type: 'AWSAccount',
      principalId: person.id,
      accountId: awayId,
    })
    assert.deepEqual([own.recipientAccountId, theirs.recipientAccountId], [awayId, homeId])
    assert.ok(own.sharedEventID !== undefined && own.sharedEventID === theirs.sharedEventID)
    for (const event of events) {
      assert.deepEqual(event.resources, [resource(key.Arn)])
      assert.ok(!JSON.stringify(event).includes(secretSid))
    }
  }
})

test('a refusal across accounts of a role’s session is in its own record alone', async () => {
  const session = { policy: [may('kms:Decrypt')] }
  const person = await personOf({ kind: 'role', account: 'away', identity: [may()], session })
  const key = await keyOf([allow(person.parent.arn)])
  const [event, ...more] = await eventsOf(person, 'Encrypt', { KeyId: key.Arn, Plaintext })
  assert.equal(more.length, 0)
  assert.equal(event?.userIdentity['arn'], person.arn)
  assert.equal(event.errorCode, 'AccessDenied')
  assert.equal(event.recipientAccountId, awayId)
  assert.deepEqual(event.resources, [])
})

test('a refusal by a session policy is AccessDenied, with the sentence that the caller got', async () => {
  const session = { policy: [may('kms:Decrypt')] }
  const person = await personOf({ kind: 'role', identity: [may()], session })
  const key = await keyOf([])
  const [event] = await eventsOf(person, 'Encrypt', { KeyId: key.KeyId, Plaintext })
  assert.deepEqual(
    [event?.errorCode, event?.errorMessage],
    [
      'AccessDenied',
      `User: ${person.arn} is not authorized to perform: kms:Encrypt on resource: ${key.Arn} because no session policy allows the kms:Encrypt action`,
    ],
  )
})

test('the text of a key policy is in the event of who stored it, and nowhere else', () => {
  for (const line of recordText(trent.data).split('\n')) {
    if (!line.includes(secretSid)) continue
    assert.equal((JSON.parse(line) as RecordedEvent).eventName, 'PutKeyPolicy')
  }
})
