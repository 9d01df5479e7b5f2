/**
 * Events of IAM and STS in CloudTrail's shape. What was asked and answered is recorded as it stood, but for secrets.
 */
import { eventLine, type EventFacts } from './event.ts'
import { jsonText } from './json-text.ts'

/** Members that never reach the record, wherever they occur. */
const SECRETS: ReadonlySet<string> = new Set([
  'SecretAccessKey',
  'SessionToken',
  'WebIdentityToken',
  'TokenCode',
])

/** A call of an action of IAM or STS that is over. */
export interface RecordedQuery {
  readonly service: 'iam' | 'sts'
  readonly readOnly: boolean
  /** The parameters that were read, by their names on the wire. */
  readonly request: object
  readonly response: object | undefined
  readonly error: { readonly code: string; readonly text: string | undefined } | undefined
  readonly resources: readonly {
    readonly arn: string
    readonly accountId: string
    readonly type: string
  }[]
}

/** The event, as one line of JSON. A call that only reads is recorded without what it answered. */
export function queryEventText(facts: EventFacts, call: RecordedQuery): string {
  const isKnown = /^[A-Za-z0-9]{1,64}$/.test(facts.operation)
  return eventLine(facts, {
    source: `${call.service}.amazonaws.com`,
    name: isKnown ? facts.operation : 'UnknownOperation',
    readOnly: call.readOnly,
    error: call.error,
    request: membersText(call.request),
    response: call.readOnly && call.service === 'iam' ? 'null' : membersText(call.response ?? {}),
    additional: '',
    resources: jsonText(
      call.resources.map(({ arn, accountId, type }) => ({ accountId, type, ARN: arn })),
    ).replaceAll('"aRN":', '"ARN":'),
  })
}

function membersText(members: object): string {
  return Object.keys(members).length === 0 ? 'null' : jsonText(withoutSecrets(members))
}

function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets)
  if (typeof value !== 'object' || value === null || value instanceof Map) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([member, item]: [string, unknown]) =>
      SECRETS.has(member) ? [] : [[member, withoutSecrets(item)]],
    ),
  )
}
