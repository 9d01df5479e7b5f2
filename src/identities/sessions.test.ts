/** What stays in memory of sessions: nothing before a signature has held, and then enough to open no token again. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rootKeys } from '../key-stores/root-key.ts'
import { RootKeyRing } from '../key-stores/root-key-ring.ts'
import type { IdentityDirectory, IdentityFacts, ManagedPolicy } from './identity-directory.ts'
import { sessionPrincipal } from './session-principal.ts'
import type { SessionClaims } from './session-token.ts'
import { type Session, sessions } from './sessions.ts'

const root = new RootKeyRing(rootKeys(Buffer.alloc(32, 7)))
const account = '111122223333'
const claims: SessionClaims = {
  of: 'role',
  account,
  id: 'AROAEXAMPLE',
  name: 'one',
  issuedAt: 1_000_000,
  expiresAt: 2_000_000,
  tags: [{ key: 'team', value: 'red' }],
  policies: { managed: ['ANPAEXAMPLE'] },
}
const scope = { date: '20261125', region: 'us-east-1', service: 'kms' }
const place = { region: 'us-east-1', partition: 'aws' }

const facts = (kind: 'role' | 'user' = 'role'): IdentityFacts => ({
  row: {
    id: claims.id,
    kind,
    account,
    name: 'App',
    path: '/p/',
    createdAt: 1,
    boundaryId: undefined,
    trustPolicy: undefined,
    description: undefined,
    maxSessionSeconds: 3600,
  },
  tags: [{ key: 'Team', value: 'role' }],
  policies: [{ kind: 'identity', name: 'role/App/own', text: '{}' }],
})

/** A directory whose entries a test exchanges. */
function directory(): IdentityDirectory & {
  identity: IdentityFacts | undefined
  policy: ManagedPolicy | undefined
} {
  const entries: { identity: IdentityFacts | undefined; policy: ManagedPolicy | undefined } = {
    identity: facts(),
    policy: { account, path: '/', name: 'Limit', text: '{"Statement":[]}' },
  }
  return Object.assign(entries, {
    find: async () => entries.identity,
    roleByName: async () => undefined,
    managedPolicy: async () => entries.policy,
  })
}

function sessionOf(made: SessionClaims, kept?: number): Session {
  const all = sessions(root, kept)
  const { accessKeyId, sessionToken } = all.issue(made)
  const session = all.find(accessKeyId, sessionToken)
  assert.ok(session)
  return session
}

test('a session is kept once a signature has held, and its token is not opened again', () => {
  const all = sessions(root)
  const { accessKeyId, sessionToken } = all.issue(claims)
  const find = () => all.find(accessKeyId, sessionToken)
  assert.notEqual(find(), find(), 'nothing is kept of a token alone')
  const session = find()
  assert.ok(session)
  const signingKey = all.signingKey(session, scope)
  assert.equal(session.signingKeys.size, 0)
  all.keep(session, scope, signingKey)
  assert.equal(find(), session)
  assert.equal(all.signingKey(session, scope), signingKey)
  assert.ok(!all.signingKey(session, { ...scope, service: 'iam' }).equals(signingKey))
  assert.equal(all.find(accessKeyId, `${sessionToken}A`), undefined)
  assert.equal(all.find('ASIAQAAAAAAAAAAAAAAA', sessionToken), undefined)
})

test('what is kept holds no secret', () => {
  const { secretAccessKey } = sessions(root).issue(claims)
  assert.match(secretAccessKey, /^[A-Za-z0-9+/]{40}$/)
  const session = sessionOf(claims)
  assert.deepEqual(session.claims, claims)
  assert.deepEqual(Object.keys(session).sort(), [
    'accessKeyId',
    'claims',
    'principals',
    'signingKeys',
    'token',
  ])
})

test('only so many sessions are kept, and only so many keys of each', () => {
  const all = sessions(root, 2)
  const made = [1, 2, 3].map(() => {
    const { accessKeyId, sessionToken } = all.issue(claims)
    const session = all.find(accessKeyId, sessionToken)
    assert.ok(session)
    all.keep(session, scope, all.signingKey(session, scope))
    return session
  })
  const found = made.map(({ accessKeyId, token }) => all.find(accessKeyId, token))
  assert.deepEqual(
    found.map((session, index) => session === made[index]),
    [false, true, true],
  )
  const [, session] = made
  assert.ok(session)
  const key = all.signingKey(session, scope)
  for (let day = 0; day < 1000; day += 1) all.keep(session, { ...scope, date: String(day) }, key)
  assert.ok(session.signingKeys.size <= 64)
})

test('the principal of a session is the same object until something of it changes', async () => {
  const identities = directory()
  const session = sessionOf(claims)
  const find = () => sessionPrincipal(session, place, identities)
  const before = await find()
  assert.equal(await find(), before)
  assert.equal(before?.type, 'AssumedRole')
  assert.deepEqual(before.tags, [{ key: 'team', value: 'red' }])
  assert.deepEqual(
    before.policies.map(({ kind, name }) => [kind, name]),
    [
      ['identity', 'role/App/own'],
      ['session', `arn:aws:iam::${account}:policy/Limit`],
    ],
  )
  identities.identity = facts()
  const after = await find()
  assert.notEqual(after, before)
  identities.policy = undefined
  const limited = await find()
  assert.equal(limited?.policies.length, 1)
  assert.equal(limited?.session?.limited, true)
  assert.notEqual(
    await sessionPrincipal(session, { ...place, partition: 'aws-cn' }, identities),
    limited,
  )
  assert.equal(await find(), limited)
  identities.identity = undefined
  assert.equal(await find(), undefined)
})

test('a federated user has the user’s policies, limited, and its tags with those of the session', async () => {
  const identities = directory()
  identities.identity = facts('user')
  const { policies: _none, ...unlimited } = claims
  const guest = { ...unlimited, of: 'federated', name: 'guest' } as const
  const principal = await sessionPrincipal(sessionOf(guest), place, identities)
  assert.equal(principal?.type, 'FederatedUser')
  assert.equal(principal.arn, `arn:aws:sts::${account}:federated-user/guest`)
  assert.deepEqual(principal.user, { arn: `arn:aws:iam::${account}:user/p/App`, id: claims.id })
  assert.equal(principal.session.limited, true)
  assert.deepEqual(principal.tags, [{ key: 'team', value: 'red' }])
  const byRoot = { ...guest, id: account }
  const ofRoot = await sessionPrincipal(sessionOf(byRoot), place, identities)
  assert.equal(ofRoot?.type, 'FederatedUser')
  assert.equal(ofRoot.user, undefined)
})
