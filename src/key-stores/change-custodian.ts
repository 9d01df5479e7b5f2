/**
 * Gives the root key from one custodian to another. The key stays the same, and so does everything that is sealed under it.
 */
import { timingSafeEqual } from 'node:crypto'
import { resolve } from 'node:path'
import type { Custodian } from './custodian.ts'
import { keyFileCustodian } from './key-file.ts'
import { passphraseCustodian } from './passphrase.ts'
import { CustodianError } from './root-key-file.ts'

/** Who takes it: `key-file`, or `passphrase` with the file where that stands. */
export interface Taker {
  readonly to: string
  readonly passphraseFile: string | undefined
}

/** Changes the custodian; when this returns, the new one has the root key on disk and has opened it once. */
export function changeCustodian(from: Custodian, taker: Taker): Custodian {
  if (!from.exists()) throw new CustodianError(`there is no root key in \`${from.file}\``)
  const to = custodianFor(from.file, taker)
  const rootKey = from.open()
  to.replace(rootKey)
  const again = to.open()
  const isSame = timingSafeEqual(rootKey, again)
  rootKey.fill(0)
  again.fill(0)
  if (!isSame) throw new Error('the new custodian holds another root key')
  return to
}

function custodianFor(file: string, { to, passphraseFile }: Taker): Custodian {
  if (to === 'passphrase') {
    if (passphraseFile !== undefined) return passphraseCustodian(file, resolve(passphraseFile))
    throw new CustodianError('name the file with the passphrase: --new-passphrase-file')
  }
  if (to !== 'key-file')
    throw new CustodianError(`\`${to}\` is no custodian: key-file or passphrase`)
  if (passphraseFile === undefined) return keyFileCustodian(file)
  throw new CustodianError('a key file has no passphrase')
}
