/**
 * Opens the root key beside a database. It is created only with a new database; a wrong one is refused before anything is
 * served, and a missing one beside a database that was sealed under it is refused and never made anew. A change of the
 * root key that a crash cut off is finished, or forgotten where it had not got as far as the custodian.
 */
import { ed25519FromSeed } from '../crypto/derive.ts'
import { randomBytes, uuid } from '../crypto/random.ts'
import { restoreMark } from '../database/meta.ts'
import { type Custodian, type CustodianSettings, custodianOf } from './custodian.ts'
import { type RootKeys, rootKeys } from './root-key.ts'
import {
  auditPlace,
  metaNames,
  openPrevious,
  parseChange,
  type RootKeyChange,
} from './root-key-change.ts'
import { RootKeyRing } from './root-key-ring.ts'

/** The part of the database that is read and written while its schema lock is held. */
export interface RootKeySetUp {
  meta(name: string): string | undefined
  setMeta(name: string, value: string): void
}

/**
 * Opens (or, with a new database, creates) the root key. `next` opens the one that was to come: it may be the current one by
 * now.
 */
export function openRootKey(
  custodian: Custodian,
  setUp: RootKeySetUp,
  next: () => RootKeys | undefined = () => undefined,
): RootKeyRing {
  const { file } = custodian
  const check = setUp.meta(metaNames.check)
  const storeId = setUp.meta(metaNames.storeId) ?? uuid()
  if (setUp.meta(restoreMark) !== undefined) {
    throw new Error(
      'a restore into the database was begun and not finished; run trent restore again',
    )
  }
  if (!custodian.exists()) {
    if (check !== undefined) {
      throw new Error(
        `the root key \`${file}\` is missing, and the database is sealed under it; put it back, or name it with --root-key`,
      )
    }
    createRootKey(custodian)
  }
  const keys = rootKeys(custodian.open())
  if (check === undefined) {
    setUp.setMeta(metaNames.storeId, storeId)
    setUp.setMeta(metaNames.check, keys.check(storeId))
  } else if (!keys.matches(storeId, check) && !finishSwitch(keys, storeId, setUp)) {
    // Another node on the same file may have moved the next one there meanwhile.
    const moved = next() ?? rootKeys(custodian.open())
    if (moved.matches(storeId, check)) return ringOf(moved, setUp)
    throw new Error(refusal(file, keys, parseChange(setUp.meta(metaNames.change))))
  }
  return ringOf(keys, setUp)
}

function refusal(file: string, { id }: RootKeys, change: RootKeyChange | undefined): string {
  const wrong = `\`${file}\` is not the root key that the database is sealed under`
  if (change?.previousId !== id) return wrong
  return `${wrong}: that was changed, from ${id} to ${change.nextId}; bring the new one there`
}

/** The root key for a restore. None is made: it would open nothing. */
export function openForRestore(settings: CustodianSettings): RootKeys {
  const custodian = custodianOf(settings)
  if (custodian.exists()) return rootKeys(custodian.open())
  throw new Error(
    `the root key \`${custodian.file}\` is missing; name the one that the backup is sealed under with --root-key`,
  )
}

function createRootKey(custodian: Custodian): void {
  const bytes = randomBytes(32)
  custodian.create(bytes)
  bytes.fill(0)
}

/** The custodian had the new root key when the crash came, and the database did not know it yet. */
function finishSwitch(keys: RootKeys, storeId: string, setUp: RootKeySetUp): boolean {
  const change = parseChange(setUp.meta(metaNames.change))
  if (change?.stage !== 'begun' || !keys.matches(storeId, change.nextCheck)) return false
  setUp.setMeta(metaNames.check, change.nextCheck)
  setUp.setMeta(metaNames.audit, change.audit)
  setUp.setMeta(metaNames.change, JSON.stringify({ ...change, stage: 'switched' }))
  return true
}

function ringOf(keys: RootKeys, setUp: RootKeySetUp): RootKeyRing {
  const alone = new RootKeyRing(keys)
  const change = parseChange(setUp.meta(metaNames.change))
  // The custodian never had the new one, so that nothing is sealed under it.
  if (change?.stage === 'begun') setUp.setMeta(metaNames.change, '')
  const isUnderWay = change !== undefined && change.stage !== 'begun'
  const audit = auditKey(alone, setUp.meta(metaNames.audit))
  return new RootKeyRing(keys, {
    previous: isUnderWay ? openPrevious(alone, change) : undefined,
    ...(audit && { audit }),
  })
}

function auditKey(ring: RootKeyRing, sealed: string | undefined) {
  if (sealed === undefined || sealed === '') return undefined
  const seed = ring.open('sealedKeys', Buffer.from(sealed, 'base64'), auditPlace)
  if (seed === undefined) throw new Error("the record's signing key does not open")
  return ed25519FromSeed(seed)
}
