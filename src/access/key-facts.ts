/**
 * What a decision has to know of a key besides its row: its policy, and the condition keys that describe it (Developer
 * Guide, "AWS KMS condition keys").
 */
import { listAliasesOfKey } from '../database/aliases.ts'
import type { Reader } from '../database/database.ts'
import { findKeyPolicy } from '../database/policies.ts'
import { listTags } from '../database/tags.ts'
import { isPrimary, type Key } from '../keys/key.ts'
import { compileOnce } from '../policies/caller-policies.ts'
import { type ContextValues, tagValues } from '../policies/context-values.ts'
import type { NamedPolicy } from '../policies/layers.ts'

/** A key's policy and what condition keys say of it. */
export interface KeyFacts {
  readonly policy: NamedPolicy
  readonly context: ContextValues
}

/** The members of a key that condition keys tell of. */
export type DescribedKey = Pick<
  Key,
  'account' | 'spec' | 'usage' | 'origin' | 'multiRegion' | 'primaryRegion' | 'region'
>

/** Reads what there is to know of a key. */
export async function readKeyFacts(reader: Reader, key: Key): Promise<KeyFacts> {
  const { text, pins } = await findKeyPolicy(reader, key)
  const tags = await listTags(reader, key, { after: '', limit: mostTags })
  const aliases = await listAliasesOfKey(reader, key, { after: '', limit: mostAliases + 1 })
  return {
    policy: { name: 'default', policy: compileOnce(text, 'key', pins) },
    context: {
      ...describe(key),
      ...tagValues('aws:resourcetag/', tags),
      // Developer Guide, "kms:ResourceAliases": beyond the quota of aliases nothing is allowed by them.
      'kms:resourcealiases':
        aliases.length === 0 || aliases.length > mostAliases
          ? undefined
          : aliases.map(({ name }) => name),
    },
  }
}

/** What condition keys say of a key, also of one that is to be made. */
export function describe(key: DescribedKey): ContextValues {
  return {
    'aws:resourceaccount': [key.account],
    'kms:keyspec': [key.spec],
    'kms:customermasterkeyspec': [key.spec],
    'kms:keyusage': [key.usage],
    'kms:customermasterkeyusage': [key.usage],
    'kms:keyorigin': [key.origin],
    'kms:multiregion': [String(key.multiRegion)],
    'kms:multiregionkeytype': key.multiRegion
      ? [isPrimary(key) ? 'PRIMARY' : 'REPLICA']
      : undefined,
  }
}

/** AWS's quotas of tags and of aliases on a key. */
const mostTags = 50
const mostAliases = 50
