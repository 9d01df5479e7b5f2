/** The grants of a key go with it, and no sooner. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDatabase, someGrant, someKey, store } from '../../test/support/grant-database.ts'
import { countGrants } from '../database/grants.ts'
import { insertKey } from '../database/keys.ts'
import type { Key } from '../keys/key.ts'
import { deleteGrantsOfDueKey } from './delete-grants.ts'

const now = 1_000_000

/** How many of a key's grants are left after the job. */
async function leftAfter(given: Partial<Key>, grants: number): Promise<number> {
  await using opened = openDatabase()
  const { database } = opened
  const key: Key = { ...someKey, ...given }
  await database.write((transaction) => insertKey(transaction, key))
  await store(
    opened,
    Array.from({ length: grants }, () => someGrant()),
  )
  await deleteGrantsOfDueKey(database, key, now)
  return await countGrants(database.read, key)
}

test('a key whose deletion date has come loses its grants, however many', async () => {
  const due = { state: 'PendingDeletion', deletionAt: now } as const
  assert.equal(await leftAfter(due, 0), 0)
  assert.equal(await leftAfter(due, 3), 0)
  // More than twice what one transaction takes, and exactly as much.
  assert.equal(await leftAfter(due, 450), 0)
  assert.equal(await leftAfter(due, 200), 0)
})

test('a key whose date has not come, or whose deletion was cancelled, keeps them', async () => {
  assert.equal(await leftAfter({ state: 'PendingDeletion', deletionAt: now + 1 }, 3), 3)
  assert.equal(await leftAfter({ state: 'Disabled' }, 3), 3)
})
