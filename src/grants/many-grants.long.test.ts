/**
 * Fifty thousand grants on a key, AWS's quota: the same questions read the same number of rows as with one, whoever the
 * grants are for and whatever they ask for.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Database, Reader } from '../database/database.ts'
import { countGrants } from '../database/grants.ts'
import {
  decideByGrants,
  names,
  openDatabase,
  someGrant,
  someKey,
  store,
  tokenKey,
} from '../../test/support/grant-database.ts'
import { deleteGrantsOfDueKey } from './delete-grants.ts'
import type { Grant } from './grant.ts'
import { readConstraints } from './grant-constraints.ts'
import { grantDirectory, type GrantQuestion } from './grant-directory.ts'
import { insertKey, updateKey } from '../database/keys.ts'

const many = 50_000

/** How grant number n differs from the others. */
const kinds: Readonly<Record<string, (n: number) => Partial<Grant>>> = {
  'to somebody else each': (n) => ({ grantee: { shown: '', name: `AWS:AIDA${n}` } }),
  'all to one, all alike': () => ({}),
  'all to one, each for a resource of its own': (n) => ({
    constraints: { SourceArn: `arn:aws:s3:us-east-1:111122223333:bucket-${n}` },
  }),
  'all to one, each for an encryption context of its own': (n) => ({
    constraints: readConstraints({ EncryptionContextEquals: new Map([['disk', `d-${n}`]]) }),
  }),
  'all to one, each for a pair of its own beside one that all have': (n) => ({
    constraints: readConstraints({
      EncryptionContextSubset: new Map([
        ['app', 'disks'],
        ['disk', `d-${n}`],
      ]),
    }),
    operations: ['Decrypt', 'DescribeKey'],
  }),
}

const context = (n: number) =>
  new Map([
    ['app', 'disks'],
    ['disk', `d-${n}`],
  ])
const questions: readonly GrantQuestion[] = [
  { names, operation: 'Encrypt' },
  { names, operation: 'Decrypt', encryptionContext: context(7) },
  { names, operation: 'Decrypt', encryptionContext: context(49_999) },
  { names, operation: 'Decrypt', encryptionContext: new Map([['disk', 'd-40000']]) },
  { names, operation: 'DescribeKey' },
  {
    names,
    operation: 'CreateGrant',
    newGrant: {
      operations: ['Decrypt'],
      constraints: readConstraints({ EncryptionContextSubset: context(3) }),
    },
  },
  {
    names,
    operation: 'Decrypt',
    sourceArn: 'arn:aws:s3:us-east-1:111122223333:bucket-9',
  },
]

for (const [kind, differing] of Object.entries(kinds)) {
  describe(`grants ${kind}`, () => {
    const few = openDatabase()
    const full = openDatabase()
    // Bob's own grants stand among the others: what he finds is there in both.
    const own = Array.from({ length: 3 }, (_, n) => someGrant({ ...differing(n) }))
    after(async () => {
      await few[Symbol.asyncDispose]()
      await full[Symbol.asyncDispose]()
    })
    before(async () => {
      await store(few, own)
      await store(full, own)
      for (let from = own.length; from < many; from += 5000) {
        const length = Math.min(5000, many - from)
        await store(
          full,
          Array.from({ length }, (_, n) => someGrant(differing(from + n))),
        )
      }
    })

    test('the counter knows how many there are', async () => {
      assert.equal(await countGrants(full.database.read, someKey), many)
    })

    test('each question reads no more rows than it does among three grants, and few', async () => {
      for (const question of questions) {
        const [small, large] = [
          await readsOf(few.database, question),
          await readsOf(full.database, question),
        ]
        assert.ok(large.rows <= small.rows + 4, `${large.rows} rows, not ${small.rows}`)
        assert.ok(large.statements <= small.statements + 4)
        assert.ok(large.statements < 60)
      }
    })

    test('the grant that fits is found among them all', async () => {
      for (const n of [0, 25_000, many - 1]) {
        const { grantee, constraints } = differing(n)
        const question: GrantQuestion = {
          names: grantee === undefined ? names : [{ name: grantee.name, as: 'user' }],
          operation: 'Decrypt',
          encryptionContext:
            constraints?.EncryptionContextEquals ?? constraints?.EncryptionContextSubset,
          sourceArn: constraints?.SourceArn,
        }
        const found = await grantDirectory(full.database, tokenKey).grantsFor(someKey, question)
        assert.ok(found.length <= 3)
        assert.ok(decideByGrants(question, found).allowed)
      }
    })

    test('with the key they all go, a few at a time', async () => {
      const { database } = full
      await database.write(async (transaction) => {
        await insertKey(transaction, someKey)
        await updateKey(transaction, someKey, { state: 'PendingDeletion', deletionAt: 10 })
      })
      await deleteGrantsOfDueKey(database, someKey, 9)
      assert.equal(await countGrants(database.read, someKey), many)
      await deleteGrantsOfDueKey(database, someKey, 10)
      assert.equal(await countGrants(database.read, someKey), 0)
      const asked = { names, operation: 'Decrypt' }
      assert.deepEqual(await grantDirectory(database, tokenKey).grantsFor(someKey, asked), [])
    })
  })
}

/** How many statements a first answer to a question takes, and how many rows they read. */
async function readsOf(
  database: Database,
  question: GrantQuestion,
): Promise<{ statements: number; rows: number }> {
  const reads = { statements: 0, rows: 0 }
  const read: Reader = {
    all: async (statement) => {
      const rows = await database.read.all<never>(statement)
      reads.statements += 1
      reads.rows += rows.length
      return rows
    },
    first: async (statement) => {
      const row = await database.read.first<never>(statement)
      reads.statements += 1
      if (row !== undefined) reads.rows += 1
      return row
    },
  }
  const counted: Database = {
    read,
    write: (work) => database.write(work),
    refresh: () => database.refresh(),
    catchUp: () => database.catchUp(),
    fresh: true,
    chain: database.chain,
    purge: () => database.purge(),
    owesPurge: false,
    commits: 0,
    snapshot: (work) => database.snapshot(work),
    view: (capacity) => database.view(capacity),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  }
  await grantDirectory(counted, tokenKey).grantsFor(someKey, question)
  return reads
}
