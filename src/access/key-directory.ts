/**
 * Where keys and aliases are looked up: by index in the database, kept in memory by views that the feed keeps fresh.
 */
import type { Scope } from '../api/arn.ts'
import { type Alias, aliasRowName, findAlias } from '../database/aliases.ts'
import type { Database } from '../database/database.ts'
import { findKey, keyRowName } from '../database/keys.ts'
import { type Key, keyAt } from '../keys/key.ts'
import { goOn, type Soon } from '../soon.ts'
import { type KeyFacts, readKeyFacts } from './key-facts.ts'

/** How many keys and aliases stay in memory. */
const keptKeys = 100_000

/** Looks keys and aliases up. */
export interface KeyDirectory {
  /** The key of this id in a region, whoever owns it; undefined if there is none or its deletion date has come. */
  key(region: string, id: string): Soon<Key | undefined>
  /** What a decision has to know of a key besides its row. */
  facts(key: Key): Soon<KeyFacts>
  /** The alias of this name; undefined if and only if there is none. */
  alias(scope: Scope, name: string): Soon<Alias | undefined>
}

/** The directory over a database. */
export function keyDirectory(database: Database, now: () => number): KeyDirectory {
  const keys = database.view<Key>(keptKeys)
  const facts = database.view<KeyFacts>(keptKeys)
  const aliases = database.view<Alias>(keptKeys)
  return {
    key: (region, id) => {
      const name = keyRowName(region, id)
      const key = keys.get(name) ?? keys.find(name, () => findKey(database.read, region, id))
      return goOn(key, (found) => found && keyNow(found, now))
    },
    facts: (key) => {
      // Whatever changes a key's policy, tags or aliases names the key's row to the feed.
      const name = keyRowName(key.region, key.id)
      const kept = facts.get(name)
      return kept ?? facts.find(name, () => readKeyFacts(database.read, key)).then(requireFacts)
    },
    alias: (scope, name) => {
      const rowName = aliasRowName(scope, name)
      return (
        aliases.get(rowName) ?? aliases.find(rowName, () => findAlias(database.read, scope, name))
      )
    },
  }
}

/** Due dates hold at use: the jobs that erase may come later. */
function keyNow(key: Key, now: () => number): Key | undefined {
  if (key.deletionAt !== undefined && key.deletionAt <= now()) return undefined
  return key.validTo === undefined ? key : keyAt(key, now())
}

function requireFacts(found: KeyFacts | undefined): KeyFacts {
  if (found === undefined) throw new Error('a key that is there has a policy')
  return found
}
