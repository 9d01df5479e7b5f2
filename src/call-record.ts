/**
 * What the record will say of a call: its events, gathered while it runs, and appended before its answer leaves. The events
 * of a change commit with the change.
 */
import type { Judgement } from './access/authorize.ts'
import type { KmsError } from './api/errors.ts'
import { type EventFacts, type EventNotes, eventText, type Outcome } from './audit/event.ts'
import type { Arrival } from './call.ts'
import { uuid } from './crypto/random.ts'
import { putEvent } from './database/audit.ts'
import type { Writer } from './database/database.ts'
import type { Key } from './keys/key.ts'
import type { EventElsewhere, Note } from './operation.ts'
import type { Service } from './service.ts'

/** An event and its id. */
interface StoredEvent {
  readonly eventId: string
  readonly text: string
}

const none: readonly string[] = []

/** A key as a resource: one object as long as the view holds the key, so that its text is made once. */
function resourceOf(key: Key): EventNotes['resources'][number] {
  const known = resources.get(key)
  if (known !== undefined) return known
  const resource = { arn: key.arn, accountId: key.account }
  resources.set(key, resource)
  return resource
}

const resources = new WeakMap<Key, EventNotes['resources'][number]>()

/** The record of a call under way. */
export class CallRecord {
  readonly eventId = uuid()
  readonly #service: Service
  readonly #arrival: Arrival
  readonly #notes: EventNotes = { resources: [], additional: {}, keyArn: undefined }
  readonly #judgements: Judgement[] = []
  #operation = 'UnknownOperation'
  #request: unknown
  /** The events of a change, once they have been put into the change's transaction. */
  #committed: readonly StoredEvent[] | undefined
  /** Events of the same change in other regions. */
  #elsewhere: readonly StoredEvent[] = []

  constructor(service: Service, arrival: Arrival) {
    this.#service = service
    this.#arrival = arrival
  }

  /** Names the operation, as the caller spelt it. */
  named(operation: string): void {
    this.#operation = operation
  }

  /** The checked request. */
  asked(request: unknown): void {
    this.#request = request
  }

  /** A decision on the call, for its explanation. */
  judged(judgement: Judgement): void {
    this.#judgements.push(judgement)
  }

  /** A key that the call concerns, once the caller may. An operation may look it up twice, to check and to change it. */
  found(key: Key): void {
    const { resources } = this.#notes
    if (resources.every(({ arn }) => arn !== key.arn)) {
      resources.push(resourceOf(key))
    }
    this.#notes.keyArn ??= key.arn
  }

  /** Adds what an operation has to say. */
  note({ key, resource, keyMaterialId, grantId }: Note): void {
    const { additional, resources } = this.#notes
    if (key !== undefined) this.found(key)
    if (resource !== undefined) resources.push(resource)
    if (keyMaterialId !== undefined) additional['keyMaterialId'] = keyMaterialId
    if (grantId !== undefined) additional['grantId'] = grantId
  }

  /** Makes a change inside of its transaction, and puts its events there: `work` answers the call's response. */
  async commit<Result>(transaction: Writer, work: () => Promise<Result>): Promise<Result> {
    this.#elsewhere = []
    const response = await work()
    this.#committed = this.#events({ response: response as object | undefined })
    for (const event of this.#committed) await this.#put(transaction, event)
    return response
  }

  /** Puts an event in another region into the transaction. */
  async recordThere(transaction: Writer, { key, ...event }: EventElsewhere): Promise<void> {
    const eventId = uuid()
    const facts = { ...this.#facts(), operation: event.operation, region: key.region, eventId }
    const resources = [{ arn: key.arn, accountId: key.account }]
    const text = eventText(facts, {
      request: event.request,
      notes: { resources, additional: {}, keyArn: key.arn },
      outcome: { response: event.response },
    })
    await this.#put(transaction, { eventId, text })
    this.#elsewhere = [...this.#elsewhere, { eventId, text }]
  }

  /** The call succeeded. When this resolves, the answer may leave. */
  succeeded(response: object | undefined): Promise<void> {
    this.#keepDecisions()
    if (this.#committed === undefined) return this.#append(this.#events({ response }), false)
    // The events stand in the database already: a file that cannot be written holds nothing back.
    const committed = [...this.#committed, ...this.#elsewhere]
    return this.#append(committed, true).catch(this.#service.report)
  }

  /** The call failed. When this resolves, the answer may leave. */
  failed(error: KmsError): Promise<void> {
    this.#keepDecisions()
    return this.#append(this.#events({ error }), false)
  }

  #keepDecisions(): void {
    const { requestId, now: time, region, caller } = this.#arrival
    const { identity } = caller
    const operation = this.#operation
    const judgements = this.#judgements
    this.#service.decisions.keep({ requestId, time, operation, region, identity, judgements })
  }

  #put(transaction: Writer, event: StoredEvent): Promise<void> {
    return putEvent(transaction, { ...event, time: this.#arrival.now })
  }

  #append(events: readonly StoredEvent[], change: boolean): Promise<void> {
    const { audit } = this.#service
    const [only] = events
    if (only !== undefined && events.length === 1) {
      return audit.append({ eventId: only.eventId, text: only.text, change })
    }
    const appended = events.map(({ eventId, text }) => audit.append({ eventId, text, change }))
    return Promise.all(appended).then(() => undefined)
  }

  /** The call's event, and another one for each other account whose resource it used: they share an id. */
  #events(outcome: Outcome): readonly StoredEvent[] {
    const call = { request: this.#request, notes: this.#notes, outcome }
    const owners = this.#otherOwners(outcome)
    const facts = this.#facts()
    if (owners.length === 0) return [{ eventId: this.eventId, text: eventText(facts, call) }]
    const shared = { ...facts, sharedEventId: uuid() }
    const { principalId, account: accountId } = this.#arrival.caller
    const identity = { type: 'AWSAccount', principalId, accountId } as const
    const theirs = owners.map((owner) => {
      const eventId = uuid()
      const seen = { ...shared, eventId, identity, recipientAccountId: owner }
      return { eventId, text: eventText(seen, call) }
    })
    return [{ eventId: this.eventId, text: eventText(shared, call) }, ...theirs]
  }

  /** A refusal stands in the caller's record alone: to the other account nothing has happened. */
  #otherOwners(outcome: Outcome): readonly string[] {
    if ('error' in outcome && outcome.error.code === 'AccessDeniedException') return []
    const { account } = this.#arrival.caller
    if (this.#notes.resources.every(({ accountId }) => accountId === account)) return none
    const owners = this.#notes.resources.map(({ accountId }) => accountId)
    return [...new Set(owners)].filter((owner) => owner !== account)
  }

  #facts(): EventFacts {
    const { caller, requestId, now, region, sourceIp, userAgent, host, tls } = this.#arrival
    return {
      eventId: this.eventId,
      requestId,
      time: now,
      operation: this.#operation,
      region,
      sourceIp,
      userAgent,
      identity: caller.identity,
      recipientAccountId: caller.account,
      host,
      tls,
    }
  }
}
