/**
 * Where keys and aliases are looked up: by index in the database, kept in memory by views that the feed keeps fresh.
 */
import type { Scope } from '../api/arn.ts'
import { type Alias, aliasRowName, findAlias } from '../database/aliases.ts'
import type { Database } from '../database/database.ts'
import { findKey, keyRowName } from '../database/keys.ts'
import { type Key, keyAt } from '../keys/key.ts'
import { type KeyFacts, readKeyFacts } from './key-facts.ts'

/** How many keys and aliases stay in memory. */
const keptKeys = 100_000

/** Looks keys and aliases up. */
export interface KeyDirectory {
  /** The key of this id in a region, whoever owns it; undefined if there is none or its deletion date has come. */
  key(region: string, id: string): Promise<Key | undefined>
  /** What a decision has to know of a key besides its row. */
  facts(key: Key): Promise<KeyFacts>
  /** The alias of this name; undefined if and only if there is none. */
  alias(scope: Scope, name: string): Promise<Alias | undefined>
}

/** The directory over a database. */
export function keyDirectory(database: Database, now: () => number): KeyDirectory {
  const keys = database.view<Key>(keptKeys)
  const facts = database.view<KeyFacts>(keptKeys)
  const aliases = database.view<Alias>(keptKeys)
  return {
    key: async (region, id) => {
      const name = keyRowName(region, id)
      const key =
        keys.get(name) ?? (await keys.find(name, () => findKey(database.read, region, id)))
      if (key === undefined) return
      // Due dates hold at use: the jobs that erase may come later.
      if (key.deletionAt !== undefined && key.deletionAt <= now()) return
      return key.validTo === undefined ? key : keyAt(key, now())
    },
    facts: async (key) => {
      // Whatever changes a key's policy, tags or aliases names the key's row to the feed.
      const name = keyRowName(key.region, key.id)
      const kept = facts.get(name)
      if (kept !== undefined) return kept
      const found = await facts.find(name, () => readKeyFacts(database.read, key))
      if (found === undefined) throw new Error('a key that is there has a policy')
      return found
    },
    alias: async (scope, name) => {
      const rowName = aliasRowName(scope, name)
      return (
        aliases.get(rowName) ??
        (await aliases.find(rowName, () => findAlias(database.read, scope, name)))
      )
    },
  }
}
