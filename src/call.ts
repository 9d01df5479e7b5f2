/**
 * One call by one principal, from the moment its signature is verified until its answer may leave. It hands an operation
 * everything it may touch, and keeps the record of what the operation did.
 */
import { authorize } from './access/authorize.ts'
import { cutPage, readPage } from './access/markers.ts'
import { type FoundGrant, findGrantToRetire } from './access/find-grant.ts'
import { checkLook, type Door, findKey, useCiphertextKey, useKey } from './access/use-key.ts'
import type { Scope } from './api/arn.ts'
import type { KmsError } from './api/errors.ts'
import type { OperationName } from './api/types.ts'
import type { EventFacts, EventNotes, Outcome } from './audit/event.ts'
import { eventText } from './audit/event.ts'
import { noSuchKey } from './access/find-key.ts'
import { uuid } from './crypto/random.ts'
import type { WorkPool } from './crypto/work.ts'
import { putEvent } from './database/audit.ts'
import type { Reader, Writer } from './database/database.ts'
import { findKey as findKeyRow } from './database/keys.ts'
import type { KeyUse } from './database/usage.ts'
import type { UsableKey } from './access/use-key.ts'
import type { GrantReference } from './grants/grant.ts'
import type { GrantDirectory } from './grants/grant-directory.ts'
import type { Principal } from './identities/principal.ts'
import type { ImportParameters } from './key-stores/import-parameters.ts'
import type { KeyStore } from './key-stores/key-store.ts'
import { type Key, keyAt } from './keys/key.ts'
import type {
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

/** What the server knows of a call before it runs. */
export interface Arrival {
  readonly requestId: string
  readonly now: number
  readonly caller: Principal
  readonly region: string
  readonly sourceIp: string
  readonly userAgent: string | undefined
  readonly host: string | undefined
}

/** The successful cryptographic operations that count as the use of a key. */
const usages: ReadonlySet<string> = new Set([
  'Decrypt',
  'DeriveSharedSecret',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
  'GenerateDataKeyWithoutPlaintext',
  'GenerateMac',
  'ReEncrypt',
  'Sign',
  'Verify',
  'VerifyMac',
])

/** A call under way. */
export class ServedCall implements Call {
  readonly eventId: string
  readonly scope: Scope
  readonly #service: Service
  readonly #arrival: Arrival
  readonly #door: Door
  readonly #notes: EventNotes = { resources: [], additional: {}, keyArn: undefined }
  readonly #used: Key[] = []
  #operation = 'UnknownOperation'
  #request: unknown
  /** The event of a change, once it has been put into the change's transaction. */
  #committed: string | undefined
  /** Events of the same change in other regions. */
  readonly #elsewhere: { readonly eventId: string; readonly text: string }[] = []

  constructor(service: Service, arrival: Arrival) {
    this.eventId = uuid()
    this.scope = { account: arrival.caller.account, region: arrival.region }
    this.#service = service
    this.#arrival = arrival
    this.#door = {
      caller: arrival.caller,
      scope: this.scope,
      directory: service.directory,
      grants: service.grants,
      keyStore: service.keyStore,
      found: (key) => {
        const { resources } = this.#notes
        // An operation may look a key up twice, to check and to change it.
        if (resources.every(({ arn }) => arn !== key.arn)) {
          resources.push({ arn: key.arn, accountId: key.account })
        }
        this.#notes.keyArn ??= key.arn
      },
    }
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
    this.#operation = operation
  }

  /** The checked request, for the record. */
  asked(request: unknown): void {
    this.#request = request
  }

  async useKey(keyId: string, use: KeyUseRequest): Promise<UsableKey> {
    return this.#use(await useKey(this.#door, keyId, use))
  }

  async useCiphertextKey(use: CiphertextUse): Promise<UsableKey> {
    return this.#use(await useCiphertextKey(this.#door, use))
  }

  findGrantToRetire(reference: GrantReference): Promise<FoundGrant> {
    return findGrantToRetire(this.#door, reference)
  }

  findKey(keyId: string, look: KeyLook): Promise<Key> {
    return findKey(this.#door, keyId, look)
  }

  async changeKey<Result>(
    keyId: string,
    look: KeyLook,
    work: (transaction: Writer, key: Key) => Promise<Result>,
  ): Promise<Result> {
    const found = await findKey(this.#door, keyId, look)
    return this.write(async (transaction) => {
      const row = await findKeyRow(transaction, found.region, found.id)
      if (row === undefined) throw noSuchKey(found.arn)
      const key = keyAt(row, this.now)
      authorize(this.caller, { action: look.action, resource: key })
      checkLook(key, look)
      return work(transaction, key)
    })
  }

  authorize(action: Action, key?: Key): void {
    authorize(this.caller, key === undefined ? { action } : { action, resource: key })
  }

  write<Result>(work: (transaction: Writer) => Promise<Result>): Promise<Result> {
    this.#service.audit.requireWritable()
    return this.#service.database.write(async (transaction) => {
      // A transaction that lost against others is run again.
      this.#elsewhere.length = 0
      const response = await work(transaction)
      const text = this.#event({ response: response as object | undefined })
      await putEvent(transaction, { eventId: this.eventId, time: this.now, text })
      this.#committed = text
      return response
    })
  }

  async recordThere(transaction: Writer, { key, ...event }: EventElsewhere): Promise<void> {
    const eventId = uuid()
    const facts = { ...this.#facts(), operation: event.operation, region: key.region, eventId }
    const resources = [{ arn: key.arn, accountId: key.account }]
    const text = eventText(facts, {
      request: event.request,
      notes: { resources, additional: {}, keyArn: key.arn },
      outcome: { response: event.response },
    })
    await putEvent(transaction, { eventId, time: this.now, text })
    this.#elsewhere.push({ eventId, text })
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
    if (note.key !== undefined) this.#door.found(note.key)
    if (note.resource !== undefined) this.#notes.resources.push(note.resource)
    if (note.keyMaterialId !== undefined) {
      this.#notes.additional['keyMaterialId'] = note.keyMaterialId
    }
    if (note.grantId !== undefined) this.#notes.additional['grantId'] = note.grantId
  }

  page(request: ListRequest, list: ListName): Page {
    return readPage(request, list, { scope: this.scope, key: this.#service.root.markers })
  }

  cut<Row>(
    rows: readonly Row[],
    page: Page,
    list: ListName & { readonly position: (row: Row) => string },
  ): CutPage<Row> {
    return cutPage({ rows, page }, list, { scope: this.scope, key: this.#service.root.markers })
  }

  /** Records that the call succeeded. When this resolves, the answer may leave. */
  async succeeded(name: OperationName, response: object | undefined): Promise<void> {
    if (usages.has(name)) this.#noteUses(name)
    if (this.#committed === undefined) {
      await this.#append(this.#event({ response }), false)
      return
    }
    // The event stands in the database already: a file that cannot be written holds nothing back.
    await this.#append(this.#committed, true).catch(this.#service.report)
    for (const event of this.#elsewhere) {
      await this.#service.audit.append({ ...event, change: true }).catch(this.#service.report)
    }
  }

  /** Records that the call failed. When this resolves, the answer may leave. */
  async failed(error: KmsError): Promise<void> {
    await this.#append(this.#event({ error }), false)
  }

  #use(key: UsableKey): UsableKey {
    this.#used.push(key.key)
    return key
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

  #append(text: string, change: boolean): Promise<void> {
    return this.#service.audit.append({ eventId: this.eventId, text, change })
  }

  #event(outcome: Outcome): string {
    return eventText(this.#facts(), { request: this.#request, notes: this.#notes, outcome })
  }

  #facts(): EventFacts {
    return {
      eventId: this.eventId,
      requestId: this.requestId,
      time: this.now,
      operation: this.#operation,
      region: this.scope.region,
      sourceIp: this.#arrival.sourceIp,
      userAgent: this.#arrival.userAgent,
      identity: this.caller.identity,
      recipientAccountId: this.caller.account,
      host: this.#arrival.host,
    }
  }
}
