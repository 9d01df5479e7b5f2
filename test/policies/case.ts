/** What a case is, and the people, keys and statements that cases are made of. */
import type { GrantCandidate } from '../../src/access/decide.ts'
import type { Caller } from '../../src/policies/principals.ts'

export type Statement = Readonly<Record<string, unknown>>

/** How a decision is refused: the kind of policy that had to allow or that denies, or the one sentence across accounts. */
export type Refusal =
  | 'resource'
  | 'identity'
  | 'boundary'
  | 'session'
  | 'deny resource'
  | 'deny identity'
  | 'deny boundary'
  | 'deny session'
  | 'across'

export interface Case {
  readonly name: string
  readonly caller: keyof typeof callers
  readonly on?: 'resource' | 'identity' | 'account' | 'grant'
  readonly action?: string
  readonly resource?: string
  readonly owner?: string
  /** False for operations that never reach across accounts. */
  readonly acrossAccounts?: boolean
  readonly version?: string
  /** The statements of the key policy; the default key policy's if left out. */
  readonly key?: readonly Statement[]
  readonly identity?: readonly Statement[]
  readonly boundary?: readonly Statement[]
  readonly session?: readonly Statement[]
  readonly grants?: readonly (Partial<GrantCandidate> & Pick<GrantCandidate, 'operations'>)[]
  readonly newGrant?: Pick<GrantCandidate, 'operations' | 'constraints'>
  readonly context?: Readonly<Record<string, readonly string[]>>
  readonly encryptionContext?: Readonly<Record<string, string>>
  readonly byCiphertext?: boolean
  readonly expect: 'allow' | Refusal
}

export const home = '111122223333'
export const away = '444455556666'
export const keyArn = `arn:aws:kms:eu-west-1:${home}:key/1234abcd-12ab-34cd-56ef-1234567890ab`
export const aliasArn = `arn:aws:kms:eu-west-1:${home}:alias/x`
/** ARNs of IAM and STS. */
export const iam = (account: string, resource: string) => `arn:aws:iam::${account}:${resource}`
export const sts = (account: string, resource: string) => `arn:aws:sts::${account}:${resource}`
export const alice = { arn: iam(home, 'user/team/Alice'), id: 'AIDAALICE00' }
export const app = { arn: iam(home, 'role/app/App'), id: 'AROAAPP0000' }

/** Who asks. */
export const callers = {
  root: { type: 'root', account: home, arn: iam(home, 'root') },
  alice: { type: 'user', account: home, ...alice },
  bob: { type: 'user', account: home, arn: iam(home, 'user/Bob'), id: 'AIDABOB0000' },
  app: { type: 'session', account: home, arn: sts(home, 'assumed-role/App/one'), role: app },
  app2: { type: 'session', account: home, arn: sts(home, 'assumed-role/App/two'), role: app },
  fed: { type: 'federated', account: home, arn: sts(home, 'federated-user/Fay'), user: alice },
  rootFed: {
    type: 'federated',
    account: home,
    arn: sts(home, 'federated-user/R'),
    user: undefined,
  },
  ec2: { type: 'service', arn: 'ec2.amazonaws.com', service: 'ec2.amazonaws.com' },
  carol: { type: 'user', account: away, arn: iam(away, 'user/Carol'), id: 'AIDACAROL00' },
  awayRoot: { type: 'root', account: away, arn: iam(away, 'root') },
  awayApp: {
    type: 'session',
    account: away,
    arn: sts(away, 'assumed-role/Far/s'),
    role: { arn: iam(away, 'role/Far'), id: 'AROAFAR0000' },
  },
} as const satisfies Readonly<Record<string, Caller>>

/** A statement that allows everything to these principals, but for what is said otherwise. */
export const allow = (AWS: string | readonly string[], more: Statement = {}): Statement => ({
  Effect: 'Allow',
  Principal: { AWS },
  Action: 'kms:*',
  Resource: '*',
  ...more,
})
export const deny = (AWS: string | readonly string[], more: Statement = {}): Statement =>
  allow(AWS, { Effect: 'Deny', ...more })
/** The same for policies of the caller's own. */
export const may = (
  Action: string | readonly string[] = 'kms:*',
  more: Statement = {},
): Statement => ({
  Effect: 'Allow',
  Action,
  Resource: '*',
  ...more,
})
export const mayNot = (
  Action: string | readonly string[] = 'kms:*',
  more: Statement = {},
): Statement => may(Action, { Effect: 'Deny', ...more })

/** What the default key policy says. */
export const delegation = allow(iam(home, 'root'))
