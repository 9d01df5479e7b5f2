/**
 * The root key that is to come, in a file beside the one in use. Every node of a shared database has to hold it before it is
 * taken into use; then it takes the other's place.
 */
import { randomBytes } from '../crypto/random.ts'
import { type Custodian, type CustodianSettings, custodianOf, kindOfFile } from './custodian.ts'
import { keyFileCustodian } from './key-file.ts'
import { type RootKeys, rootKeys } from './root-key.ts'
import { CustodianError, removeOwnFile, renameOwnFile } from './root-key-file.ts'

/** The file of the root key that is to come. */
export const nextFile = ({ rootKey }: CustodianSettings): string => `${rootKey}.next`

/** Opens it; undefined if and only if there is none. It may be a plain file where the one in use has a passphrase. */
export function openNext(settings: CustodianSettings): RootKeys | undefined {
  return openIfThere(custodianOfNext(settings))
}

/** Opens it, or makes one where there is none. */
export function openOrMakeNext(settings: CustodianSettings): RootKeys {
  const custodian = custodianOfNext(settings)
  const found = openIfThere(custodian)
  if (found !== undefined) return found
  const bytes = randomBytes(32)
  try {
    custodian.create(bytes)
    return rootKeys(bytes)
  } finally {
    bytes.fill(0)
  }
}

/**
 * Puts it in the place of the one that was in use, if it is the current one by now. Nodes that share the file do so one after
 * the other: who comes later finds it done.
 */
export function promoteNext(settings: CustodianSettings, current: RootKeys): void {
  const next = custodianOfNext(settings)
  if (openIfThere(next)?.id !== current.id) return
  const main = kindOfFile(settings.rootKey)
  if (main === next.kind) {
    ignoreGone(() => {
      renameOwnFile(next.file, settings.rootKey)
    })
    return
  }
  // Whoever keeps the root key goes on to do so in the same way.
  const bytes = next.open()
  try {
    custodianOf(settings).replace(bytes)
  } finally {
    bytes.fill(0)
  }
  removeOwnFile(next.file)
}

/** Every root key that this node holds, the likeliest first; each is opened when it is asked for. */
export function* heldRootKeys(settings: CustodianSettings): Generator<RootKeys> {
  const main = custodianOf(settings)
  yield rootKeys(main.open())
  const next = openNext(settings)
  if (next !== undefined) yield next
  // Another node on the same file may have moved the next one there meanwhile.
  else yield rootKeys(main.open())
}

function custodianOfNext(settings: CustodianSettings): Custodian {
  const file = nextFile(settings)
  if (kindOfFile(file) === 'key-file') return keyFileCustodian(file)
  return custodianOf({ ...settings, rootKey: file })
}

function openIfThere(custodian: Custodian): RootKeys | undefined {
  if (!custodian.exists()) return undefined
  return ignoreGone(() => rootKeys(custodian.open()))
}

/** A file may go between the look and the use. */
function ignoreGone<Result>(use: () => Result): Result | undefined {
  try {
    return use()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    if (error instanceof CustodianError || !(error instanceof Error && 'syscall' in error))
      throw error
    throw new CustodianError(`a root key cannot be read or put in place: ${error.message}`)
  }
}
