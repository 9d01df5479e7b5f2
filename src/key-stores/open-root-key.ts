/**
 * Opens the root key beside a database. It is created only with a new database; a wrong one is refused before anything is
 * served, and a missing one beside a database that was sealed under it is refused and never made anew.
 */
import { uuid } from '../crypto/random.ts'
import { createKeyFile, keyFileExists, readKeyFile } from './key-file.ts'
import { type RootKeys, rootKeys } from './root-key.ts'

/** The part of the database that is read and written while its schema lock is held. */
export interface RootKeySetUp {
  meta(name: string): string | undefined
  setMeta(name: string, value: string): void
}

/** Opens (or, with a new database, creates) the root key in `file`. */
export function openRootKey(file: string, setUp: RootKeySetUp): RootKeys {
  const check = setUp.meta('root-key-check')
  const storeId = setUp.meta('store-id') ?? uuid()
  if (!keyFileExists(file)) {
    if (check !== undefined) {
      throw new Error(
        `the root key \`${file}\` is missing, and the database is sealed under it; put it back, or name it with --root-key`,
      )
    }
    createKeyFile(file)
  }
  const keys = rootKeys(readKeyFile(file))
  if (check === undefined) {
    setUp.setMeta('store-id', storeId)
    setUp.setMeta('root-key-check', keys.check(storeId))
  } else if (!keys.matches(storeId, check)) {
    throw new Error(`\`${file}\` is not the root key that the database is sealed under`)
  }
  return keys
}
