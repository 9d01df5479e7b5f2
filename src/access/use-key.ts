/**
 * The only door to a key: find it, may they?, the operation's own ordered checks, dry run. What comes out is a capability
 * that nothing else can make; operations on a key's description get plain data instead.
 */
import { dryRunOperation, incorrectKey, invalidCiphertext, KmsError } from '../api/errors.ts'
import { keyArn } from '../api/arn.ts'
import type { MacAlgorithm } from '../api/types.ts'
import type { KeyStore, Sealing, Signing } from '../key-stores/key-store.ts'
import type { Key } from '../keys/key.ts'
import { usualChecks } from '../keys/key-checks.ts'
import { refuseStates } from '../keys/key-state.ts'
import type { Action, CiphertextUse, KeyLook, KeyUseRequest } from '../operation.ts'
import type { ContextValues } from '../policies/context-values.ts'
import { goOn, type Soon } from '../soon.ts'
import { type Allowed, type Asked, authorizeKey, authorizeName, type Gate } from './authorize.ts'
import { noConditions } from './condition-keys.ts'
import { type KeyReference, noSuchAlias, noSuchKey, readKeyReference } from './find-key.ts'

/** Who asks, from where, and what the door opens on. */
export interface Door extends Gate {
  readonly keyStore: KeyStore
  /** The condition keys of the request's members. */
  readonly conditions: ContextValues
  /** Called with each key that the call turns out to concern, once the caller may. */
  readonly found: (key: Key) => void
  /** Called with each key that is let through to be used. */
  readonly used: (key: Key) => void
}

/** A key that the caller may use, in a state in which it can be used. Only this module makes one. */
export class UsableKey {
  static readonly #token = Symbol('usable')
  readonly #key: Key
  readonly #store: KeyStore

