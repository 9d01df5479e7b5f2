/**
 * The public keys of the issuers of web identity tokens: found by their discovery document, kept for a while, and fetched
 * again for a key id that is not among them, though not more often than every half a minute. When an issuer cannot be
 * reached and its keys are not at hand, nobody is let in.
 */
import { readFileSync } from 'node:fs'
import type { JSONWebKeySet, JWK } from 'jose'
import type { Clock } from '../clock.ts'
import type { OidcIssuer } from '../config.ts'
import { fetchDocument, type FetchRules } from './fetch-document.ts'

/** An issuer that some account trusts. */
export interface TrustedIssuer {
  /** Its URL, exactly as tokens have it. */
  readonly issuer: string
  /** The account; what one account takes for the issuer's keys is nothing to another. */
  readonly account: string
  readonly thumbprints: readonly string[]
}

/** Keeps the keys of issuers. */
export interface IssuerKeys {
  /** Whether the operator has listed the issuer. */
  isListed(issuer: string): boolean
  /** The keys of an issuer. Throws when they cannot be had. */
  keys(of: TrustedIssuer): Promise<JSONWebKeySet>
  /** Keys that are newer than these; undefined if and only if it is too early to ask again. */
  newerKeys(of: TrustedIssuer, than: JSONWebKeySet): Promise<JSONWebKeySet | undefined>
}

/** What keeping keys stands on. */
export interface IssuerSurroundings {
  readonly clock: Clock
  /** Tells the operator why nobody gets in; callers are not told. */
  readonly report: (error: unknown, message: string) => void
}

/** How long keys are taken for an issuer's, and how soon the issuer is asked again: after an answer, after none. */
const keptFor = 600_000
const askedAgainAfter = 30_000
const retriedAfter = 2000
/** How many issuers' keys are kept. */
const keptIssuers = 1000

/** The keys of issuers; those that are listed may be at private addresses. Throws where a listed file cannot be read. */
export function issuerKeys(
  listed: readonly OidcIssuer[],
  { clock, report }: IssuerSurroundings,
): IssuerKeys {
  const known = new Map<string, KeptKeys>()
  const files = new Map(
    listed.map(({ issuer, caFile }) => [
      issuer,
      { ca: caFile === undefined ? undefined : readFileSync(caFile, 'utf8') },
    ]),
  )

  function kept(of: TrustedIssuer): KeptKeys {
    const name = JSON.stringify([of.account, of.issuer, of.thumbprints])
    const before = known.get(name)
    if (before !== undefined) return before
    const file = files.get(of.issuer)
    const rules = {
      listed: file !== undefined,
      plain: file !== undefined && of.issuer.startsWith('http:'),
      ca: file?.ca,
      thumbprints: of.thumbprints,
    }
    const [oldest] = known.keys()
    if (known.size >= keptIssuers && oldest !== undefined) known.delete(oldest)
    const fetch = (): Promise<JSONWebKeySet> =>
      fetchKeys(of.issuer, rules).catch((error: unknown) => {
        report(error, `the keys of the issuer ${of.issuer} could not be fetched`)
        throw error
      })
    const made = new KeptKeys(fetch, clock)
    known.set(name, made)
    return made
  }

  return {
    isListed: (issuer) => files.has(issuer),
    keys: (of) => kept(of).any(),
    newerKeys: (of, than) => kept(of).newer(than),
  }
}

/** The keys of one issuer. A failure to fetch newer ones does not take those away that are still good. */
class KeptKeys {
  readonly #fetch: () => Promise<JSONWebKeySet>
  readonly #clock: Clock
  #keys: JSONWebKeySet | undefined
  #failure: Error | undefined
  #fetching: Promise<JSONWebKeySet> | undefined
  /** On the monotonic clock. */
  #askedAt = Number.NEGATIVE_INFINITY
  #fetchedAt = Number.NEGATIVE_INFINITY

  constructor(fetch: () => Promise<JSONWebKeySet>, clock: Clock) {
    this.#fetch = fetch
    this.#clock = clock
  }

  async any(): Promise<JSONWebKeySet> {
    const now = this.#clock.monotonic()
    if (this.#keys !== undefined && now - this.#fetchedAt < keptFor) return this.#keys
    if (this.#failure !== undefined && now - this.#askedAt < retriedAfter) throw this.#failure
    return this.#ask()
  }

  async newer(than: JSONWebKeySet): Promise<JSONWebKeySet | undefined> {
    if (this.#fetching !== undefined) return this.#fetching
    if (this.#keys !== undefined && this.#keys !== than) return this.#keys
    if (this.#clock.monotonic() - this.#askedAt < askedAgainAfter) return undefined
    return this.#ask()
  }

  #ask(): Promise<JSONWebKeySet> {
    this.#fetching ??= this.#fetchOnce()
    return this.#fetching
  }

  async #fetchOnce(): Promise<JSONWebKeySet> {
    const now = this.#clock.monotonic()
    this.#askedAt = now
    try {
      this.#keys = await this.#fetch()
      this.#fetchedAt = now
      this.#failure = undefined
      return this.#keys
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error))
      throw error
    } finally {
      this.#fetching = undefined
    }
  }
}

/** OpenID Connect Discovery 1.0, section 4: the document says of which issuer it is, and where the keys are. */
async function fetchKeys(issuer: string, rules: FetchRules): Promise<JSONWebKeySet> {
  const place = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const found = membersOf(await fetchDocument(new URL(place), rules))
  const { issuer: named, jwks_uri: uri } = found
  if (named !== issuer || typeof uri !== 'string' || !URL.canParse(uri)) {
    throw new Error('the discovery document is not that of the issuer')
  }
  const { keys } = membersOf(await fetchDocument(new URL(uri), rules))
  if (!Array.isArray(keys)) throw new Error('the key set has no keys')
  const usable = (keys as unknown[]).filter(isUsable)
  for (const kty of ['RSA', 'EC']) {
    if (usable.filter((key) => key.kty === kty).length > mostKeys) {
      throw new Error('the key set is too large')
    }
  }
  return { keys: usable }
}

const mostKeys = 100

/** A key for signatures, with an id, and without its private half: one that has been published is no proof of anything. */
function isUsable(key: unknown): key is JWK {
  const { kid, kty, use = 'sig', d } = membersOf(key)
  return (
    typeof kid === 'string' && (kty === 'RSA' || kty === 'EC') && use === 'sig' && d === undefined
  )
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
