/**
 * Events in CloudTrail's shape. `eventText` runs in every call, so it writes the JSON itself from a plan made once
 * for each operation.
 */
import type { OperationName } from '../api/types.ts'
import { isoTime } from '../clock.ts'
import { jsonText, lowerCamel } from './json-text.ts'
import { type Recorded, recorded } from './recorded.ts'
import { identityText, type UserIdentity } from './user-identity.ts'

export type { UserIdentity } from './user-identity.ts'

/** What is known of a call before it runs. */
export interface EventFacts {
  readonly eventId: string
  readonly requestId: string
  /** Milliseconds since 1970. */
  readonly time: number
  /** As the caller named it; a name that is none of an operation's form is not repeated in the record. */
  readonly operation: string
  readonly region: string
  readonly sourceIp: string
  readonly userAgent: string | undefined
  readonly identity: UserIdentity
  readonly recipientAccountId: string
  /** The Host header; shown in tlsDetails. */
  readonly host: string | undefined
  /** Present when the call came over TLS. */
  readonly tls?: TlsFacts | undefined
  /** The same in both accounts' records of a cross-account call. */
  readonly sharedEventId?: string | undefined
}

/** The connection, as `TLSSocket` tells it. */
export interface TlsFacts {
  readonly version: string
  readonly cipher: string
  readonly keyExchange?: string | undefined
}

/** What the call found out as it ran; the steps of the pipeline add to it. */
export interface EventNotes {
  resources: { readonly arn: string; readonly accountId: string }[]
  /** For additionalEventData, by CloudTrail's names; only those that the operation's row allows are shown. */
  additional: Record<string, unknown>
  /** The resolved key: requestParameters.keyId of a Decrypt that named none, responseElements.keyId of changes. */
  keyArn: string | undefined
}

/** How it ended. */
export type Outcome =
  | { readonly response: object | undefined }
  | { readonly error: { readonly code: string; readonly text: string | undefined } }

/** A call that is over. */
export interface RecordedCall {
  /** The checked request; undefined when it could not be parsed. */
  readonly request: unknown
  readonly notes: EventNotes
  readonly outcome: Outcome
}

/** The event of a call, as one line of JSON. */
export function eventText(facts: EventFacts, call: RecordedCall): string {
  const { notes, outcome } = call
  const plan = plans.get(facts.operation) ?? UNKNOWN
  const failed = 'error' in outcome
  const response = failed ? undefined : outcome.response
  return eventLine(facts, {
    source: 'kms.amazonaws.com',
    name: plan === UNKNOWN ? eventName(facts.operation) : facts.operation,
    readOnly: plan.readOnly,
    error: failed ? outcome.error : undefined,
    request: requestText(plan, call),
    response: failed ? 'null' : responseText(plan, response, notes),
    additional: additionalText(plan, response, notes),
    resources: resourcesText(notes.resources),
  })
}

/** The parts of an event that depend on the service that was called; the last four are JSON already. */
export interface EventParts {
  readonly source: string
  /** Letters and digits alone. */
  readonly name: string
  readonly readOnly: boolean
  readonly error: { readonly code: string; readonly text: string | undefined } | undefined
  readonly request: string
  readonly response: string
  /** A member with a comma before it, or nothing. */
  readonly additional: string
  readonly resources: string
}

/** Writes an event. */
export function eventLine(facts: EventFacts, parts: EventParts): string {
  const { text: opening, recipient } = openingOf(facts, parts)
  return (
    opening +
    (parts.error === undefined ? '' : errorText(parts.error)) +
    `,"requestParameters":${parts.request},"responseElements":${parts.response}${parts.additional}` +
    // Ids are our own, and have nothing to escape.
    `,"requestID":"${facts.requestId}","eventID":"${facts.eventId}"` +
    `,"readOnly":${parts.readOnly},"resources":${parts.resources}` +
    `,"eventType":"AwsApiCall","managementEvent":true` +
    `,"recipientAccountId":${recipient}` +
    (facts.sharedEventId === undefined
      ? ''
      : `,"sharedEventID":${JSON.stringify(facts.sharedEventId)}`) +
    `,"eventCategory":"Management"${facts.tls === undefined ? '' : tlsText(facts.tls, facts.host)}}`
  )
}

/** What a caller's events begin with, and what it was made from. */
interface Opening {
  readonly facts: EventFacts
  readonly source: string
  readonly name: string
  readonly text: string
  /** The recipient account, as JSON. */
  readonly recipient: string
}

/** The newest opening of each caller: the calls of a client in one second have the same. */
const openings = new WeakMap<UserIdentity, Opening>()

function openingOf(facts: EventFacts, { source, name }: EventParts): Opening {
  const before = openings.get(facts.identity)
  if (before?.name === name && before.source === source && areAlike(before.facts, facts)) {
    return before
  }
  const text =
    `{"eventVersion":"1.11","userIdentity":${identityText(facts.identity)}` +
    `,"eventTime":"${isoTime(facts.time)}","eventSource":"${source}"` +
    `,"eventName":"${name}","awsRegion":${JSON.stringify(facts.region)}` +
    `,"sourceIPAddress":${JSON.stringify(facts.sourceIp)}` +
    (facts.userAgent === undefined ? '' : `,"userAgent":${limitedText(facts.userAgent)}`)
  const recipient = JSON.stringify(facts.recipientAccountId)
  const opening = { facts, source, name, text, recipient }
  openings.set(facts.identity, opening)
  return opening
}

