/**
 * The root keys at work: the current one, which seals, and, while rows or tokens are left under it, the one before. What is
 * sealed says under which of them:
 *
 *     0x02 | root key id (8 bytes) | what key-wrap.ts makes
 *
 * The id is authenticated with the rest. What begins otherwise is from before root keys could change, and under the oldest.
 */
import type { KeyObject } from 'node:crypto'
import type { MacKeys } from '../crypto/derive.ts'
import { unwrap, wrap } from '../crypto/key-wrap.ts'
import { Unavailable } from '../database/unavailable.ts'
import type { RootKeys } from './root-key.ts'

/** The row that a secret belongs to, told under which root key it stands there. */
export type SealedPlace = (rootKeyId: string) => readonly string[]

/** What is sealed, each purpose under a key of its own. */
export type SealingPurpose = 'material' | 'credentials' | 'sessionTokens' | 'sealedKeys'

const version = 2
const headerLength = 9

/** The root keys of a running service. */
export class RootKeyRing {
  #current: RootKeys
  #previous: RootKeys | undefined
  #audit: KeyObject | undefined
  #retired = 0

  /** `audit` is the record's signing key when that came from an earlier root key. */
  constructor(
    current: RootKeys,
    earlier: { readonly previous?: RootKeys | undefined; readonly audit?: KeyObject } = {},
  ) {
    this.#current = current
    this.#previous = earlier.previous
    this.#audit = earlier.audit
  }

  get current(): RootKeys {
    return this.#current
  }

  get previous(): RootKeys | undefined {
    return this.#previous
  }

  /** Signs the record's checkpoints. It stays the same when the root key changes: people keep its public half. */
  get audit(): KeyObject {
    return this.#audit ?? this.#current.audit
  }

  /** How many root keys were retired since the start; what was made under one of them does not hold any more. */
  get retired(): number {
    return this.#retired
  }

  /** What everything begins with that is sealed under the current root key. */
  get header(): Buffer {
    return headerOf(this.#current)
  }

  /** Seals under the current root key. */
  seal(purpose: SealingPurpose, secret: Uint8Array, place: SealedPlace): Buffer {
    const keys = this.#current
    return Buffer.concat([headerOf(keys), wrap(keys[purpose], secret, place(keys.id))])
  }

  /** Opens what was sealed for the same place; undefined if and only if root key, place or bytes differ. */
  open(purpose: SealingPurpose, sealed: Uint8Array, place: SealedPlace): Buffer | undefined {
    const isNamed = sealed[0] === version
    const keys = isNamed ? this.#named(sealed) : (this.#previous ?? this.#current)
    const wrapped = isNamed ? sealed.subarray(headerLength) : sealed
    return keys && unwrap(keys[purpose], wrapped, place(keys.id))
  }

  /** The same secret under the current root key; undefined if and only if it does not open. */
  renew(purpose: SealingPurpose, sealed: Uint8Array, place: SealedPlace): Uint8Array | undefined {
    if (this.header.equals(sealed.subarray(0, headerLength))) return sealed
    const secret = this.open(purpose, sealed, place)
    if (secret === undefined) return undefined
    const renewed = this.seal(purpose, secret, place)
    secret.fill(0)
    return renewed
  }

  /**
   * What is to be stored of a secret that was sealed some time ago: the root key may have changed since, and a row under the
   * one before would come too late to be sealed anew. Throws `Unavailable` when it was even retired.
   */
  toStore(purpose: SealingPurpose, sealed: Uint8Array, place: SealedPlace): Uint8Array {
    const renewed = this.renew(purpose, sealed, place)
    if (renewed !== undefined) return renewed
    throw new Unavailable('the root key that a new secret was sealed under was retired')
  }

  /** Authenticate pagination markers. */
  readonly markers: MacKeys = () => this.#macKeys('markers')
  /** Authenticate import tokens. */
  readonly importTokens: MacKeys = () => this.#macKeys('importTokens')
  /** Authenticate grant tokens. */
  readonly grantTokens: MacKeys = () => this.#macKeys('grantTokens')

  /** Another root key seals from now on; what the current one has sealed still opens. */
  switchTo(next: RootKeys): void {
    if (this.#previous !== undefined) throw new Error('the root key before is still in use')
    this.#audit ??= this.#current.audit
    this.#previous = this.#current
    this.#current = next
  }

  /** Takes up what the database says that the root keys are: another node has changed them. */
  become(keys: { readonly current: RootKeys; readonly previous: RootKeys | undefined }): void {
    const before = this.#previous
    this.#audit ??= this.#current.audit
    this.#current = keys.current
    this.#previous = keys.previous
    if (before !== undefined && before.id !== keys.previous?.id) this.#retired += 1
  }

  /** Forgets the root key before the current one: whatever is still under it never opens again. */
  retirePrevious(): void {
    this.#previous = undefined
    this.#retired += 1
  }

  #named(sealed: Uint8Array): RootKeys | undefined {
    const id = Buffer.from(sealed.subarray(1, headerLength)).toString('hex')
    return [this.#current, this.#previous].find((keys) => keys?.id === id)
  }

  #macKeys(purpose: 'markers' | 'importTokens' | 'grantTokens'): [KeyObject, ...KeyObject[]] {
    const previous = this.#previous
    return [this.#current[purpose], ...(previous === undefined ? [] : [previous[purpose]])]
  }
}

function headerOf(keys: RootKeys): Buffer {
  return Buffer.concat([Buffer.of(version), Buffer.from(keys.id, 'hex')])
}
