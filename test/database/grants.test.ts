/**
 * Looking grants up, on both engines: what one engine takes for a name may be a word of the other's own.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  countBucket,
  findDescribing,
  findShapes,
  hasBuckets,
  type Holding,
  listHeld,
} from '../../src/database/grant-lookups.ts'
import { bucketOfPair, holderOf } from '../../src/grants/grant-place.ts'
import { storeGrant } from '../../src/grants/store-grant.ts'
import { engines, openNew } from '../support/engines.ts'
import { someGrant, someKey } from '../support/grant-database.ts'

for (const engine of engines) {
  describe(engine, () => {
    test('grants are found by their holder, listed, and counted no further than asked for', async () => {
      await using opened = await openNew(engine)
      const { database } = opened
      const constraints = { EncryptionContextSubset: new Map([['a', '1']]) }
      const grants = [0, 1, 2].map(() =>
        someGrant({ constraints, operations: ['Decrypt', 'DescribeKey'] }),
      )
      await database.write(async (transaction) => {
        for (const grant of grants) await storeGrant(transaction, someKey, grant)
      })
      const { read } = database
      const held: Holding = { key: someKey, holder: holderOf('AWS:AIDABOB', undefined) }
      const bucket = bucketOfPair('a', '1')
      assert.equal(await countBucket(read, held, { bucket, most: 2 }), 2)
      assert.equal(await countBucket(read, held, { bucket, most: 9 }), 3)
      assert.equal(await hasBuckets(read, held, { from: 'S', below: 'T' }), true)
      assert.equal((await findShapes(read, held, bucket)).length, 1)
      assert.ok(await findDescribing(read, held))
      const listed = await listHeld(read, held, 10)
      assert.deepEqual(
        new Set(listed.map(({ grantId }) => grantId)),
        new Set(grants.map(({ id }) => id)),
      )
    })
  })
}
