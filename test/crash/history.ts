/**
 * What clients of several nodes were told, and whether it can all be true. Every call has the time when it began and when
 * its answer came, by the one clock of the process that tests; a call may take effect anywhere between the two. From each
 * we read which switches of its key it turned, and which it saw: a switch is seen as it was left by some change that could
 * still hold, or the history is refused. Nothing here starts, waits or asks: it is tried on histories that must fail.
 */

/** What a client called. */
export type Operation =
  | 'CreateKey'
  | 'DisableKey'
  | 'EnableKey'
  | 'PutKeyPolicy: deny'
  | 'PutKeyPolicy: allow'
  | 'CreateGrant'
  | 'RevokeGrant'
  | 'Encrypt'
  | 'Decrypt by the grantee'
  | 'DescribeKey'

/** How a call ended, as its client saw it. */
export type Outcome =
  | { readonly is: 'answered'; readonly keyState?: string | undefined }
  | { readonly is: 'refused'; readonly code: string; readonly status: number }
  /** No answer that says anything: the connection broke, or nothing came. It may have been done, or may be done yet. */
  | { readonly is: 'lost' }
  /** Nobody was there to hear it. */
  | { readonly is: 'unheard' }

/** One call. */
export interface Call {
  readonly node: string
  readonly key: string
  readonly operation: Operation
  readonly begin: number
  readonly end: number
  readonly outcome: Outcome
  readonly requestId?: string | undefined
}

/** What is wrong with a history, a sentence each; empty if and only if it can be true. */
export function problemsOf(calls: readonly Call[]): readonly string[] {
  return [...calls.flatMap(strangeAnswer), ...staleSights(calls)]
}

/**
 * What is wrong with a record: each call that was answered or refused has exactly one event, of its name; one whose end
 * is not known has at most one. `events` are the names by request id.
 */
export function recordProblemsOf(
  calls: readonly Call[],
  events: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  return calls.flatMap((call) => {
    if (call.requestId === undefined) return []
    const names = events.get(call.requestId) ?? []
    if (names.length === 0 && !isCertain(call)) return []
    const expected = call.operation.split(/[ :]/)[0]
    if (names.length === 1 && names[0] === expected) return []
    return [`${wordsOf(call)} has the events [${names.join(', ')}]`]
  })
}

/** Whether the call's answer says what became of it. */
export function isCertain({ outcome }: Call): boolean {
  return outcome.is === 'answered' || (outcome.is === 'refused' && outcome.status < 500)
}

/** What a node may say when it cannot know whether it is fresh, and nothing else of the kind. */
const documented = 'DependencyTimeoutException'
/** What may be refused at all, with the switch that is off then. */
const refusals = new Map<string, (call: Call) => readonly Sight[]>([
  ['NotFoundException', () => [{ name: 'exists', on: false }]],
  ['DisabledException', (call) => [...gatesOf(call), { name: 'enabled', on: false }]],
  ['AccessDeniedException', (call) => gatesOf(call).map((gate) => ({ ...gate, on: false }))],
])

function strangeAnswer(call: Call): readonly string[] {
  const { outcome } = call
  if (outcome.is !== 'refused') return []
  if (outcome.code === documented && outcome.status === 500) return []
  const isKnown = outcome.status === 400 && refusals.has(outcome.code)
  return isKnown && (isUse(call) || outcome.code === 'NotFoundException')
    ? []
    : [`${wordsOf(call)} is no answer that there can be`]
}

/** A switch of one key. */
type Name = 'exists' | 'enabled' | 'policy' | 'grant'

interface Sight {
  readonly name: Name
  readonly on: boolean
}

/** How each switch is turned, and how a key begins. */
const turns: Readonly<Partial<Record<Operation, Sight>>> = {
  CreateKey: { name: 'exists', on: true },
  DisableKey: { name: 'enabled', on: false },
  EnableKey: { name: 'enabled', on: true },
  'PutKeyPolicy: deny': { name: 'policy', on: false },
  'PutKeyPolicy: allow': { name: 'policy', on: true },
  CreateGrant: { name: 'grant', on: true },
  RevokeGrant: { name: 'grant', on: false },
}
const first: Readonly<Record<Name, boolean>> = {
  exists: false,
  enabled: true,
  policy: true,
  grant: false,
}

const isUse = ({ operation }: Call): boolean =>
  operation === 'Encrypt' || operation === 'Decrypt by the grantee'

/** What lets a use through before the key's state is looked at. */
function gatesOf({ operation }: Call): readonly Sight[] {
  if (operation === 'Encrypt') return [{ name: 'policy', on: true }]
  return operation === 'Decrypt by the grantee' ? [{ name: 'grant', on: true }] : []
}

/** The switches that a call has seen. */
function sightsOf(call: Call): readonly Sight[] {
  const { outcome, operation } = call
  if (!isCertain(call)) return []
  if (outcome.is === 'refused') return refusals.get(outcome.code)?.(call) ?? []
  if (operation === 'CreateKey') return []
  const exists: Sight = { name: 'exists', on: true }
  if (isUse(call)) return [exists, ...gatesOf(call), { name: 'enabled', on: true }]
  if (operation !== 'DescribeKey') return [exists]
  const keyState = outcome.is === 'answered' ? outcome.keyState : undefined
  return [exists, { name: 'enabled', on: keyState === 'Enabled' }]
}

/** A change of a switch: whoever never heard of its end cannot say that it is over. */
interface Change {
  readonly on: boolean
  readonly begin: number
  readonly end: number
  readonly call: Call | undefined
}

function staleSights(calls: readonly Call[]): readonly string[] {
  const changes = Map.groupBy(
    calls.flatMap((call) => changeOf(call)),
    ({ place }) => place,
  )
  return calls.flatMap((call) =>
    sightsOf(call).flatMap(({ name, on }) => {
      const start: Change = { on: first[name], begin: -Infinity, end: -Infinity, call: undefined }
      const all: readonly Change[] = [start, ...(changes.get(`${name}/${call.key}`) ?? [])]
      const over = overtaking(call, on, all)
      if (over === undefined) return []
      return [`${wordsOf(call)} saw \`${name}\` ${on ? 'on' : 'off'} ${over}`]
    }),
  )
}

function changeOf(call: Call): readonly (Change & { readonly place: string })[] {
  const turn = turns[call.operation]
  const { is } = call.outcome
  if (turn === undefined || is === 'unheard' || (is === 'refused' && isCertain(call))) return []
  const end = is === 'answered' ? call.end : Infinity
  return [{ on: turn.on, begin: call.begin, end, call, place: `${turn.name}/${call.key}` }]
}

/** Why a switch cannot have been seen so: undefined when some change may have left it so until the call began. */
function overtaking(call: Call, on: boolean, changes: readonly Change[]): string | undefined {
  const others = changes.filter((change) => change.on !== on && change.end < call.begin)
  const sources = changes.filter((change) => change.on === on && change.begin <= call.end)
  const isOver = (source: Change) => others.find((other) => source.end < other.begin)
  if (sources.some((source) => isOver(source) === undefined)) return undefined
  const last = others.toSorted((one, other) => other.end - one.end)[0]?.call
  return last === undefined ? 'before anybody turned it' : `after ${wordsOf(last)}`
}

function wordsOf({ node, key, operation, begin, end, outcome, requestId }: Call): string {
  const told = outcome.is === 'refused' ? `refused with ${outcome.code}` : outcome.is
  const when = `${begin.toFixed(1)}-${end.toFixed(1)}`
  return `[${operation} of ${key} at ${node}, ${when}, ${told}, request ${requestId ?? 'unknown'}]`
}
