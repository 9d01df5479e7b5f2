/**
 * One call by one principal, from the moment its signature is verified until its answer may leave. It hands an operation
 * everything it may touch, and keeps the record of what the operation did.
 */
import { type Asked, authorizeAccount, authorizeAlias } from './access/authorize.ts'
import { conditionsOf, noConditions } from './access/condition-keys.ts'
import { type FoundGrant, findGrantToRetire } from './access/find-grant.ts'
import { authorizeThere, findAgain } from './access/in-transaction.ts'
import { keeperOf } from './access/keeper.ts'
import { cutPage, readPage } from './access/markers.ts'
import {
  type Door,
  findKey,
  findOwnKey,
  isKey,
  useCiphertextKey,
  useKey,
} from './access/use-key.ts'
import type { Scope } from './api/arn.ts'
import { type KmsError, tooManyRequests } from './api/errors.ts'
import type { OperationName, Request, Tag } from './api/types.ts'
import type { TlsFacts } from './audit/event.ts'
import { CallRecord } from './call-record.ts'
import type { WorkPool } from './crypto/work.ts'
import type { Reader, Writer } from './database/database.ts'
import { countsAsUse } from './keys/last-usage.ts'
import type { KeyUse } from './database/usage.ts'
import type { UsableKey } from './access/use-key.ts'
import type { ContextValues, RequestFacts } from './policies/context-values.ts'
import type { Keeper } from './policies/lockout.ts'
import type { GrantReference } from './grants/grant.ts'
import type { GrantDirectory } from './grants/grant-directory.ts'
import type { Principal } from './identities/principal.ts'
import type { ImportParameters } from './key-stores/import-parameters.ts'
import type { KeyStore } from './key-stores/key-store.ts'
import type { Key } from './keys/key.ts'
import type {
  AccountQuestion,
  Action,
  Call,
  CiphertextUse,
  CutPage,
  EventElsewhere,
  KeyLook,
  KeyUseRequest,
  Limits,
  ListName,
  ListRequest,
  Note,
  Page,
} from './operation.ts'
import type { Service } from './service.ts'
import type { Soon } from './soon.ts'

/** What the server knows of a call before it runs. */
export interface Arrival extends RequestFacts {
  readonly requestId: string
  readonly caller: Principal
  readonly host: string | undefined
  /** How the connection is encrypted; undefined when it is not. */
  readonly tls?: TlsFacts | undefined
}

/** A call under way. */
export class ServedCall implements Call {
  readonly scope: Scope
  readonly #service: Service
  readonly #arrival: Arrival
  /** Its members are values: a getter would give each call's door a shape of its own, which no engine can be quick with. */
  readonly #door: Door & { conditions: ContextValues }
  readonly #record: CallRecord
  readonly #used: Key[] = []

