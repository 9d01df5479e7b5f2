/**
 * Custodians: who holds the root key while nobody serves. A custodian seals and opens the root key and nothing else, once at
 * start and once for each change. Both that there are keep a file; its first word says which of them wrote it.
 */
import { existsSync, readFileSync } from 'node:fs'
import { keyFileCustodian, keyFilePrefix } from './key-file.ts'
import { passphraseCustodian, passphrasePrefix } from './passphrase.ts'
import { CustodianError } from './root-key-file.ts'

/** Who holds the root key. */
export interface Custodian {
  readonly kind: CustodianKind
  /** Where it stands, for messages. */
  readonly file: string
  /** Whether it holds a root key at all. */
  exists(): boolean
  /** The root key: 32 bytes, which the caller zeroes. Throws a `CustodianError` when it does not open. */
  open(): Buffer
  /** Keeps a new root key; on disk when this returns. Throws when there is one already: none is ever overwritten. */
  create(rootKey: Uint8Array): void
  /** Keeps a root key in place of the one that is there. Whatever happens, the file holds one of the two whole. */
  replace(rootKey: Uint8Array): void
}

/** What a custodian is called. */
export type CustodianKind = 'key-file' | 'passphrase'

/** The settings that say which custodian it is. */
export interface CustodianSettings {
  readonly rootKey: string
  readonly rootKeyPassphraseFile?: string | undefined
}

/** The custodian of these settings. Throws a `CustodianError` when the file was written by the other one. */
export function custodianOf({
  rootKey: file,
  rootKeyPassphraseFile,
}: CustodianSettings): Custodian {
  const found = kindOfFile(file)
  if (rootKeyPassphraseFile === undefined) {
    if (found === 'passphrase') {
      throw new CustodianError(
        `the root key \`${file}\` is sealed under a passphrase; name the file that holds it with --root-key-passphrase-file`,
      )
    }
    return keyFileCustodian(file)
  }
  if (found === 'key-file') {
    throw new CustodianError(
      `the root key \`${file}\` is not sealed under a passphrase; seal it with trent root-key change-custodian, or start without --root-key-passphrase-file`,
    )
  }
  return passphraseCustodian(file, rootKeyPassphraseFile)
}

/** Who wrote a file; undefined when there is none, or when it is of neither. */
export function kindOfFile(file: string): CustodianKind | undefined {
  if (!existsSync(file)) return undefined
  const text = readFileSync(file)
  const begins = (prefix: string) => text.subarray(0, prefix.length).toString('latin1') === prefix
  const kind = begins(passphrasePrefix)
    ? 'passphrase'
    : begins(keyFilePrefix)
      ? 'key-file'
      : undefined
  text.fill(0)
  return kind
}
