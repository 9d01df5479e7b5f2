/**
 * What the tests of IAM stand on: the official SDK against the server of a test file.
 */
import assert from 'node:assert/strict'
import { IAM, IAMServiceException } from '@aws-sdk/client-iam'
import type { Account } from '../../src/index.ts'
import { type RefusedQuery, refusedQuery } from './refused-query.ts'
import type { Started } from './service.ts'

/** Credentials as CreateAccessKey and AssumeRole answer them. */
export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** A client of IAM for the first account's root user, or for other credentials. */
export function iamClient(
  trent: Started,
  { credentials, region = 'us-east-1' }: { credentials?: Credentials; region?: string } = {},
): IAM {
  const client = new IAM({
    endpoint: trent.endpoint,
    region,
    credentials: credentials ?? trent.credentials,
    maxAttempts: 1,
  })
  // The SDK would correct its clock by the Date header of a refusal, which tells the machine's time.
  Object.defineProperty(client.config, 'systemClockOffset', {
    get: () => trent.clock.monotonic(),
    set: () => {},
  })
  trent.ends(client)
  return client
}

/** A client of IAM for the root user of another account. */
export const iamClientOf = (trent: Started, account: Account): IAM =>
  iamClient(trent, { credentials: account.credentials })

/** Asserts that a call of IAM is refused with this code, text and status. */
export const refusedByIam: RefusedQuery = refusedQuery(IAMServiceException)

/** A new user with an access key, and a client that signs with it. */
export async function createUser(
  trent: Started,
  UserName: string,
  { document, path }: { readonly document?: string; readonly path?: string } = {},
): Promise<{ readonly iam: IAM; readonly credentials: Credentials; readonly arn: string }> {
  const root = iamClient(trent)
  const { User } = await root.createUser({ UserName, ...(path !== undefined && { Path: path }) })
  if (document !== undefined) await putPolicy(root, UserName, document)
  const credentials = await createKey(root, UserName)
  return { iam: iamClient(trent, { credentials }), credentials, arn: User?.Arn ?? '' }
}

/** Gives a user the inline policy `test`, in the place of the one before. */
export async function putPolicy(iam: IAM, UserName: string, document: string): Promise<void> {
  await iam.putUserPolicy({ UserName, PolicyName: 'test', PolicyDocument: document })
}

/** A new access key of a user. */
export async function createKey(iam: IAM, UserName: string): Promise<Credentials> {
  const { AccessKey } = await iam.createAccessKey({ UserName })
  assert.ok(AccessKey?.AccessKeyId && AccessKey.SecretAccessKey, 'an access key has both')
  return { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey }
}

/** A policy of these statements. */
export const policyOf = (...statements: object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements })

/** A policy that allows actions on everything. */
export const allowing = (...actions: string[]): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }],
  })

/** A trust policy that lets an account's own policies decide. */
export const trusting = (account: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: account }, Action: 'sts:AssumeRole' }],
  })
