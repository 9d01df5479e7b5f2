/**
 * What both engines promise, by the same tests.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Reader, RowName, Writer } from '../../src/database/database.ts'
import { feedEnd, pruneFeed, readChanges } from '../../src/database/feed.ts'
import { releaseLease, takeLease } from '../../src/database/leases.ts'
import { readMeta, writeMeta } from '../../src/database/meta.ts'
import { sql } from '../../src/database/sql.ts'
import { engines, openNew } from '../support/engines.ts'

const put = (transaction: Writer, name: string, value = '') =>
  transaction.run(sql`INSERT INTO meta (name, value) VALUES (${name}, ${value})`)

const names = async (reader: Reader): Promise<readonly string[]> => {
  const rows = await reader.all<{ name: string }>(
    sql`SELECT name FROM meta ORDER BY name LIMIT 1000`,
  )
  return rows.map(({ name }) => name)
}

const key = (id: number): RowName => `key/us-east-1/${id}`

for (const engine of engines) {
  describe(engine, () => {
    test('values come back as they were', async () => {
      await using opened = await openNew(engine)
      const { database } = opened
      const texts = [
        '',
        'a\0b',
        '\u0001',
        '\0\u0001\0\0',
        '\u0001\u0002',
        'é😀',
        "'; DROP TABLE meta",
      ]
      for (const [index, text] of texts.entries()) {
        await database.write((transaction) => put(transaction, `text ${index}`, text))
        assert.equal(await readMeta(database.read, `text ${index}`), text)
      }
      const bytes = Buffer.from([0, 1, 0x5c, 0x78, 255])
      const at = 4_102_444_800_123
      await database.write((transaction) =>
        transaction.run(
          sql`INSERT INTO access_keys (access_key_id, account_id, user_id, secret, status, created_at)
              VALUES ('AKIA', '1', '1', ${bytes}, 'Active', ${at})`,
        ),
      )
      const row = await database.read.first<{ secret: Uint8Array; created_at: number }>(
        sql`SELECT secret, created_at FROM access_keys WHERE access_key_id = 'AKIA'`,
      )
      assert.ok(row?.secret instanceof Uint8Array)
      assert.deepEqual(Buffer.from(row.secret), bytes)
      assert.equal(row.created_at, at)
      const nothing = await database.read.first<{ trust_policy: string | null }>(
        sql`SELECT MIN(trust_policy) AS trust_policy FROM identities`,
      )
      assert.equal(nothing?.trust_policy, null)
      assert.equal(await readMeta(database.read, 'missing'), undefined)
    })

    test('text is sorted and compared by its bytes', async () => {
      await using opened = await openNew(engine)
      const { database } = opened
      const all = ['b', 'B', 'a', 'é', 'Z', 'a\u0001', 'a\0', 'a-', 'A', '~', '😀', '\uffff']
      await database.write(async (transaction) => {
        for (const name of all) await put(transaction, name)
      })
      const sorted = all.toSorted((one, other) =>
        Buffer.compare(Buffer.from(one), Buffer.from(other)),
      )
      assert.deepEqual(await names(database.read), sorted)
      const behind = await database.read.all<{ name: string }>(
        sql`SELECT name FROM meta WHERE name > ${'Z'} ORDER BY name LIMIT 1000`,
      )
      assert.equal(behind.length, sorted.length - sorted.indexOf('Z') - 1)
    })

    test('changes that wait together are each as if alone', async () => {
      await using opened = await openNew(engine)
      const { database } = opened
      const outcomes = await Promise.allSettled(
        Array.from({ length: 60 }, (_, index) =>
          database.write(async (transaction) => {
            await put(transaction, `row ${String(index).padStart(2, '0')}`)
            transaction.changed(key(index))
            if (index % 3 === 1) throw new Error('not this one')
            // The database refuses this one: the name is taken.
            if (index % 3 === 2) await put(transaction, 'row 00')
            return index
          }),
        ),
      )
      const made = outcomes.flatMap((outcome) =>
        outcome.status === 'fulfilled' ? [outcome.value] : [],
      )
      const expected = Array.from({ length: 20 }, (_, index) => index * 3)
      assert.deepEqual(made, expected)
      const rows = await names(database.read)
      assert.deepEqual(
        rows,
        expected.map((index) => `row ${String(index).padStart(2, '0')}`),
      )
      const changes = await readChanges(database.read, { sequence: 0, id: '' })
      assert.deepEqual(new Set(changes?.names), new Set(expected.map(key)))
    })

    test('changes that wait together share one commit, and commits are counted', async () => {
      await using opened = await openNew(engine)
      const { database } = opened
      const before = database.commits
      await Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          database.write((transaction) => put(transaction, `shared ${index}`)),
        ),
      )
      assert.equal(database.commits - before, 1)
      for (const name of ['alone', 'alone again']) {
        await database.write((transaction) => put(transaction, name))
      }
      assert.equal(database.commits - before, 3)
    })

    test('a transaction sees its own changes, and nobody else does before its commit', async () => {
      await using opened = await openNew(engine)
      const { database } = opened
      await database.write(async (transaction) => {
        await put(transaction, 'mine')
        assert.deepEqual(await names(transaction), ['mine'])
        assert.deepEqual(await names(database.read), [])
      })
      assert.deepEqual(await names(database.read), ['mine'])
    })

    test('the feed tells what changed since a place in it, in order', async () => {
      await using opened = await openNew(engine)
      const { database } = opened
      const change = (...ids: readonly number[]) =>
        database.write(async (transaction) => {
          for (const id of ids) transaction.changed(key(id))
          await put(transaction, `change ${ids.join()}`)
        })
      const start = await feedEnd(database.read)
      assert.deepEqual(start, { sequence: 0, id: '' })
      await change(1, 2)
      const middle = await feedEnd(database.read)
      await change(3)
      await change(1)
      await database.write((transaction) => put(transaction, 'nothing that views hold'))
      const end = await feedEnd(database.read)
      assert.equal(end.sequence, 3)
      const all = await readChanges(database.read, start)
      assert.deepEqual(all, { names: [1, 2, 3, 1].map(key), end })
      assert.deepEqual((await readChanges(database.read, middle))?.names, [3, 1].map(key))
      assert.deepEqual(await readChanges(database.read, end), { names: [], end })
    })

    test('a long feed is told whole', async () => {
      await using opened = await openNew(engine)
      const { database } = opened
      const start = await feedEnd(database.read)
      await database.write(async (transaction) => {
        for (let id = 0; id < 1500; id += 1) transaction.changed(key(id))
      })
      await database.write(async (transaction) => {
        for (let id = 1500; id < 2500; id += 1) transaction.changed(key(id))
      })
      const changes = await readChanges(database.read, start)
      assert.equal(new Set(changes?.names).size, 2500)
      assert.equal(changes?.end.sequence, 2)
    })

    test('a place that was pruned, is of another history, or is ahead of the feed, is no place in it', async () => {
      await using opened = await openNew(engine)
      const { database } = opened
      for (let id = 0; id < 4; id += 1) {
        await database.write(async (transaction) => {
          transaction.changed(key(id))
        })
      }
      const end = await feedEnd(database.read)
      const other = { ...end, id: 'another' }
      assert.equal(await readChanges(database.read, other), undefined)
      assert.equal(await readChanges(database.read, { sequence: 9, id: end.id }), undefined)
      await database.write((transaction) => pruneFeed(transaction, 1))
      assert.equal(await readChanges(database.read, { sequence: 0, id: '' }), undefined)
      assert.equal(await readChanges(database.read, { sequence: 1, id: 'x' }), undefined)
      assert.notEqual(await readChanges(database.read, end), undefined)
    })

    test('a view forgets what was changed as soon as the change is answered', async () => {
      await using opened = await openNew(engine)
      const { database } = opened
      const view = database.view<string>(10)
      const read = () => view.find(key(1), () => readMeta(database.read, 'value'))
      assert.equal(await read(), undefined)
      for (const value of ['one', 'two', 'three']) {
        await database.write(async (transaction) => {
          transaction.changed(key(1))
          await transaction.run(
            sql`INSERT INTO meta (name, value) VALUES ('value', ${value})
                ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
          )
        })
        await database.refresh()
        assert.equal(await read(), value)
        assert.ok(database.fresh)
      }
      await database.catchUp()
      assert.equal(await read(), 'three')
    })

    test('a lease is one holder’s until it is over or let go of', async () => {
      await using opened = await openNew(engine)
      const { database } = opened
      const take = (holder: string, now: number) =>
        database.write((transaction) =>
          takeLease(transaction, { name: 'jobs', holder, now, until: now + 1000 }),
        )
      assert.equal(await take('one', 0), true)
      assert.equal(await take('other', 999), false)
      assert.equal(await take('other', -900), false, 'also by a clock that is a little behind')
      assert.equal(await take('one', 500), true)
      assert.equal(await take('other', 1499), false)
      assert.equal(await take('other', 1500), true)
      await database.write((transaction) =>
        releaseLease(transaction, { name: 'jobs', holder: 'other' }),
      )
      assert.equal(await take('one', 1501), true)
      assert.equal(await take('other', -900_000), true, 'a clock that was set back by much')
    })

    test('what is prepared first is there, and nobody prepares it twice', async () => {
      const seen: (string | undefined)[] = []
      await using opened = await openNew(engine, (setUp) => {
        seen.push(setUp.meta('store'))
        setUp.setMeta('store', 'value')
        seen.push(setUp.meta('store'))
      })
      assert.deepEqual(seen, [undefined, 'value'])
      assert.equal(await readMeta(opened.database.read, 'store'), 'value')
      await writeMeta(opened.database, 'store', 'other')
      assert.equal(await readMeta(opened.database.read, 'store'), 'other')
    })

    test('a database that is closed takes no changes', async () => {
      const opened = await openNew(engine)
      const last = opened.database.write((transaction) => put(transaction, 'last'))
      await opened[Symbol.asyncDispose]()
      await last
      await assert.rejects(
        opened.database.write((transaction) => put(transaction, 'late')),
        /the database is closed/,
      )
    })
  })
}
