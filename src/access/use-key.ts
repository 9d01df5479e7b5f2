/**
 * The only door to a key: find it, may they?, the operation's own ordered checks, dry run. What comes out is a capability
 * that nothing else can make; operations on a key's description get plain data instead.
 */
import { dryRunOperation, incorrectKey, invalidCiphertext, type KmsError } from '../api/errors.ts'
import type { MacAlgorithm } from '../api/types.ts'
import type { Scope } from '../api/arn.ts'
import type { GrantDirectory } from '../grants/grant-directory.ts'
import type { Principal } from '../identities/principal.ts'
import type { KeyStore, Sealing, Signing } from '../key-stores/key-store.ts'
import type { Key } from '../keys/key.ts'
import { refuseStates } from '../keys/key-state.ts'
import type { CiphertextUse, KeyLook, KeyUseRequest } from '../operation.ts'
import { authorize, ciphertextDenied } from './authorize.ts'
import { noSuchAlias, noSuchKey, readKeyReference } from './find-key.ts'
import { usualChecks } from '../keys/key-checks.ts'
import type { KeyDirectory } from './key-directory.ts'

/** Who asks, from where, and what the door opens on. */
export interface Door {
  readonly caller: Principal
  readonly scope: Scope
  readonly directory: KeyDirectory
  readonly grants: GrantDirectory
  readonly keyStore: KeyStore
  /** Called with each key that the call turns out to concern, once the caller may. */
  readonly found: (key: Key) => void
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

  encrypt(sealing: Sealing): Promise<Buffer> {
    return this.#store.encrypt(this.#key, sealing)
  }

  /** Decrypts, or throws InvalidCiphertextException. The caller zeroes the plaintext. */
  decrypt(sealing: Sealing): Promise<Buffer> {
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
export async function useKey(door: Door, keyId: string, use: KeyUseRequest): Promise<UsableKey> {
  const key = await findAllowed(door, keyId, { action: use.action, aliases: true, ...grants(use) })
  return passChecks(door, key, use)
}

/**
 * Opens the door to the key that a ciphertext names. A key that the request names as well must be the same one, whatever
 * its type or state; without one, a ciphertext whose key is not for the caller is refused as if there were none.
 */
export async function useCiphertextKey(door: Door, use: CiphertextUse): Promise<UsableKey> {
  if (use.keyId !== undefined) {
    const named = await findAllowed(door, use.keyId, {
      action: use.action,
      aliases: true,
      ...grants(use),
    })
    if (use.header === undefined) throw invalidCiphertext('not a blob of Trent')
    if (use.header.keyId !== named.id) throw incorrectKey()
    return passChecks(door, named, use)
  }
  if (use.header === undefined) throw invalidCiphertext('not a blob of Trent')
  const key = await door.directory.key(door.scope.region, use.header.keyId)
  if (key === undefined || key.account !== door.caller.account) {
    throw ciphertextDenied(door.caller, use.action)
  }
  authorize(door.caller, { action: use.action, resource: key })
  await checkGrantTokens(door, key, use)
  door.found(key)
  return passChecks(door, key, use)
}

/** A key's description, once the caller may see it: plain data. */
export async function findKey(door: Door, keyId: string, look: KeyLook): Promise<Key> {
  const key = await findAllowed(door, keyId, look)
  checkLook(key, look)
  return key
}

/** Makes an operation's own checks on a key's description. */
export function checkLook(key: Key, look: KeyLook): void {
  refuseStates(key, look.refused ?? [])
  look.check?.(key)
}

async function findAllowed(door: Door, keyId: string, look: KeyLook): Promise<Key> {
  const reference = readKeyReference(keyId, door.scope, look.aliases ?? false)
  const key = await resolve(door, reference)
  const resource = key ?? { arn: reference.arn, account: reference.account }
  authorize(door.caller, { action: look.action, resource })
  await checkGrantTokens(door, key, look)
  if (key === undefined) throw missing(reference)
  door.found(key)
  return key
}

/** The key that a reference names; undefined if there is none in the account that it names. */
export async function resolve(
  door: Door,
  reference: ReturnType<typeof readKeyReference>,
): Promise<Key | undefined> {
  const { region } = door.scope
  if (reference.kind === 'alias') {
    const alias = await door.directory.alias({ account: reference.account, region }, reference.name)
    return alias && door.directory.key(region, alias.keyId)
  }
  const key = await door.directory.key(region, reference.id)
  // An id alone, or an ARN with another account's number, does not reach into the account that has the key.
  return key?.account === reference.account ? key : undefined
}

/** The error of a reference that names nothing. */
export function missing(reference: ReturnType<typeof readKeyReference>): KmsError {
  return reference.kind === 'alias' ? noSuchAlias(reference.arn) : noSuchKey(reference.arn)
}

function passChecks(door: Door, key: Key, use: KeyUseRequest): UsableKey {
  for (const check of use.checks ?? usualChecks) check(key, use)
  if (use.dryRun === true) throw dryRunOperation()
  return UsableKey.behindTheDoor(key, door.keyStore)
}

/** A grant is effective at once, so that a token adds nothing to it; one that is none is refused. */
async function checkGrantTokens(
  { grants: directory, scope }: Door,
  key: Key | undefined,
  { grantTokens = [] }: { readonly grantTokens?: readonly string[] | undefined },
): Promise<void> {
  if (grantTokens.length > 0) {
    await directory.checkTokens(grantTokens, { region: scope.region, key })
  }
}

function grants(use: KeyUseRequest): { readonly grantTokens?: readonly string[] } {
  return use.grantTokens === undefined ? {} : { grantTokens: use.grantTokens }
}
