/**
 * The principals whose credentials are temporary, for the tests of access: each is described when its role or user is made,
 * and begins when its policies are there.
 */
import assert from 'node:assert/strict'
import type { IAM } from '@aws-sdk/client-iam'
import type { STS } from '@aws-sdk/client-sts'
import { allowing } from './iam.ts'
import { tokenOf } from './issuer.ts'
import type { Home, Person, PersonSpec, World } from './people.ts'
import { stsClient, taken, type Trust, trustOf } from './sts.ts'
import { makeAccessKey, makeRoot, makeUser, noCredentials, tagList } from './users.ts'

/** A session of a role that trusts its account, assumed by a user of the account. */
export async function makeRoleSession(
  world: World,
  spec: PersonSpec,
  asks: boolean,
): Promise<Person> {
  const { account } = world.homes[spec.account ?? 'home']
  const actions = ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity']
  const role = await makeRole(world, spec, { principal: { AWS: account.accountId }, actions })
  if (!asks) return role.person
  const { tags, sourceIdentity: SourceIdentity } = spec.session ?? {}
  const sts = await openerOf(world, world.homes[spec.account ?? 'home'])
  const asked = { ...role.asked, Tags: tagList(tags), ...(SourceIdentity && { SourceIdentity }) }
  return {
    ...role.person,
    open: async (policies) => {
      const answer = await sts.assumeRole({ ...asked, ...policies })
      assert.equal(answer.AssumedRoleUser?.Arn, role.person.arn)
      assert.equal(answer.AssumedRoleUser.AssumedRoleId, role.person.id)
      return taken(answer.Credentials)
    },
  }
}

/** A session of a role that began with a web identity token, whose claims carry its tags and source identity. */
export async function makeWebSession(
  world: World,
  spec: PersonSpec,
  asks: boolean,
): Promise<Person> {
  const { issuer, key } = world.issuer ?? assert.fail('this world has no issuer')
  const home = world.homes[spec.account ?? 'home']
  const role = await makeRole(world, spec, {
    principal: { Federated: await providerOf(home, issuer.provider) },
    actions: ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession', 'sts:SetSourceIdentity'],
    condition: { StringEquals: { [`${issuer.provider}:sub`]: 'job' } },
  })
  if (!asks) return role.person
  const { tags = {}, sourceIdentity } = spec.session ?? {}
  const principal_tags = Object.fromEntries(
    Object.entries(tags).map(([name, value]) => [name, [value]]),
  )
  return {
    ...role.person,
    open: async (policies) => {
      const iat = Math.floor(world.trent.clock.now() / 1000)
      const claims = { iss: issuer.url, aud: audience, sub: 'job', iat, exp: iat + 3600 }
      const WebIdentityToken = tokenOf(key, {
        ...claims,
        'https://aws.amazon.com/tags': { principal_tags },
        ...(sourceIdentity && { 'https://aws.amazon.com/source_identity': sourceIdentity }),
      })
      const asked = { ...role.asked, ...policies, WebIdentityToken }
      // Nothing signs this request: who asks is whom the token is of.
      const answer = await stsClient(world.trent).assumeRoleWithWebIdentity(asked)
      return taken(answer.Credentials)
    },
  }
}

/** A session of a user, or of the root user, of its own. */
export async function makeUserSession(
  world: World,
  spec: PersonSpec,
  asks: boolean,
): Promise<Person> {
  const user = await (spec.ofRoot ? makeRoot(world, spec) : makeUser(world, spec, asks))
  const { trent } = world
  const open = async () => taken((await stsClient(trent, user).getSessionToken({})).Credentials)
  return { ...user, ...(asks && { open }) }
}

/** A federated user for whom a user, or the root user, asks; it has the name of its session, or one of its own. */
export async function makeFederated(
  world: World,
  spec: PersonSpec,
  asks: boolean,
): Promise<Person> {
  const user = await (spec.ofRoot ? makeRoot(world, spec) : makeUser(world, spec, asks))
  const { name: Name = `f${world.next()}`, tags } = spec.session ?? {}
  const { iam } = world.homes[spec.account ?? 'home']
  if (asks && user.name !== '') {
    const PolicyDocument = allowing('sts:GetFederationToken', 'sts:TagSession')
    await iam.putUserPolicy({ UserName: user.name, PolicyName: 'federates', PolicyDocument })
  }
  return {
    ...user,
    arn: `arn:aws:sts::${user.account}:federated-user/${Name}`,
    id: `${user.account}:${Name}`,
    credentials: noCredentials,
    ...(asks && {
      open: async (policies) => {
        const sts = stsClient(world.trent, user)
        const answer = await sts.getFederationToken({ Name, Tags: tagList(tags), ...policies })
        return taken(answer.Credentials)
      },
    }),
  }
}

const audience = 'sts.amazonaws.com'

/** The role of a session, and what every request for one has. */
async function makeRole(world: World, spec: PersonSpec, trust: Trust) {
  const { iam, account } = world.homes[spec.account ?? 'home']
  const { name: RoleSessionName = 'one' } = spec.session ?? {}
  const RoleName = `r${world.next()}`
  const { Role: role } = await iam.createRole({
    RoleName,
    ...(spec.path && { Path: spec.path }),
    AssumeRolePolicyDocument: trustOf(trust),
    Tags: tagList(spec.tags),
  })
  assert.ok(role?.Arn !== undefined && role.RoleId !== undefined)
  const person: Person = {
    arn: `arn:aws:sts::${account.accountId}:assumed-role/${RoleName}/${RoleSessionName}`,
    id: `${role.RoleId}:${RoleSessionName}`,
    name: RoleName,
    parent: { arn: role.Arn, id: role.RoleId },
    account: account.accountId,
    credentials: noCredentials,
    spec,
  }
  return { person, asked: { RoleArn: role.Arn, RoleSessionName } }
}

/** STS for a user who may assume every role of the account that trusts it: the root user may not. */
function openerOf({ trent }: World, home: Home): Promise<STS> {
  return once(openers, home, async () => {
    const UserName = 'opener'
    await home.iam.createUser({ UserName })
    const PolicyDocument = allowing('sts:*')
    await home.iam.putUserPolicy({ UserName, PolicyName: 'opens', PolicyDocument })
    return stsClient(trent, { credentials: await makeAccessKey(home.iam, UserName) })
  })
}

/** The account's provider for the issuer. */
function providerOf(home: Home, provider: string): Promise<string> {
  return once(providers, home, () => createProvider(home.iam, provider))
}

async function createProvider(iam: IAM, provider: string): Promise<string> {
  const { OpenIDConnectProviderArn: arn } = await iam.createOpenIDConnectProvider({
    Url: `https://${provider}`,
    ClientIDList: [audience],
  })
  return arn ?? assert.fail()
}

const openers = new WeakMap<Home, Promise<STS>>()
const providers = new WeakMap<Home, Promise<string>>()

function once<Value>(
  made: WeakMap<Home, Promise<Value>>,
  home: Home,
  make: () => Promise<Value>,
): Promise<Value> {
  const before = made.get(home)
  if (before !== undefined) return before
  const value = make()
  made.set(home, value)
  return value
}
