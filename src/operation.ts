/**
 * What an operation is, and what a call gives it. Types only.
 */
import type { Scope } from './api/arn.ts'
import type {
  EncryptionContext,
  KeyState,
  OperationName,
  Request,
  Response,
  Tag,
} from './api/types.ts'
import type { GrantCandidate } from './access/decide.ts'
import type { FoundGrant } from './access/find-grant.ts'
import type { DescribedKey } from './access/key-facts.ts'
import type { UsableKey } from './access/use-key.ts'
import type { WorkPool } from './crypto/work.ts'
import type { Reader, Writer } from './database/database.ts'
import type { KeyUse } from './database/usage.ts'
import type { BlobHeader } from './encryption/ciphertext-blob.ts'
import type { GrantReference } from './grants/grant.ts'
import type { GrantDirectory } from './grants/grant-directory.ts'
import type { Principal } from './identities/principal.ts'
import type { ImportParameters } from './key-stores/import-parameters.ts'
import type { KeyStore } from './key-stores/key-store.ts'
import type { Key } from './keys/key.ts'
import type { Soon } from './soon.ts'
import type { ContextValues } from './policies/context-values.ts'
import type { Keeper } from './policies/lockout.ts'

/**
 * One operation of the API: a checked request in, AWS's response out, or a KmsError thrown. Those that are called most
 * answer from memory at once.
 */
export type Operation<Name extends OperationName> = (
  request: Request<Name>,
  call: Call,
) => Soon<Response<Name>>

/** Something that may be done, as policies spell it. */
export type Action = `kms:${string}`

/** Condition keys that an operation has to look up before it is known whether the caller may. */
export type KeyConditions = (key: Key) => Promise<ContextValues>

/** One step of an operation's ordered checks on a key; it throws AWS's error or lets the key pass. */
export type KeyCheck = (key: Key, use: KeyUseRequest) => void

/** What an operation wants to do with a key's material. */
export interface KeyUseRequest {
  readonly action: Action
  /** The operation's name as it stands in `... is not valid for <operation>.` */
  readonly operation: string
  readonly usage: Key['usage']
  readonly algorithm?: string | undefined
  readonly encryptionContext?: EncryptionContext | undefined
  readonly grantTokens?: readonly string[] | undefined
  readonly dryRun?: boolean | undefined
  readonly conditions?: KeyConditions
  /** The checks in this operation's order; usage, state, algorithm when left out. */
  readonly checks?: readonly KeyCheck[]
}

/** A use of the key that a ciphertext names. */
export interface CiphertextUse extends KeyUseRequest {
  /** The key id of the request, if it named one. */
  readonly keyId: string | undefined
  /** The blob's header; undefined when it is no blob at all. */
  readonly header: BlobHeader | undefined
}

/** What an operation wants to know or change of a key's description. */
export interface KeyLook {
  readonly action: Action
  /** Whether `alias/...` may name the key; most operations on a description take ids and ARNs alone. */
  readonly aliases?: boolean
  readonly grantTokens?: readonly string[] | undefined
  readonly conditions?: KeyConditions
  /** The pairs that a grant which is to be made asks for. */
  readonly encryptionContext?: EncryptionContext | undefined
  /** What CreateGrant would create: no more than what a grant that permits it confers. */
  readonly newGrant?: Pick<GrantCandidate, 'operations' | 'constraints'>
  /** Key states in which the operation is refused. */
  readonly refused?: readonly KeyState[]
  /** What else the operation asks of the key, in its own order; after `refused`. */
  readonly check?: (key: Key) => void
}

/** A page of a list: where to go on and how much to give. */
export interface Page {
  /** The position behind which the page begins; the empty string is the beginning. */
  readonly after: string
  /** One more than the caller wants, so that one row too many says that there is a next page. */
  readonly limit: number
}

/** One call by one principal: everything that an operation may touch. */
export interface Call {
  readonly requestId: string
  readonly eventId: string
  readonly caller: Principal
  /** The caller's account and the region of the call. */
  readonly scope: Scope
  /** Milliseconds since 1970, read once. */
  readonly now: number
  readonly read: Reader
  readonly keyStore: KeyStore
  readonly importParameters: ImportParameters
  /** Threads for what takes long. */
  readonly pool: WorkPool
  readonly grants: GrantDirectory
  readonly limits: Limits
  /** The regions that this service serves. */
  readonly regions: ReadonlySet<string>

