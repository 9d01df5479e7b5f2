/** Rows of grants come back as they went in, and every question about them is a search of an index. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { countBucket } from '../database/grant-lookups.ts'
import {
  countGrants,
  deleteGrant,
  findGrant,
  findGrantByIdentity,
  listGrantRows,
  listGrantsOfGrantee,
  listGrantsToRetire,
} from '../database/grants.ts'
import {
  openDatabase,
  plansOf,
  someGrant,
  someKey,
  store,
  watched,
} from '../../test/support/grant-database.ts'
import { readConstraints } from './grant-constraints.ts'
import { findSameGrant } from './store-grant.ts'

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
const pairs = fc
  .array(fc.tuple(fc.oneof(text, fc.constant('__proto__')), text), { maxLength: 8 })
  .map((list) => new Map(list))

test('a grant comes back as it was stored, whatever its constraints say', async () => {
  await using opened = openDatabase()
  await fc.assert(
    fc.asyncProperty(pairs, fc.boolean(), fc.boolean(), text, async (map, equal, retired, name) => {
      const grant = someGrant({
        name,
        retiring: retired ? { shown: 'somebody', name: 'AWS:somebody' } : undefined,
        operations: ['Encrypt', 'Decrypt'],
        constraints: readConstraints({
          ...(equal ? { EncryptionContextEquals: map } : { EncryptionContextSubset: map }),
          SourceArn: `arn:aws:s3:us-east-1:111122223333:${name}`,
        }),
      })
      await store(opened, [grant])
      const found = await findGrant(opened.database.read, someKey, grant.id)
      assert.deepEqual(found?.grant, grant)
    }),
  )
})

test('a grant is found by its name, and gone only once', async () => {
  await using opened = openDatabase()
  const { database } = opened
  const grant = someGrant({ name: 'named' })
  await store(opened, [grant, someGrant()])
  await database.write(async (transaction) => {
    const again = { ...grant, id: '0'.repeat(64), createdAt: 99 }
    assert.equal(await findSameGrant(transaction, someKey, again), grant.id)
    assert.equal(await findSameGrant(transaction, someKey, { ...again, name: '' }), undefined)
    assert.equal(await findSameGrant(transaction, someKey, { ...again, name: 'other' }), undefined)
    assert.equal(await deleteGrant(transaction, someKey, grant.id), true)
    assert.equal(await deleteGrant(transaction, someKey, grant.id), false)
    assert.equal(await findSameGrant(transaction, someKey, again), undefined)
  })
  assert.equal(await countGrants(database.read, someKey), 1)
})

test('every question is a search of an index, and no answer is sorted', async () => {
  await using opened = openDatabase()
  const { statements, database } = watched(opened)
  const { read } = database
  const page = { after: '', limit: 50 }
  await findGrant(read, someKey, 'g')
  await findGrantByIdentity(read, someKey, 'i')
  await countGrants(read, someKey)
  await listGrantRows(read, someKey, page)
  await listGrantsOfGrantee(read, someKey, { ...page, grantee: 'g' })
  await listGrantsToRetire(read, { region: 'us-east-1', retiringName: 'r', now: 1 }, page)
  await countBucket(read, { key: someKey, holder: 'h' }, { bucket: '', most: 9 })
  const steps = [...plansOf(opened, statements)]
  const searches = steps.filter((step) =>
    /^SEARCH (grants|grant_counts|keys) USING (COVERING )?INDEX /.test(step),
  )
  assert.ok(searches.length >= 7)
  // A subquery's own rows are all of what it found by its index, up to the limit in it.
  const others = steps.filter((step) => !searches.includes(step))
  for (const step of others) {
    assert.match(
      step,
      /^(CORRELATED SCALAR SUBQUERY \d+|CO-ROUTINE .*|SCAN counted|MATERIALIZE .*)$/,
    )
  }
})
