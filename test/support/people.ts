/**
 * The principals of the tests of access: whoever is to ask is described as data, made through IAM, and given policies once
 * everything that those name is there. A further kind of principal, such as a session of a role, is a further row in
 * `kinds`, which makes its client.
 */
import assert from 'node:assert/strict'
import type { IAM } from '@aws-sdk/client-iam'
import type { KMSClient } from '@aws-sdk/client-kms'
import type { Account } from '../../src/index.ts'
import type { Credentials } from './iam.ts'
import { iamClientOf } from './iam.ts'
import type { Started } from './service.ts'

/** The accounts: the one that has the keys, and two others. */
export type AccountName = 'home' | 'away' | 'third'

/** A statement of a policy. */
export type Statement = Readonly<Record<string, unknown>>

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
}

/** A principal that is there. */
export interface Person {
  readonly arn: string
  /** The unique id; of a root user, the account's number. */
  readonly id: string
  readonly name: string
  readonly account: string
  readonly credentials: Credentials
  readonly spec: PersonSpec
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
  /** A number that nothing of this world has yet. */
  next(): number
}

/** The three accounts on a server. */
export async function makeWorld(trent: Started): Promise<World> {
  const homeOf = (account: Account): Home => ({
    account,
    iam: iamClientOf(trent, account),
    kms: trent.client({ account }),
  })
  let last = 0
  return {
    trent,
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

/** Gives a principal its policies; `fill` puts what is there by now in the place of its names. */
export async function givePolicies(
  world: World,
  { name: UserName, spec }: Person,
  fill: (text: string) => string,
): Promise<void> {
  const { iam } = world.homes[spec.account ?? 'home']
  const textOf = (Statement: readonly Statement[], Version = '2012-10-17') =>
    fill(JSON.stringify({ Version, Statement }))
  const managed = async (statements: readonly Statement[]): Promise<string> => {
    const PolicyDocument = textOf(statements)
    const made = await iam.createPolicy({ PolicyName: `p${world.next()}`, PolicyDocument })
    return made.Policy?.Arn ?? assert.fail()
  }
  if (spec.identity !== undefined) {
    const PolicyDocument = textOf(spec.identity, spec.version)
    await iam.putUserPolicy({ UserName, PolicyName: 'own', PolicyDocument })
  }
  if (spec.attached !== undefined) {
    await iam.attachUserPolicy({ UserName, PolicyArn: await managed(spec.attached) })
  }
  for (const statements of spec.groups ?? []) {
    const GroupName = `g${world.next()}`
    await iam.createGroup({ GroupName })
    const PolicyDocument = textOf(statements)
    await iam.putGroupPolicy({ GroupName, PolicyName: 'shared', PolicyDocument })
    await iam.addUserToGroup({ GroupName, UserName })
  }
  if (spec.boundary !== undefined) {
    const PermissionsBoundary = await managed(spec.boundary)
    await iam.putUserPermissionsBoundary({ UserName, PermissionsBoundary })
  }
}

/** How a principal of each kind is made. */
const kinds = {
  user: async (world: World, spec: PersonSpec, asks: boolean): Promise<Person> => {
    const { iam, account } = world.homes[spec.account ?? 'home']
    const UserName = `u${world.next()}`
    const tags = Object.entries(spec.tags ?? {}).map(([Key, Value]) => ({ Key, Value }))
    const input = { UserName, ...(spec.path && { Path: spec.path }), Tags: tags }
    const { User: user } = await iam.createUser(input)
    assert.ok(user?.Arn !== undefined && user.UserId !== undefined)
    return {
      arn: user.Arn,
      id: user.UserId,
      name: UserName,
      account: account.accountId,
      credentials: asks ? await makeAccessKey(iam, UserName) : noCredentials,
      spec,
    }
  },
  root: async (world: World, spec: PersonSpec): Promise<Person> => {
    const { accountId, credentials } = world.homes[spec.account ?? 'home'].account
    const arn = `arn:aws:iam::${accountId}:root`
    return Promise.resolve({ arn, id: accountId, name: '', account: accountId, credentials, spec })
  },
} as const

const noCredentials: Credentials = { accessKeyId: '', secretAccessKey: '' }

/** A new access key of a user. */
export async function makeAccessKey(iam: IAM, UserName: string): Promise<Credentials> {
  const { AccessKey: key } = await iam.createAccessKey({ UserName })
  assert.ok(key?.AccessKeyId !== undefined && key.SecretAccessKey !== undefined)
  return { accessKeyId: key.AccessKeyId, secretAccessKey: key.SecretAccessKey }
}