  /** The only door to a key's material: find, may they?, the ordered checks, dry run. */
  useKey(keyId: string, use: KeyUseRequest): Soon<UsableKey>
  /** The same for the key that a ciphertext names, whether or not the request names one too. */
  useCiphertextKey(use: CiphertextUse): Soon<UsableKey>
  /** The grant that RetireGrant names, once the caller may retire it. */
  findGrantToRetire(reference: GrantReference): Promise<FoundGrant>
  /** A key's description, as plain data without any ability. */
  findKey(keyId: string, look: KeyLook): Promise<Key>
  /**
   * Changes a key's row: finds, authorizes and checks it first, then again inside the transaction, so that the change is
   * made to what the checks saw. The event of the change commits with it.
   */
  changeKey<Result>(
    keyId: string,
    look: KeyLook,
    work: (transaction: Writer, key: Key) => Promise<Result>,
  ): Promise<Result>
  /** Asks whether the caller may do what concerns no resource that is there. Throws AccessDeniedException. */
  authorize(action: Action, about?: AccountQuestion): void
  /** Asks whether the caller may do it with an alias of the call's account and region. Throws AccessDeniedException. */
  authorizeAlias(action: Action, name: string): void
  /** Asks whether the caller may do it with a key that is at hand in a transaction. Throws AccessDeniedException. */
  authorizeKey(action: Action, key: Key, reader: Reader): Promise<void>
  /** A key of the caller's own account for which the right to the account is enough. */
  findOwnKey(keyId: string, action: Action): Promise<Key>
  /** Whether a member of the request names this key, one way or another. */
  isKey(keyId: string, key: Key): Promise<boolean>
  /** The caller as the one who has to be able to change a key's policy afterwards; `tags` of a key that is to be made. */
  keeperOf(key: Key, tags?: readonly Tag[]): Promise<Keeper>
  /** Changes rows that the call's response does not tell of; no event of a change is made. */
  writeQuietly<Result>(work: (transaction: Writer) => Promise<Result>): Promise<Result>
  /** Changes rows in one transaction, together with the event of the change: what `work` answers is the call's response. */
  write<Result>(work: (transaction: Writer) => Promise<Result>): Promise<Result>

  /** Records, inside `write`, what the call does in another region: an event of its own that commits with the change. */
  recordThere(transaction: Writer, event: EventElsewhere): Promise<void>

  /** Overwrites the bytes of deleted key material in the database's files. */
  purge(): Promise<void>
  /** The last use of a key, also when it is not written down yet. */
  lastUse(key: Key): Promise<KeyUse | undefined>
  /** Adds to the record of the call. */
  note(note: Note): void

  /** Reads Limit and Marker; throws InvalidMarkerException for a marker that this list did not give. */
  page(request: ListRequest, list: ListName): Page
  /** Cuts the row too many off and makes the marker of the next page. */
  cut<Row>(
    rows: readonly Row[],
    page: Page,
    list: ListName & { readonly position: (row: Row) => string },
  ): CutPage<Row>
}

/** What an action that concerns no resource is about. */
export interface AccountQuestion {
  /** The region that it is about, if it is not the call's. */
  readonly region?: string
  /** A key that is to be made. */
  readonly key?: DescribedKey
  /** The ARN of the principal that it is about, which a policy of the caller's own may name. */
  readonly principal?: string | undefined
}

/** What can be added to the record of a call. */
export interface Note {
  /** A key that the call concerned and that did not come through the door. */
  readonly key?: Key
  /** A resource that the call concerned and that is no key: the door notes keys. */
  readonly resource?: { readonly arn: string; readonly accountId: string }
  /** The material that was used, where the response does not name it. */
  readonly keyMaterialId?: string | undefined
  /** The grant of a RetireGrant, whose request may name it by its token alone. */
  readonly grantId?: string
}

/** An event in the region of a related key, under the request id of the call. */
export interface EventElsewhere {
  readonly key: Key
  readonly operation: OperationName
  readonly request: object
  readonly response?: object
}

/** The paging members that every list request has. */
export interface ListRequest {
  readonly Limit?: number | undefined
  readonly Marker?: string | undefined
}

/** A list: the operation, how long its pages are when nobody says, and what it is filtered by. */
export interface ListName {
  readonly operation: OperationName
  readonly defaultLimit: number
  readonly filter?: string
}

/** A page's rows, and the members that every list response has. */
export interface CutPage<Row> {
  readonly rows: readonly Row[]
  readonly paging: { readonly NextMarker?: string; readonly Truncated: boolean }
}

/** Resource quotas (Developer Guide, "Resource quotas"), by account and region. */
export interface Limits {
  readonly keys: number
  readonly aliasesPerKey: number
  readonly grantsPerKey: number
}