/** Whether an opening of the one is good for the other; events know no fractions of a second. */
function areAlike(one: EventFacts, other: EventFacts): boolean {
  return (
    Math.floor(one.time / 1000) === Math.floor(other.time / 1000) &&
    one.region === other.region &&
    one.sourceIp === other.sourceIp &&
    one.userAgent === other.userAgent &&
    one.recipientAccountId === other.recipientAccountId
  )
}

function eventName(operation: string): string {
  return /^[A-Za-z0-9]{1,64}$/.test(operation) ? operation : 'UnknownOperation'
}

function errorText(error: { readonly code: string; readonly text: string | undefined }): string {
  const code = error.code === 'AccessDeniedException' ? 'AccessDenied' : error.code
  const message = error.text === undefined ? '' : `,"errorMessage":${limitedText(error.text)}`
  return `,"errorCode":${JSON.stringify(code)}${message}`
}

function requestText(plan: Plan, { request, notes }: RecordedCall): string {
  if (typeof request !== 'object' || request === null) return 'null'
  const values = request as Readonly<Record<string, unknown>>
  let text = ''
  for (const { member, label, missing } of plan.request) {
    const value = values[member] ?? (missing === KEY_ARN ? notes.keyArn : missing)
    if (value !== undefined) text += `${text === '' ? '{' : ','}${label}${jsonText(value, member)}`
  }
  return text === '' ? 'null' : `${text}}`
}

function responseText(plan: Plan, response: object | undefined, notes: EventNotes): string {
  const values = (response ?? {}) as Readonly<Record<string, unknown>>
  let text = ''
  for (const { member, label } of plan.response) {
    const value = member === KEY_ARN ? notes.keyArn : values[member]
    if (value !== undefined) text += `${text === '' ? '{' : ','}${label}${jsonText(value, member)}`
  }
  return text === '' ? 'null' : `${text}}`
}

/** Key-material ids stand in some responses already; the notes add what does not. */
function additionalText(plan: Plan, response: object | undefined, notes: EventNotes): string {
  const values = (response ?? {}) as Readonly<Record<string, unknown>>
  let text = ''
  for (const { member, name, label } of plan.additional) {
    const value = notes.additional[name] ?? values[member]
    if (value !== undefined) text += `${text === '' ? '{' : ','}${label}${jsonText(value, member)}`
  }
  return text === '' ? '' : `,"additionalEventData":${text}}`
}

function resourcesText(resources: EventNotes['resources']): string {
  let text = '['
  for (const resource of resources) text += `${text === '[' ? '' : ','}${resourceText(resource)}`
  return `${text}]`
}

/** A caller that names a key by the same object from call to call pays for it once. */
function resourceText(resource: EventNotes['resources'][number]): string {
  const known = resourceTexts.get(resource)
  if (known !== undefined) return known
  const { arn, accountId } = resource
  const text = `{"accountId":${JSON.stringify(accountId)},"type":"AWS::KMS::Key","ARN":${JSON.stringify(arn)}}`
  resourceTexts.set(resource, text)
  return text
}

const resourceTexts = new WeakMap<EventNotes['resources'][number], string>()

function tlsText(tls: TlsFacts, host: string | undefined): string {
  const details = {
    tlsVersion: tls.version,
    cipherSuite: tls.cipher,
    clientProvidedHostHeader: host?.slice(0, TEXT_LIMIT),
    keyExchange: tls.keyExchange,
  }
  return `,"tlsDetails":${JSON.stringify(details)}`
}

function limitedText(text: string): string {
  return JSON.stringify(text.length > TEXT_LIMIT ? text.slice(0, TEXT_LIMIT) : text)
}

interface PlannedMember {
  readonly member: string
  readonly name: string
  /** `"keyId":` */
  readonly label: string
  /** Shown when the request has no such member. */
  readonly missing: string | undefined
}

interface Plan {
  readonly readOnly: boolean
  readonly request: readonly PlannedMember[]
  readonly response: readonly PlannedMember[]
  readonly additional: readonly PlannedMember[]
}

function planned(member: string, missing?: string): PlannedMember {
  const name = RENAMED[member] ?? lowerCamel(member)
  return { member, name, label: `${JSON.stringify(name)}:`, missing }
}

function planOf(operation: string, row: Recorded<OperationName>): Plan {
  return {
    readOnly: row.readOnly,
    request: row.request.map((member: string) =>
      planned(member, operation === 'Decrypt' && member === 'KeyId' ? KEY_ARN : MISSING[member]),
    ),
    response: row.response.map((member: string) => planned(member)),
    // An additional name is a response member with a small first letter, if the response has it at all.
    additional: row.additional.map((name) => planned(name.charAt(0).toUpperCase() + name.slice(1))),
  }
}

const TEXT_LIMIT = 1024
/** Not a member's name, so that no request can stand in for the resolved key. */
const KEY_ARN = 'keyArn'
const RENAMED: Readonly<Record<string, string>> = {
  keyArn: 'keyId',
  CloudHsmClusterId: 'clusterId',
}
/** AWS records the algorithm that was used, also when the request left it to the default. */
const MISSING: Readonly<Record<string, string>> = {
  EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
  SourceEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
  DestinationEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
}
const UNKNOWN: Plan = { readOnly: false, request: [], response: [], additional: [] }
const plans: ReadonlyMap<string, Plan> = new Map(
  Object.entries(recorded).map(([name, row]) => [
    name,
    planOf(name, row as Recorded<OperationName>),
  ]),
)
