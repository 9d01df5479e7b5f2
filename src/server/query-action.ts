/**
 * What an action of AWS's Query protocol is, and what a call gives it: IAM and STS. Types only.
 */
import type { Judgement } from '../access/authorize.ts'
import type { UserIdentity } from '../audit/user-identity.ts'
import type { Reader, Writer } from '../database/database.ts'
import type { IdentityDirectory } from '../identities/identity-directory.ts'
import type { Principal } from '../identities/principal.ts'
import type { Service } from '../service.ts'
import type { QueryParams } from './query-params.ts'
import type { XmlStructure } from './xml.ts'

/** The services that speak the Query protocol here. */
export type QueryService = 'iam' | 'sts'

/** An action of IAM or STS: a row of the table of its service. */
export type QueryAction = SignedAction | UnsignedAction

/** An action that asks for a signature, as all but one do. */
export interface SignedAction {
  readonly name: string
  readonly signed: true
  /** Whether it changes nothing, as CloudTrail tells it. */
  readonly readOnly: boolean
  readonly run: RunQuery<QueryCall>
}

/** AssumeRoleWithWebIdentity: its token is the proof. */
export interface UnsignedAction {
  readonly name: string
  readonly signed: false
  readonly readOnly: boolean
  readonly run: RunQuery<UnsignedQueryCall>
}

/**
 * Runs an action, or throws a QueryError. Answers the members of `<Action>Result`; undefined for an action that has no
 * such element, `{}` for one whose element is empty.
 */
export type RunQuery<AnyCall> = (
  params: QueryParams,
  call: AnyCall,
) => Promise<XmlStructure | undefined>

/** One call whose caller is not known by a signature. */
export interface UnsignedQueryCall {
  readonly requestId: string
  readonly eventId: string
  /** Milliseconds since 1970, read once. */
  readonly now: number
  /** The region of the credential scope; us-east-1, or the first one served, where there is none. */
  readonly region: string
  /** `aws`, `aws-cn`, ...: of the region. */
  readonly partition: string
  readonly http: {
    readonly sourceIp: string
    readonly userAgent: string | undefined
    readonly referer: string | undefined
    readonly secureTransport: boolean
  }
  readonly read: Reader
  readonly identities: IdentityDirectory
  /** Whatever else of the service an action stands on: root keys, limits, configuration. */
  readonly service: Service

  /**
   * Changes rows in one transaction, together with the event of the change: what `work` answers is the call's response.
   * `work` awaits nothing but its transaction.
   */
  write(
    work: (transaction: Writer) => Promise<XmlStructure | undefined>,
  ): Promise<XmlStructure | undefined>
  /** Says who made a call that has no signature, for the record. */
  identified(identity: UserIdentity, account: string): void
  /** Keeps a decision on the call for its explanation. */
  judged(judgement: Judgement): void
  /** Adds to the record: a resource that the call concerned, by its ARN and CloudTrail's type. */
  note(resource: { readonly arn: string; readonly accountId: string; readonly type: string }): void
  /** Has the event recorded for another account as well, whose resource the call has used with that account's consent. */
  share(account: string): void
}

/** One call by one principal. */
export interface QueryCall extends UnsignedQueryCall {
  readonly caller: Principal
  /** The caller's account. */
  readonly account: string
}
