/**
 * A grant as Trent holds it. Times are milliseconds since 1970.
 */
import type { GrantConstraints } from '../access/decide.ts'
import type { Request } from '../api/types.ts'

/** What a grant can permit. */
export type GrantOperation = Request<'CreateGrant'>['Operations'][number]

/** A grantee or a retiring principal. */
export interface Party {
  /** As the request named it and the lists show it: an ARN, or the name of a service. */
  readonly shown: string
  /**
   * The name that callers go by (`policies/principals.ts`): `AWS:<account>`, `AWS:<unique id>` of a user or role, so that a
   * later one with the same ARN is another, `AWS:<ARN>` of a session, or `Service:<name>`.
   */
  readonly name: string
}

/** A grant's row. */
export interface Grant {
  /** The key's region, id and account. */
  readonly region: string
  readonly keyId: string
  readonly account: string
  /** 64 hexadecimal digits. */
  readonly id: string
  /** The empty string when it has none. */
  readonly name: string
  readonly grantee: Party
  readonly retiring: Party | undefined
  /** The account of whoever created the grant. */
  readonly issuingAccount: string
  readonly operations: readonly GrantOperation[]
  readonly constraints: GrantConstraints | undefined
  readonly createdAt: number
}

/** The key that a grant stands on. The time of its creation tells it from an earlier replica of the same id. */
export interface GrantedKey {
  readonly region: string
  readonly id: string
  readonly createdAt: number
}

/** Whether a party is a service of AWS. */
export const isService = (party: Party): boolean => party.name.startsWith('Service:')

/** What RetireGrant names a grant by. */
export type GrantReference =
  | { readonly token: string }
  | { readonly keyId: string; readonly grantId: string }
