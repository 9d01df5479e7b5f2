/**
 * The key that an alias is to point at.
 */
import { invalidArn, limitExceeded, validation } from '../api/errors.ts'
import { countAliases } from '../database/aliases.ts'
import type { Reader } from '../database/database.ts'
import type { Key } from '../keys/key.ts'
import type { Limits } from '../operation.ts'

/** An alias cannot point at an alias. */
export function refuseAliasAsTarget(targetKeyId: string): void {
  if (targetKeyId.startsWith('alias/') || /^arn:[^:]*:kms:[^:]*:[^:]*:alias\//.test(targetKeyId)) {
    throw validation('Aliases must refer to keys. Not aliases')
  }
}

/** Only customer managed keys can have aliases of the customer's. */
export function refuseAwsManaged(key: Key): void {
  if (key.manager === 'AWS') throw invalidArn('Aliases cannot refer to AWS managed keys.')
}

/** Throws LimitExceededException when a key has as many aliases as it may. */
export async function refuseFullKey(reader: Reader, key: Key, limits: Limits): Promise<void> {
  const count = await countAliases(reader, key)
  if (count < limits.aliasesPerKey) return
  throw limitExceeded(
    `Aliases per key quota for this account in this region is ${limits.aliasesPerKey}, current usage is ${count}.`,
  )
}