  constructor(service: Service, arrival: Arrival) {
    this.scope = { account: arrival.caller.account, region: arrival.region }
    this.#service = service
    this.#arrival = arrival
    this.#record = new CallRecord(service, arrival)
    this.#door = {
      caller: arrival.caller,
      scope: this.scope,
      request: arrival,
      directory: service.directory,
      grants: service.grants,
      keyStore: service.keyStore,
      conditions: noConditions,
      judged: (judgement) => {
        this.#record.judged(judgement)
      },
      found: (key) => {
        this.#record.found(key)
      },
      used: (key) => {
        this.#used.push(key)
      },
    }
  }

  get eventId(): string {
    return this.#record.eventId
  }
  get requestId(): string {
    return this.#arrival.requestId
  }
  get caller(): Principal {
    return this.#arrival.caller
  }
  get now(): number {
    return this.#arrival.now
  }
  get read(): Reader {
    return this.#service.database.read
  }
  get keyStore(): KeyStore {
    return this.#service.keyStore
  }
  get importParameters(): ImportParameters {
    return this.#service.importParameters
  }
  get pool(): WorkPool {
    return this.#service.pool
  }
  get regions(): ReadonlySet<string> {
    return this.#service.regions
  }
  get grants(): GrantDirectory {
    return this.#service.grants
  }
  get limits(): Limits {
    return this.#service.limits
  }

  /** Names the operation in the record, as the caller spelt it, before anything else of the request is understood. */
  named(operation: string): void {
    this.#record.named(operation)
  }

  /** Takes the request from its account's quotas. It costs what it costs, also when it turns out to make no sense. */
  charge(name: OperationName, document: unknown): void {
    const { throttle } = this.#service
    if (!throttle.takeKms(this.scope, name, document)) throw tooManyRequests()
  }

  /** The checked request, for the record and for the condition keys that its members are. */
  asked<Name extends OperationName>(name: Name, request: Request<Name>): void {
    this.#record.asked(request)
    this.#door.conditions = conditionsOf(name, request)
  }

  useKey(keyId: string, use: KeyUseRequest): Soon<UsableKey> {
    return useKey(this.#door, keyId, use)
  }

  useCiphertextKey(use: CiphertextUse): Soon<UsableKey> {
    return useCiphertextKey(this.#door, use)
  }

  findGrantToRetire(reference: GrantReference): Promise<FoundGrant> {
    return findGrantToRetire(this.#door, reference)
  }

  async findKey(keyId: string, look: KeyLook): Promise<Key> {
    return (await findKey(this.#door, keyId, look)).key
  }

  findOwnKey(keyId: string, action: Action): Promise<Key> {
    return findOwnKey(this.#door, keyId, action)
  }

  isKey(keyId: string, key: Key): Promise<boolean> {
    return isKey(this.#door, keyId, key)
  }

  async changeKey<Result>(
    keyId: string,
    look: KeyLook,
    work: (transaction: Writer, key: Key) => Promise<Result>,
  ): Promise<Result> {
    const found = await findKey(this.#door, keyId, look)
    return this.write(async (transaction) =>
      work(transaction, await findAgain(this.#door, found, { look, transaction })),
    )
  }

  authorize(action: Action, about: AccountQuestion = {}): void {
    const request = { ...this.#door.request, region: about.region ?? this.scope.region }
    authorizeAccount({ ...this.#door, request }, this.#asked(action), about)
  }

  authorizeAlias(action: Action, name: string): void {
    authorizeAlias(this.#door, this.#asked(action), name)
  }

  authorizeKey(action: Action, key: Key, transaction: Reader): Promise<void> {
    // A related key is asked about in its own region.
    const request = { ...this.#door.request, region: key.region }
    return authorizeThere({ ...this.#door, request }, this.#asked(action), { key, transaction })
  }

  keeperOf(key: Key, tags?: readonly Tag[]): Promise<Keeper> {
    return keeperOf(this.#door, key, tags)
  }

  write<Result>(work: (transaction: Writer) => Promise<Result>): Promise<Result> {
    return this.writeQuietly((transaction) =>
      this.#record.commit(transaction, () => work(transaction)),
    )
  }

  recordThere(transaction: Writer, event: EventElsewhere): Promise<void> {
    return this.#record.recordThere(transaction, event)
  }

  writeQuietly<Result>(work: (transaction: Writer) => Promise<Result>): Promise<Result> {
    this.#service.audit.requireWritable()
    return this.#service.database.write(work)
  }

  purge(): Promise<void> {
    return this.#service.database.purge()
  }

  lastUse(key: Key): Promise<KeyUse | undefined> {
    return this.#service.lastUsage.find(key)
  }

  note(note: Note): void {
    this.#record.note(note)
  }

  page(request: ListRequest, list: ListName): Page {
    return readPage(request, list, { scope: this.scope, keys: this.#service.root.markers })
  }

  cut<Row>(
    rows: readonly Row[],
    page: Page,
    list: ListName & { readonly position: (row: Row) => string },
  ): CutPage<Row> {
    return cutPage({ rows, page }, list, { scope: this.scope, keys: this.#service.root.markers })
  }

  /** Records that the call succeeded. When this resolves, the answer may leave. */
  succeeded(name: OperationName, response: object | undefined): Promise<void> {
    if (countsAsUse(name)) this.#noteUses(name)
    return this.#record.succeeded(response)
  }

  /** Records that the call failed. When this resolves, the answer may leave. */
  failed(error: KmsError): Promise<void> {
    return this.#record.failed(error)
  }

  #asked(action: Action): Asked {
    return { action, conditions: this.#door.conditions }
  }

  #noteUses(operation: OperationName): void {
    for (const key of this.#used) {
      this.#service.lastUsage.note({
        region: key.region,
        keyId: key.id,
        operation,
        usedAt: this.now,
        eventId: this.eventId,
        requestId: this.requestId,
      })
    }
  }
}
