/**
 * Asked again inside of a transaction: a change is made to what the decision and the checks saw, and to nothing else.
 */
import type { Reader } from '../database/database.ts'
import { findKey } from '../database/keys.ts'
import { type Key, keyAt } from '../keys/key.ts'
import type { KeyLook } from '../operation.ts'
import { type Asked, authorizeAgain, type Gate } from './authorize.ts'
import { noSuchKey } from './find-key.ts'
import { readKeyFacts } from './key-facts.ts'
import { checkLook, type FoundKey } from './use-key.ts'

/** The key that was found before, as the transaction has it. Throws what the search for it would throw now. */
export async function findAgain(
  gate: Gate,
  { key: found, allowed }: FoundKey,
  by: { readonly look: KeyLook; readonly transaction: Reader },
): Promise<Key> {
  const row = await findKey(by.transaction, found.region, found.id)
  if (row === undefined) throw noSuchKey(found.arn)
  const key = keyAt(row, gate.request.now)
  authorizeAgain(gate, allowed, { key, facts: await readKeyFacts(by.transaction, key) })
  checkLook(key, by.look)
  return key
}

/** Throws AccessDeniedException unless the caller may do it with another key that the transaction came upon. */
export async function authorizeThere(
  gate: Gate,
  asked: Asked,
  about: { readonly key: Key; readonly transaction: Reader },
): Promise<void> {
  const facts = await readKeyFacts(about.transaction, about.key)
  authorizeAgain(gate, { asked, grants: [] }, { key: about.key, facts })
}
