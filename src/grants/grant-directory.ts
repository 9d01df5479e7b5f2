/**
 * Where the grants of a caller are looked up. What is kept in memory is an answer by name: what one holder has on one
 * key, also if that is nothing. Every change of it names it to the feed.
 */
import type { MacKeys } from '../crypto/derive.ts'
import type { GrantCandidate } from '../access/decide.ts'
import { invalidGrantToken } from '../api/errors.ts'
import type { EncryptionContext } from '../api/types.ts'
import type { Database } from '../database/database.ts'
import {
  findDescribing,
  findShapes,
  hasBuckets,
  type HeldGrant,
  listHeld,
} from '../database/grant-lookups.ts'
import { bucketRowName, findGrant, holdingRowName } from '../database/grants.ts'
import type { Key } from '../keys/key.ts'
import type { CallerName } from '../policies/principals.ts'
import type { Grant, GrantedKey } from './grant.ts'
import { pairsOf } from './grant-constraints.ts'
import { bucketOfContext, bucketOfPair, holderOf, openBucket } from './grant-place.ts'
import { makeGrantToken, readGrantToken, type TokenSubject } from './grant-token.ts'

/** What a caller wants to do with a key. */
export interface GrantQuestion {
  /** The names that the caller goes by (`namesOf`). */
  readonly names: readonly CallerName[]
  /** The operation as grants spell it: `ReEncryptFrom`. */
  readonly operation: string
  /** The encryption context of the request's side of the operation. */
  readonly encryptionContext?: EncryptionContext | undefined
  /** What CreateGrant would create. */
  readonly newGrant?: Pick<GrantCandidate, 'operations' | 'constraints'> | undefined
  /** The request's `aws:SourceArn`. */
  readonly sourceArn?: string | undefined
  readonly grantTokens?: readonly string[] | undefined
}

/** Looks grants up. */
export interface GrantDirectory {
  /**
   * Every grant on the key that can allow it, or another in its place that allows the same: those that a token names
   * first. What it costs depends neither on how many grants the key has nor on how many the caller has.
   */
  grantsFor(key: GrantedKey, question: GrantQuestion): Promise<readonly GrantCandidate[]>
  /** The grants of a caller on a key for an explanation, whatever they are good for; of each name the first hundred. */
  grantsOf(key: GrantedKey, names: readonly CallerName[]): Promise<readonly GrantCandidate[]>
  /**
   * Throws InvalidGrantTokenException unless each token is one of this region, and those of this key name grants that
   * are there. Tokens of other keys are let pass: ReEncrypt has one list for two keys.
   */
  checkTokens(
    tokens: readonly string[],
    place: { readonly region: string; readonly key: Key | undefined },
  ): Promise<void>
  /** The grant of this id; undefined if and only if there is none. */
  grant(
    key: { readonly region: string; readonly id: string },
    id: string,
  ): Promise<Grant | undefined>
  /** A new token of a grant. */
  newToken(grant: TokenSubject): string
  /** The grant that a token names, which may be gone; undefined if and only if it is no token of Trent's. */
  readToken(token: string): TokenSubject | undefined
}

/** How many holders and how many buckets stay in memory, and how many grants an explanation tells of. */
const kept = 100_000
const told = 100

/** What a holder has on a key. */
interface Held {
  readonly open: readonly HeldGrant[]
  readonly describing: readonly HeldGrant[]
  /** Whether there are grants that ask for a whole encryption context, or for pairs in it. */
  readonly equals: boolean
  readonly subsets: boolean
}