  private constructor(token: symbol, key: Key, store: KeyStore) {
    if (token !== UsableKey.#token) throw new Error('only the door makes a usable key')
    this.#key = key
    this.#store = store
  }

  /** For `useKey` and `useCiphertextKey` alone; `tools/check-arrows.ts` sees to it. */
  static behindTheDoor(key: Key, store: KeyStore): UsableKey {
    return new UsableKey(UsableKey.#token, key, store)
  }

  /** The key's description, as plain data. */
  get key(): Key {
    return this.#key
  }

  /** The key's ARN, as every response reports it. */
  get arn(): string {
    return this.#key.arn
  }

  /** The id of the material that encrypts now; symmetric encryption keys alone have one to show. */
  get materialId(): string | undefined {
    return this.#key.spec === 'SYMMETRIC_DEFAULT' ? this.#key.currentMaterialId : undefined
  }

  encrypt(sealing: Sealing): Soon<Buffer> {
    return this.#store.encrypt(this.#key, sealing)
  }

  /** Decrypts, or throws InvalidCiphertextException. The caller zeroes the plaintext. */
  decrypt(sealing: Sealing): Soon<Buffer> {
    return this.#store.decrypt(this.#key, sealing)
  }

  sign(signing: Signing): Promise<Buffer> {
    return this.#store.sign(this.#key, signing)
  }

  verify(signing: Signing, signature: Uint8Array): Promise<boolean> {
    return this.#store.verify(this.#key, signing, signature)
  }

  mac(algorithm: MacAlgorithm, message: Uint8Array): Promise<Buffer> {
    return this.#store.mac(this.#key, algorithm, message)
  }

  publicKey(): Promise<Buffer> {
    return this.#store.publicKey(this.#key)
  }

  agree(peer: Uint8Array): Promise<Buffer | undefined> {
    return this.#store.agree(this.#key, peer)
  }

  encapsulate(): Promise<{ readonly sharedSecret: Buffer; readonly ciphertext: Buffer }> {
    return this.#store.encapsulate(this.#key)
  }

  decapsulate(ciphertext: Uint8Array): Promise<Buffer | undefined> {
    return this.#store.decapsulate(this.#key, ciphertext)
  }
}

/** Opens the door to the key that a request names. */
export function useKey(door: Door, keyId: string, use: KeyUseRequest): Soon<UsableKey> {
  return goOn(findAllowed(door, keyId, { ...use, aliases: true }), ({ key }) =>
    passChecks(door, key, use),
  )
}

/**
 * Opens the door to the key that a ciphertext names. A key that the request names as well must be the same one, whatever
 * its type or state; without one, a ciphertext whose key is not for the caller is refused as if there were none.
 */
export function useCiphertextKey(door: Door, use: CiphertextUse): Soon<UsableKey> {
  const { keyId, header } = use
  if (keyId !== undefined) {
    const found = goOn(
      findForeign(door, use),
      (foreign) => foreign ?? findAllowed(door, keyId, { ...use, aliases: true }),
    )
    return goOn(found, ({ key }) => {
      if (header === undefined) throw invalidCiphertext('not a blob of Trent')
      if (header.keyId !== key.id) throw incorrectKey()
      return passChecks(door, key, use)
    })
  }
  if (header === undefined) throw invalidCiphertext('not a blob of Trent')
  return goOn(door.directory.key(door.scope.region, header.keyId), (key) =>
    goOn(askedOf(door, use, { key }), (asked) =>
      goOn(allowNamed(door, { ...asked, byCiphertext: true }, { key, id: header.keyId }), (found) =>
        passChecks(door, found, use),
      ),
    ),
  )
}

/**
 * An id alone is enough for another account's key where the ciphertext names the same one, for whom that account lets use
 * it (API Reference, Decrypt); to everybody else an id is that of a key of his own.
 */
function findForeign(door: Door, use: CiphertextUse): Soon<FoundKey | undefined> {
  if (use.keyId !== use.header?.keyId || use.keyId === undefined) return undefined
  return goOn(door.directory.key(door.scope.region, use.keyId), (key) =>
    key === undefined || key.account === door.caller.account
      ? undefined
      : allowForeign(door, use, key),
  )
}

async function allowForeign(
  door: Door,
  use: CiphertextUse,
  key: Key,
): Promise<FoundKey | undefined> {
  try {
    return await allowFound(door, await askedOf(door, use, { key }), key)
  } catch (error) {
    if (error instanceof KmsError && error.code === 'AccessDeniedException') return undefined
    throw error
  }
}

/** The key that a ciphertext names, once the caller may use it. */
function allowNamed(
  door: Door,
  asked: Asked,
  { key, id }: { readonly key: Key | undefined; readonly id: string },
): Soon<Key> {
  if (key === undefined) {
    // Nobody's key is refused like somebody else's.
    const arn = keyArn(door.scope, id)
    authorizeName(door, asked, [{ arn, account: '' }])
    throw noSuchKey(arn)
  }
  return goOn(authorizeFound(door, asked, key), () => key)
}

/** A key's description, once the caller may see it: plain data. */
export async function findKey(door: Door, keyId: string, look: KeyLook): Promise<FoundKey> {
  const found = await findAllowed(door, keyId, look)
  checkLook(found.key, look)
  return found
}

/** A key and what allowed the caller to come to it. */
export interface FoundKey {
  readonly key: Key
  readonly allowed: Allowed
}

/** A key of the caller's own account, for what the right to the account is enough. */
export async function findOwnKey(door: Door, keyId: string, action: Action): Promise<Key> {
  const reference = readKeyReference(keyId, door.scope, false)
  // What is another account's is refused whether or not it is there.
  if (reference.account !== door.caller.account) authorizeName(door, { action }, [reference])
  const key = await resolve(door, reference)
  if (key === undefined) throw missing(reference)
  door.found(key)
  return key
}

/** Whether a member of a request names a key; what names none at all does not. */
export async function isKey(door: Door, keyId: string, key: Key): Promise<boolean> {
  try {
    return (await resolve(door, readKeyReference(keyId, door.scope, true)))?.arn === key.arn
  } catch (error) {
    if (error instanceof KmsError) return false
    throw error
  }
}

/** Makes an operation's own checks on a key's description. */
export function checkLook(key: Key, look: KeyLook): void {
  refuseStates(key, look.refused ?? [])
  look.check?.(key)
}

/** What a use and a look have in common. */
type Wanted = Omit<KeyLook, 'refused' | 'check'> & Partial<KeyUseRequest>

function findAllowed(
  door: Door,
  keyId: string,
  wanted: Pick<Wanted, 'action'> & Partial<Wanted>,
): Soon<FoundKey> {
  const reference = readKeyReference(keyId, door.scope, wanted.aliases ?? false)
  return goOn(resolve(door, reference), (key) => {
    const asked = askedOf(door, wanted, { key, reference })
    if (key !== undefined && !(asked instanceof Promise)) return allowFound(door, asked, key)
    return goOn(asked, (known) => {
      if (key === undefined) return refuseMissing(door, known, reference)
      return allowFound(door, known, key)
    })
  })
}

function allowFound(door: Door, asked: Asked, key: Key): Soon<FoundKey> {
  const allowed = authorizeFound(door, asked, key)
  if (allowed instanceof Promise) return allowed.then((known) => ({ key, allowed: known }))
  return { key, allowed }
}

async function refuseMissing(door: Door, asked: Asked, reference: KeyReference): Promise<never> {
  authorizeMissing(door, asked, reference)
  await checkGrantTokens(door, asked, undefined)
  throw missing(reference)
}

/** Decides on a key that is there, and notes it for the record. */
function authorizeFound(door: Door, asked: Asked, key: Key): Soon<Allowed> {
  return goOn(authorizeKey(door, asked, key), (allowed) => {
    const checked = checkGrantTokens(door, asked, key)
    if (checked instanceof Promise) {
      return checked.then(() => {
        door.found(key)
        return allowed
      })
    }
    door.found(key)
    return allowed
  })
}

function askedOf(
  door: Door,
  wanted: Pick<Wanted, 'action'> & Partial<Wanted>,
  of: { readonly key: Key | undefined; readonly reference?: KeyReference },
): Soon<Asked> {
  const { key, reference } = of
  const { action, encryptionContext, grantTokens, newGrant } = wanted
  const asked = (conditions: ContextValues): Asked => ({
    action,
    encryptionContext,
    grantTokens,
    newGrant,
    conditions,
  })
  const conditions = memberConditions(door, wanted, reference)
  if (key === undefined || wanted.conditions === undefined) return asked(conditions)
  return wanted.conditions(key).then((more) => asked({ ...conditions, ...more }))
}

/** The condition keys of members; what a request leaves to the default counts as if it stood there. */
function memberConditions(
  door: Door,
  { usage, algorithm = 'SYMMETRIC_DEFAULT' }: Partial<Wanted>,
  reference: KeyReference | undefined,
): ContextValues {
  const sealing = usage === 'ENCRYPT_DECRYPT' ? sealingConditions(algorithm) : noConditions
  if (reference?.kind !== 'alias' && door.conditions === noConditions) return sealing
  const alias = reference?.kind === 'alias' ? [reference.name] : undefined
  return { ...door.conditions, ...sealing, 'kms:requestalias': alias }
}

/** Most requests ask for the same, so that what they ask is made once. */
function sealingConditions(algorithm: string): ContextValues {
  const before = sealings.get(algorithm)
  if (before !== undefined) return before
  const conditions = Object.freeze({ 'kms:encryptionalgorithm': [algorithm] })
  sealings.set(algorithm, conditions)
  return conditions
}

/** By algorithm, of which there are few: the request was checked. */
const sealings = new Map<string, ContextValues>()

/**
 * A key that is not there has no policy, so that the caller's own have to allow the question; of an alias that is not there
 * nobody knows the key, and the right to any will do.
 */
export function authorizeMissing(door: Door, asked: Asked, reference: KeyReference): void {
  const { arn, account } = reference
  const anyKey = keyArn(
    { account, region: door.scope.region },
    '00000000-0000-0000-0000-000000000000',
  )
  const others = reference.kind === 'alias' ? [{ arn: anyKey, account }] : []
  authorizeName(door, asked, [{ arn, account }, ...others])
}

/** The key that a reference names; undefined if there is none in the account that it names. */
export function resolve(
  { directory, scope }: Pick<Door, 'directory' | 'scope'>,
  reference: KeyReference,
): Soon<Key | undefined> {
  const { region } = scope
  const { account } = reference
  if (reference.kind === 'alias') {
    return goOn(
      directory.alias({ account, region }, reference.name),
      (alias) => alias && directory.key(region, alias.keyId),
    )
  }
  // An id alone, or an ARN with another account's number, does not reach into the account that has the key.
  return goOn(directory.key(region, reference.id), (key) =>
    key?.account === account ? key : undefined,
  )
}

/** The error of a reference that names nothing. */
export function missing(reference: KeyReference): KmsError {
  return reference.kind === 'alias' ? noSuchAlias(reference.arn) : noSuchKey(reference.arn)
}

function passChecks(door: Door, key: Key, use: KeyUseRequest): UsableKey {
  for (const check of use.checks ?? usualChecks) check(key, use)
  if (use.dryRun === true) throw dryRunOperation()
  door.used(key)
  return UsableKey.behindTheDoor(key, door.keyStore)
}

/** A grant is effective at once, so that a token adds nothing to it; one that is none is refused, once the caller may. */
function checkGrantTokens(
  { grants, scope }: Door,
  { grantTokens }: Asked,
  key: Key | undefined,
): Soon<void> {
  if (grantTokens === undefined || grantTokens.length === 0) return undefined
  return grants.checkTokens(grantTokens, { region: scope.region, key })
}
