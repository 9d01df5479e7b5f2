/**
 * The condition keys of one request, looked up one by one, and listed for an explanation. What most policies never ask for
 * is not made before somebody asks.
 */
import type { EncryptionContext } from '../api/types.ts'
import type { Principal } from '../identities/principal.ts'
import {
  type ContextValues,
  principalContext,
  type RequestFacts,
  requestContext,
} from '../policies/context-values.ts'
import type { ContextLookup } from '../policies/template.ts'

/** What the values come from; of two that have the same key, the first. */
export interface ContextSources {
  /** What the request asks, in the operation's own condition keys. */
  readonly asked: ContextValues
  readonly encryptionContext: EncryptionContext | undefined
  /** What is known of the resource. */
  readonly resource: ContextValues
  readonly principal: Principal
  /** Whether `kms:CallerAccount` is told. */
  readonly tellsAccount: boolean
  readonly request: RequestFacts
}

/** The condition keys of one request. */
export class RequestContext {
  readonly lookUp: ContextLookup
  /** The keys that were looked up, some of them more than once. */
  readonly consulted: string[] = []
  readonly #sources: ContextSources

  constructor(sources: ContextSources) {
    this.#sources = sources
    this.lookUp = (key) => {
      this.consulted.push(key)
      return this.find(key)
    }
  }

  /** Every key that has a value, as JSON: in lower case, but for those of the encryption context as it is spelt. */
  text(): string {
    const { asked, encryptionContext } = this.#sources
    const pairs = encryptionContext === undefined ? '' : pairsText(encryptionContext)
    // What is frozen is shared by many requests.
    const text = Object.isFrozen(asked)
      ? this.#sharedText(asked)
      : joined(this.#knownText(), membersText(asked))
    return `{${joined(text, pairs)}}`
  }

  /** The text of all but the encryption context, made once where it is the same from request to request. */
  #sharedText(asked: ContextValues): string {
    const { resource, principal, tellsAccount } = this.#sources
    const request = requestValues(this.#sources.request)
    const before = shared.get(resource)
    if (
      before?.request === request &&
      before.principal === principal &&
      before.asked === asked &&
      before.tellsAccount === tellsAccount
    ) {
      return before.text
    }
    const text = joined(this.#knownText(), rememberedText(asked))
    shared.set(resource, { request, principal, asked, tellsAccount, text })
    return text
  }

  /** Of a key that stands twice, the last is the one that counts: as it is for who looks it up. */
  #knownText(): string {
    const { resource, principal, tellsAccount } = this.#sources
    let text = joined('', rememberedText(requestValues(this.#sources.request)))
    text = joined(text, rememberedText(callerValues(principal)))
    if (tellsAccount) text = joined(text, `"${callerAccount}":["${principal.account}"]`)
    return joined(text, rememberedText(resource))
  }

  /** The values of a key; not noted as a look. */
  find(key: string): readonly string[] | undefined {
    if (key.startsWith(contextPrefix)) return this.#findPair(key)
    const { asked, resource, principal, tellsAccount } = this.#sources
    if (key === callerAccount) return tellsAccount ? [principal.account] : undefined
    return (
      own(asked, key) ??
      own(resource, key) ??
      own(callerValues(principal), key) ??
      own(requestValues(this.#sources.request), key)
    )
  }

  /** Encryption context keys differ by case, condition keys do not: there may be several values. */
  #findPair(key: string): readonly string[] | undefined {
    const { encryptionContext } = this.#sources
    if (encryptionContext === undefined || encryptionContext.size === 0) return undefined
    if (key === contextKeys) return [...encryptionContext.keys()]
    if (!key.startsWith(pairPrefix)) return undefined
    const name = key.slice(pairPrefix.length)
    let values: string[] | undefined
    for (const [each, value] of encryptionContext) {
      if (each !== name && each.toLowerCase() !== name) continue
      if (values === undefined) values = [value]
      else values.push(value)
    }
    return values
  }
}

const joined = (text: string, part: string): string =>
  text === '' || part === '' ? text + part : `${text},${part}`

/** Condition keys that are at hand, for an explanation. */
export const listed = (values: ContextValues): { text(): string } => ({
  text: () => `{${membersText(values)}}`,
})

const callerAccount = 'kms:calleraccount'
const contextPrefix = 'kms:encryptioncontext'
const contextKeys = 'kms:encryptioncontextkeys'
const pairPrefix = 'kms:encryptioncontext:'

const own = (values: ContextValues, key: string) =>
  Object.hasOwn(values, key) ? values[key] : undefined

/** Made once for a principal, which lives as long as its credentials do. */
const known = new WeakMap<Principal, ContextValues>()

function callerValues(principal: Principal): ContextValues {
  const before = known.get(principal)
  if (before !== undefined) return before
  const values = principalContext(principal)
  known.set(principal, values)
  return values
}

/** The newest facts from each address, with their values: the requests of a client in one second have the same. */
const newest = new Map<string, { readonly facts: RequestFacts; readonly values: ContextValues }>()
const mostAddresses = 1000

function requestValues(facts: RequestFacts): ContextValues {
  const before = newest.get(facts.sourceIp)
  if (before !== undefined && areAlike(before.facts, facts)) return before.values
  const values = requestContext(facts)
  if (newest.size >= mostAddresses) newest.clear()
  newest.set(facts.sourceIp, { facts, values })
  return values
}

/** Whether facts from one address have the same values; condition keys know no fractions of a second. */
function areAlike(one: RequestFacts, other: RequestFacts): boolean {
  return (
    Math.floor(one.now / 1000) === Math.floor(other.now / 1000) &&
    one.region === other.region &&
    one.userAgent === other.userAgent &&
    one.referer === other.referer &&
    one.secureTransport === other.secureTransport
  )
}

/** Of what is the same from request to request, the text is made once. */
function rememberedText(values: ContextValues): string {
  const before = texts.get(values)
  if (before !== undefined) return before
  const text = membersText(values)
  texts.set(values, text)
  return text
}

const texts = new WeakMap<ContextValues, string>()

/** The newest text about each resource, and what it was made from. */
interface SharedText extends Pick<ContextSources, 'asked' | 'principal' | 'tellsAccount'> {
  readonly request: ContextValues
  readonly text: string
}

const shared = new WeakMap<ContextValues, SharedText>()

function membersText(values: ContextValues): string {
  let text = ''
  for (const key of Object.keys(values)) {
    const value = values[key]
    if (value === undefined) continue
    text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${JSON.stringify(value)}`
  }
  return text
}

function pairsText(context: EncryptionContext): string {
  if (context.size === 0) return ''
  let keys = ''
  let pairs = ''
  for (const [key, value] of context) {
    const name = JSON.stringify(key)
    keys += `${keys === '' ? '' : ','}${name}`
    pairs += `,"${pairPrefix}${name.slice(1)}:[${JSON.stringify(value)}]`
  }
  return `"${contextKeys}":[${keys}]${pairs}`
}
