/**
 * The principals of the tests of access that have long-term credentials.
 */
import assert from 'node:assert/strict'
import type { IAM } from '@aws-sdk/client-iam'
import type { Credentials } from './iam.ts'
import type { Person, PersonSpec, World } from './people.ts'

/** Makes a user; with an access key if it asks. */
export async function makeUser(world: World, spec: PersonSpec, asks: boolean): Promise<Person> {
  const { iam, account } = world.homes[spec.account ?? 'home']
  const UserName = `u${world.next()}`
  const input = { UserName, ...(spec.path && { Path: spec.path }), Tags: tagList(spec.tags) }
  const { User: user } = await iam.createUser(input)
  assert.ok(user?.Arn !== undefined && user.UserId !== undefined)
  return {
    arn: user.Arn,
    id: user.UserId,
    name: UserName,
    parent: { arn: user.Arn, id: user.UserId },
    account: account.accountId,
    credentials: asks ? await makeAccessKey(iam, UserName) : noCredentials,
    spec,
  }
}

/** The root user of an account. */
export function makeRoot(world: World, spec: PersonSpec): Promise<Person> {
  const { accountId: id, credentials } = world.homes[spec.account ?? 'home'].account
  const arn = `arn:aws:iam::${id}:root`
  const parent = { arn, id }
  return Promise.resolve({ arn, id, name: '', parent, account: id, credentials, spec })
}

/** Tags as IAM and STS take them. */
export const tagList = (tags: Readonly<Record<string, string>> = {}) =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))

/** The credentials of who never asks, or does not yet. */
export const noCredentials: Credentials = { accessKeyId: '', secretAccessKey: '' }

/** A new access key of a user. */
export async function makeAccessKey(iam: IAM, UserName: string): Promise<Credentials> {
  const { AccessKey: key } = await iam.createAccessKey({ UserName })
  assert.ok(key?.AccessKeyId !== undefined && key.SecretAccessKey !== undefined)
  return { accessKeyId: key.AccessKeyId, secretAccessKey: key.SecretAccessKey }
}
