/**
 * What a case of the table is: who asks what of which key, and what comes of it. In every string `<me>`, `<key>` and the
 * like stand for what the case makes, `<grant>`, `<token>` and `<described>` for what the last answer told of.
 */
import type { OperationName } from '../../../src/api/types.ts'
import type { AccountName, PersonSpec, Statement } from '../../support/people.ts'

export type { PersonSpec, Statement } from '../../support/people.ts'

/** The members of a request; those that every such request has are added. */
export type Input = Readonly<Record<string, unknown>>

/** A key as a case describes it. */
export interface CaseKey {
  readonly owner?: AccountName
  /** The members of CreateKey. */
  readonly input?: Input
  /** The statements of its policy; AWS's default policy if left out. */
  readonly policy?: readonly Statement[]
  readonly version?: string
  /** Names of aliases. */
  readonly aliases?: readonly string[]
  /** Grants that the owner's root user makes before the policy is stored: Decrypt to `<me>`, unless said otherwise. */
  readonly grants?: readonly Input[]
  /** The encryption context of its ciphertext. */
  readonly sealed?: Readonly<Record<string, string>>
  /** A region that it is replicated to. */
  readonly replica?: string
}

/** Why a call is refused: the layer that does not allow it or that denies it, or the one sentence across accounts. */
export type Why =
  | 'no identity'
  | 'no resource'
  | 'no boundary'
  | 'no session'
  | 'deny resource'
  | 'deny identity'
  | 'deny boundary'
  | 'deny session'
  | 'across'

/** A refusal of AccessDeniedException that is not about `<key>`, or not for the action that has the operation's name. */
export interface Denied {
  readonly why: Why
  readonly action?: string
  /** An ARN, or `''` for what concerns no resource. */
  readonly on?: string
  /** Whether the sentence speaks of a ciphertext's key. */
  readonly ciphertext?: boolean
}

/** What comes of a call; a refusal may be another one than AccessDeniedException. */
export type Expected = 'served' | Why | Denied | readonly [code: string, text: string | undefined]

/** An operation, and what its request has besides the usual. */
export type Call = readonly [operation: OperationName, input?: Input | undefined]

/** A call before the one that the case is about. */
export interface Act {
  /** `me`, one of the others, or the root user of an account. */
  readonly by: string
  readonly call: Call
  readonly expect?: Expected
}

/** A case. */
export interface Case {
  readonly name: string
  readonly me?: PersonSpec
  readonly others?: Readonly<Record<string, PersonSpec>>
  readonly key?: CaseKey
  /** A second key, `<other>`. */
  readonly other?: CaseKey
  readonly before?: readonly Act[]
  readonly call: Call
  readonly region?: string
  readonly expect: Expected
}

/** A statement of a key policy that allows everything to these principals, but for what is said otherwise. */
export const allow = (AWS: string | readonly string[], more: Statement = {}): Statement => ({
  Effect: 'Allow',
  Principal: { AWS },
  Action: 'kms:*',
  Resource: '*',
  ...more,
})

/** The same that denies. */
export const deny = (AWS: string | readonly string[], more: Statement = {}): Statement =>
  allow(AWS, { Effect: 'Deny', ...more })

/** A statement of the caller's own. */
export const may = (
  Action: string | readonly string[] = 'kms:*',
  more: Statement = {},
): Statement => ({ Effect: 'Allow', Action, Resource: '*', ...more })

/** The same that denies. */
export const mayNot = (
  Action: string | readonly string[] = 'kms:*',
  more: Statement = {},
): Statement => may(Action, { Effect: 'Deny', ...more })

/** A condition with one operator and one key. */
export const when = (
  operator: string,
  key: string,
  value: string | number | boolean | readonly string[],
): { readonly Condition: Statement } => ({ Condition: { [operator]: { [key]: value } } })

/** What the default key policy says. */
export const delegation = allow('<home>')
/** Some plaintext. */
export const Plaintext: Uint8Array = Buffer.from('some plaintext')