/** The directory over a database; `tokenKeys` prove grant tokens. */
export function grantDirectory(database: Database, tokenKeys: MacKeys): GrantDirectory {
  const reader = database.read
  const lookup = lookups(database)
  const readToken = (token: string) => readGrantToken(tokenKeys, token)
  const grant = async (key: { readonly region: string; readonly id: string }, id: string) =>
    (await findGrant(reader, key, id))?.grant

  const named = async (key: GrantedKey, { names, grantTokens = [] }: GrantQuestion) => {
    const candidates: GrantCandidate[] = []
    for (const token of grantTokens) {
      const subject = readToken(token)
      if (subject?.region !== key.region || subject.keyId !== key.id) continue
      const found = await grant(key, subject.id)
      const name = names.find((each) => each.name === found?.grantee.name)
      if (found === undefined || name === undefined) continue
      const { id, operations, constraints } = found
      candidates.push({ grantId: id, operations, constraints, as: name.as })
    }
    return candidates
  }

  return {
    grantsFor: async (key, question) => {
      const candidates = await named(key, question)
      const wanted = wantedBuckets(question)
      for (const { name, as } of question.names) {
        if (!canHold(name)) continue
        for (const holder of holders(name, question.sourceArn)) {
          for (const held of await lookup(key, holder, wanted)) candidates.push({ ...held, as })
        }
      }
      return candidates
    },
    grantsOf: async (key, names) => {
      const candidates: GrantCandidate[] = []
      for (const { name, as } of names.filter((each) => canHold(each.name))) {
        const all = await listHeld(reader, { key, holder: name }, told)
        candidates.push(...all.map((held) => ({ ...held, as })))
      }
      return candidates
    },
    checkTokens: async (tokens, { region, key }) => {
      for (const token of tokens) {
        const subject = readToken(token)
        if (subject?.region !== region) throw invalidGrantToken()
        if (key === undefined || subject.keyId !== key.id) continue
        if (subject.account !== key.account) throw invalidGrantToken()
        if ((await grant(key, subject.id)) === undefined) throw invalidGrantToken()
      }
    },
    grant,
    newToken: (subject) => makeGrantToken(tokenKeys, subject),
    readToken,
  }
}

/** Which of a holder's grants a question is about, besides those that ask for no encryption context. */
interface Wanted {
  readonly describes: boolean
  readonly context: () => string
  readonly pairs: () => readonly string[]
}

/** A grant that is to be made has to keep to the encryption context of the grant that permits making it. */
function wantedBuckets(question: GrantQuestion): Wanted {
  const { newGrant } = question
  const context =
    newGrant === undefined ? question.encryptionContext : pairsOf(newGrant.constraints)
  return {
    describes: question.operation === 'DescribeKey',
    context: () => bucketOfContext(context),
    pairs: () => Array.from(context ?? [], ([key, value]) => bucketOfPair(key, value)),
  }
}

/** Grants name users and roles by their unique ids, and nobody by `*`. */
const canHold = (name: string) => name !== '*' && !/^AWS:arn:[^:]*:iam:/.test(name)

const holders = (name: string, sourceArn: string | undefined) =>
  sourceArn === undefined
    ? [holderOf(name, undefined)]
    : [holderOf(name, undefined), holderOf(name, sourceArn)]

type Lookup = (key: GrantedKey, holder: string, wanted: Wanted) => Promise<readonly HeldGrant[]>

function lookups(database: Database): Lookup {
  const { read } = database
  const holdings = database.view<Held>(kept)
  const buckets = database.view<readonly HeldGrant[]>(kept)
  const holding = (key: GrantedKey, holder: string) => {
    const name = holdingRowName(key, holder)
    return holdings.get(name) ?? holdings.find(name, () => readHeld(key, holder))
  }
  const readHeld = async (key: GrantedKey, holder: string): Promise<Held> => {
    const describing = await findDescribing(read, { key, holder })
    return {
      open: await findShapes(read, { key, holder }, openBucket),
      describing: describing === undefined ? [] : [describing],
      equals: await hasBuckets(read, { key, holder }, { from: 'E', below: 'F' }),
      subsets: await hasBuckets(read, { key, holder }, { from: 'S', below: 'T' }),
    }
  }
  const bucket = async (key: GrantedKey, holder: string, of: string) => {
    const name = bucketRowName(key, holder, of)
    const shapes = () => findShapes(read, { key, holder }, of)
    return buckets.get(name) ?? (await buckets.find(name, shapes)) ?? []
  }
  return async (key, holder, wanted) => {
    const held = await holding(key, holder)
    if (held === undefined) return []
    if (wanted.describes) return [...held.open, ...held.describing]
    if (!held.equals && !held.subsets) return held.open
    const found = [...held.open]
    if (held.equals) found.push(...(await bucket(key, holder, wanted.context())))
    if (held.subsets) {
      for (const pair of wanted.pairs()) found.push(...(await bucket(key, holder, pair)))
    }
    return found
  }
}
