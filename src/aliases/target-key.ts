/**
 * The key that an alias points at, or is to point at.
 */
import { limitExceeded, validation } from '../api/errors.ts'
import { type Alias, countAliases } from '../database/aliases.ts'
import type { Reader } from '../database/database.ts'
import { findKey } from '../database/keys.ts'
import type { Key } from '../keys/key.ts'
import type { Limits } from '../operation.ts'

/** An alias cannot point at an alias. */
export function refuseAliasAsTarget(targetKeyId: string): void {
  if (targetKeyId.startsWith('alias/') || /^arn:[^:]*:kms:[^:]*:[^:]*:alias\//.test(targetKeyId)) {
    throw validation('Aliases must refer to keys. Not aliases')
  }
}

/**
 * The key that an alias points at; undefined once the key's deletion date has come. The alias is gone with it, also while
 * the job that erases both is still to run.
 */
export async function targetOf(
  reader: Reader,
  alias: Alias,
  now: number,
): Promise<Key | undefined> {
  const key = await findKey(reader, alias.region, alias.keyId)
  return key?.deletionAt !== undefined && key.deletionAt <= now ? undefined : key
}

/** Throws LimitExceededException when a key has as many aliases as it may. */
export async function refuseFullKey(reader: Reader, key: Key, limits: Limits): Promise<void> {
  const count = await countAliases(reader, key)
  if (count < limits.aliasesPerKey) return
  throw limitExceeded(
    `Aliases per key quota for this account in this region is ${limits.aliasesPerKey}, current usage is ${count}.`,
  )
}
