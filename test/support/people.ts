/**
 * The principals of the tests of access: whoever is to ask is described as data, made through IAM, and given policies once
 * everything that those name is there. A session begins then as well, as its own policies name the same things. A further
 * kind of principal is a further row in `kinds`.
 */
import assert from 'node:assert/strict'
import type { IAM } from '@aws-sdk/client-iam'
import type { KMSClient } from '@aws-sdk/client-kms'
import type { Account } from '../../src/index.ts'
import type { Credentials } from './iam.ts'
import { iamClientOf } from './iam.ts'
import type { TokenIssuer } from './issuer.ts'
import type { Started } from './service.ts'
import { makeFederated, makeRoleSession, makeUserSession, makeWebSession } from './sessions.ts'
import { makeRoot, makeUser } from './users.ts'

/** The accounts: the one that has the keys, and two others. */
export type AccountName = 'home' | 'away' | 'third'

/** A statement of a policy. */
export type Statement = Readonly<Record<string, unknown>>

/** What a session is besides its role or user. */
export interface SessionSpec {
  readonly name?: string
  /** An inline session policy. */
  readonly policy?: readonly Statement[]
  /** Managed session policies. */
  readonly managed?: readonly (readonly Statement[])[]
  readonly tags?: Readonly<Record<string, string>>
  readonly sourceIdentity?: string
}

/** A principal as a test describes it. What is left out is not there; a user without anything is a user of `home`. */
export interface PersonSpec {
  readonly kind?: keyof typeof kinds
  readonly account?: AccountName
  readonly path?: string
  readonly tags?: Readonly<Record<string, string>>
  /** An inline policy. */
  readonly identity?: readonly Statement[]
  /** The Version of the inline policy. */
  readonly version?: string
  /** A managed policy. */
  readonly attached?: readonly Statement[]
  /** For each group that the user is in, its inline policy. */
  readonly groups?: readonly (readonly Statement[])[]
  readonly boundary?: readonly Statement[]
  readonly session?: SessionSpec
  /** Whether a session of a user is one of the root user instead. */
  readonly ofRoot?: boolean
}

/** A principal that is there. */
export interface Person {
  /** Of a session of a role or a federated user, the session's. */
  readonly arn: string
  /** What `aws:userid` is: of a root user the account's number, of a session of a role `AROA...:<session name>`. */
  readonly id: string
  /** Of a session, the name of its role or user. */
  readonly name: string
  /** The user or role that has the policies, which is the person itself unless it is a session. */
  readonly parent: { readonly arn: string; readonly id: string }
  readonly account: string
  readonly credentials: Credentials
  readonly spec: PersonSpec
  /** Begins the session, with its policies as they are to be sent. */
  readonly open?: (policies: SessionPolicies) => Promise<Credentials>
}

/** Session policies as STS takes them. */
export interface SessionPolicies {
  readonly Policy?: string
  readonly PolicyArns?: { readonly arn: string }[]
}

/** An account of a test, and its root user's clients. */
export interface Home {
  readonly account: Account
  readonly iam: IAM
  readonly kms: KMSClient
}

/** What principals are made in. */
export interface World {
  readonly trent: Started
  readonly homes: Readonly<Record<AccountName, Home>>
  /** Whose tokens sessions of kind `web` begin with; the server has to know it. */
  readonly issuer: TokenIssuer | undefined
  /** A number that nothing of this world has yet. */
  next(): number
}

/** The three accounts on a server. */
export async function makeWorld(trent: Started, issuer?: TokenIssuer): Promise<World> {
  const homeOf = (account: Account): Home => ({
    account,
    iam: iamClientOf(trent, account),
    kms: trent.client({ account }),
  })
  let last = 0
  return {
    trent,
    issuer,
    homes: {
      home: homeOf(trent),
      away: homeOf(await trent.createAccount()),
      third: homeOf(await trent.createAccount()),
    },
    next: () => (last += 1),
  }
}

/** Makes a principal, without its policies; one that never asks needs no credentials. */
export function makePerson(world: World, spec: PersonSpec, asks = true): Promise<Person> {
  return kinds[spec.kind ?? 'user'](world, spec, asks)
}

/** A client of KMS for a principal. */
export function clientOf(
  { trent }: World,
  { account, credentials }: Person,
  region = 'us-east-1',
): KMSClient {
  return trent.client({ account: { accountId: account, credentials }, region })
}

/**
 * Gives a principal its policies; `fill` puts what is there by now in the place of its names. Answers the principal, with
 * the credentials of its session if it is one. The session begins first: a boundary may keep others from it.
 */
export async function givePolicies(
  world: World,
  person: Person,
  fill: (text: string) => string,
): Promise<Person> {
  const { name, spec } = person
  const { iam } = world.homes[spec.account ?? 'home']
  const textOf = (Statement: readonly Statement[], Version = '2012-10-17') =>
    fill(JSON.stringify({ Version, Statement }))
  const managed = async (statements: readonly Statement[]): Promise<string> => {
    const PolicyDocument = textOf(statements)
    const made = await iam.createPolicy({ PolicyName: `p${world.next()}`, PolicyDocument })
    return made.Policy?.Arn ?? assert.fail()
  }
  const { policy, managed: more } = spec.session ?? {}
  const PolicyArns = await Promise.all(
    (more ?? []).map(async (each) => ({ arn: await managed(each) })),
  )
  const credentials = await person.open?.({
    ...(policy && { Policy: textOf(policy) }),
    ...(more && { PolicyArns }),
  })
  const holder = holderOf(iam, person)
  if (spec.identity !== undefined) await holder.put(textOf(spec.identity, spec.version))
  if (spec.attached !== undefined) await holder.attach(await managed(spec.attached))
  for (const statements of spec.groups ?? []) {
    const GroupName = `g${world.next()}`
    await iam.createGroup({ GroupName })
    const PolicyDocument = textOf(statements)
    await iam.putGroupPolicy({ GroupName, PolicyName: 'shared', PolicyDocument })
    await iam.addUserToGroup({ GroupName, UserName: name })
  }
  if (spec.boundary !== undefined) await holder.bound(await managed(spec.boundary))
  return { ...person, ...(credentials && { credentials }) }
}

/** How whoever has a person's policies, a user or a role, is given them. */
function holderOf(iam: IAM, { name, parent }: Person) {
  const PolicyName = 'own'
  const [UserName, RoleName] = [name, name]
  return parent.arn.includes(':role/')
    ? {
        put: (PolicyDocument: string) =>
          iam.putRolePolicy({ RoleName, PolicyName, PolicyDocument }),
        attach: (PolicyArn: string) => iam.attachRolePolicy({ RoleName, PolicyArn }),
        bound: (PermissionsBoundary: string) =>
          iam.putRolePermissionsBoundary({ RoleName, PermissionsBoundary }),
      }
    : {
        put: (PolicyDocument: string) =>
          iam.putUserPolicy({ UserName, PolicyName, PolicyDocument }),
        attach: (PolicyArn: string) => iam.attachUserPolicy({ UserName, PolicyArn }),
        bound: (PermissionsBoundary: string) =>
          iam.putUserPermissionsBoundary({ UserName, PermissionsBoundary }),
      }
}

/** How a principal of each kind is made. */
const kinds = {
  user: makeUser,
  root: makeRoot,
  /** A session of a role. */
  role: makeRoleSession,
  /** A session of a user of its own, by GetSessionToken. */
  session: makeUserSession,
  /** A federated user, by GetFederationToken. */
  federated: makeFederated,
  /** A session of a role that began with a token of the world's issuer. */
  web: makeWebSession,
} as const
