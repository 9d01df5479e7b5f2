/**
 * What the tests of STS stand on: the official SDK against the server of a test file, and users and roles to act as.
 */
import assert from 'node:assert/strict'
import { type Credentials as StsCredentials, STS, STSServiceException } from '@aws-sdk/client-sts'
import { type Credentials, iamClient } from './iam.ts'
import { type RefusedQuery, refusedQuery } from './refused-query.ts'
import type { Started } from './service.ts'

/** A client of STS for the first account's root user, or for other credentials. */
export function stsClient(
  trent: Started,
  { credentials, region = 'us-east-1' }: { credentials?: Credentials; region?: string } = {},
): STS {
  const client = new STS({
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

/** Credentials as clients take them. */
export function taken(given: StsCredentials | undefined): Required<Credentials> {
  const { AccessKeyId, SecretAccessKey, SessionToken } = given ?? {}
  assert.ok(AccessKeyId && SecretAccessKey && SessionToken, 'there are whole credentials')
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
  }
}

/** Asserts that a call of STS is refused with this code, text and status. */
export const refusedBySts: RefusedQuery = refusedQuery(STSServiceException)

/** A user with an access key and, if it is to have one, a policy. */
export async function makeUser(
  trent: Started,
  name: string,
  {
    policy,
    account = trent.credentials,
    path = '/',
  }: { policy?: string; account?: Credentials; path?: string } = {},
): Promise<{ readonly arn: string; readonly id: string; readonly credentials: Credentials }> {
  const iam = iamClient(trent, { credentials: account })
  const { User } = await iam.createUser({ UserName: name, Path: path })
  if (policy !== undefined) {
    await iam.putUserPolicy({ UserName: name, PolicyName: 'own', PolicyDocument: policy })
  }
  const { AccessKey } = await iam.createAccessKey({ UserName: name })
  return {
    arn: User?.Arn ?? '',
    id: User?.UserId ?? '',
    credentials: {
      accessKeyId: AccessKey?.AccessKeyId ?? '',
      secretAccessKey: AccessKey?.SecretAccessKey ?? '',
    },
  }
}

/** A statement of a trust policy. */
export interface Trust {
  readonly principal: unknown
  readonly actions?: readonly string[]
  readonly condition?: unknown
  readonly effect?: 'Allow' | 'Deny'
}

/** A trust policy. */
export const trustOf = (...statements: readonly Trust[]): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: statements.map(({ principal, actions, condition, effect }) => ({
      Effect: effect ?? 'Allow',
      Principal: principal,
      Action: actions ?? ['sts:AssumeRole'],
      ...(condition === undefined ? {} : { Condition: condition }),
    })),
  })

/** A role that trusts. */
export async function makeRole(
  trent: Started,
  name: string,
  more: {
    readonly trust: readonly Trust[]
    readonly policy?: string
    readonly account?: Credentials
    readonly path?: string
    readonly seconds?: number
    readonly tags?: Readonly<Record<string, string>>
  },
): Promise<{ readonly arn: string; readonly id: string }> {
  const iam = iamClient(trent, { credentials: more.account ?? trent.credentials })
  const { Role } = await iam.createRole({
    RoleName: name,
    Path: more.path ?? '/',
    AssumeRolePolicyDocument: trustOf(...more.trust),
    MaxSessionDuration: more.seconds ?? 3600,
    Tags: Object.entries(more.tags ?? {}).map(([Key, Value]) => ({ Key, Value })),
  })
  if (more.policy !== undefined) {
    await iam.putRolePolicy({ RoleName: name, PolicyName: 'own', PolicyDocument: more.policy })
  }
  return { arn: Role?.Arn ?? '', id: Role?.RoleId ?? '' }
}
