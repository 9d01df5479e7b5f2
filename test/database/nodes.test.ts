/**
 * Several nodes over one PostgreSQL, as the freshness protocol has them: quick, slow, and gone.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Client } from 'pg'
import { type Clock, systemClock } from '../../src/clock.ts'
import type { Database, RowName } from '../../src/database/database.ts'
import { readMeta } from '../../src/database/meta.ts'
import { openPostgres, type PostgresOptions } from '../../src/database/postgres.ts'
import { sql } from '../../src/database/sql.ts'
import { OutcomeUnknown, Unavailable } from '../../src/database/unavailable.ts'
import { createDatabase, runIn } from '../support/postgres.ts'
import { pause } from '../support/process.ts'
import { startProxy } from '../support/proxy.ts'

const maxStaleness = 600
const row: RowName = 'key/us-east-1/1'

/** A node with one row in memory. */
interface TestNode extends AsyncDisposable {
  readonly database: Database
  readonly kept: () => string | undefined
  readonly read: () => Promise<string | undefined>
  readonly set: (value: string) => Promise<void>
}

async function openNode(url: string, more: Partial<PostgresOptions> = {}): Promise<TestNode> {
  const database = await openPostgres(
    { url, clock: systemClock, chain: 'node-00000001', maxStaleness, report: () => {}, ...more },
    () => {},
  )
  const view = database.view<string>(10)
  return {
    database,
    kept: () => view.get(row),
    read: async () => {
      await database.refresh()
      return view.find(row, () => readMeta(database.read, 'value'))
    },
    set: (value) =>
      database.write(async (transaction) => {
        transaction.changed(row)
        await transaction.run(
          sql`INSERT INTO meta (name, value) VALUES ('value', ${value})
              ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
        )
      }),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  }
}

const registrations = async (url: string): Promise<readonly string[]> => {
  const rows = await runIn(url, 'SELECT registration FROM nodes')
  return rows.map((each) => String(each['registration']))
}

const registered = async (url: string): Promise<number> => (await registrations(url)).length

test('a change on one node is what every other node answers from then on', async () => {
  const url = await createDatabase()
  await using one = await openNode(url)
  await using two = await openNode(url)
  await using three = await openNode(url)
  const nodes = [one, two, three]
  for (let i = 0; i < 30; i += 1) {
    await nodes[i % 3]?.set(`value ${i}`)
    for (const node of nodes) assert.equal(await node.read(), `value ${i}`)
    // The others had read the feed before the change was acknowledged: nothing drops what they hold now.
    assert.equal(nodes[(i + 1) % 3]?.kept(), `value ${i}`)
  }
  assert.equal(await registered(url), 3)
})

test('nodes that nobody can tell of changes find them by themselves', async () => {
  const url = await createDatabase()
  const { port, pathname } = new URL(url)
  // A database that knows no LISTEN.
  const proxy = await startProxy(Number(port))
  proxy.garble('LISTEN trent_changes')
  const deaf = `postgres://postgres@127.0.0.1:${proxy.port}${pathname}`
  await using one = await openNode(deaf)
  await using two = await openNode(deaf)
  for (let i = 0; i < 5; i += 1) {
    await one.set(`value ${i}`)
    assert.equal(await two.read(), `value ${i}`)
  }
})

test('a node that could not tell of one change tells of the next', async () => {
  const url = await createDatabase()
  const { port, pathname } = new URL(url)
  const proxy = await startProxy(Number(port))
  await using node = await openNode(`postgres://postgres@127.0.0.1:${proxy.port}${pathname}`)
  let heard = 0
  const listener = new Client({ connectionString: url })
  listener.on('notification', () => {
    heard += 1
  })
  await listener.connect()
  await listener.query('LISTEN trent_changes')
  // Somebody has to be waited for, and so told.
  const dead = "INSERT INTO nodes (registration, name, seen, marks) VALUES ('dead', 'x', 0, 1)"
  await runIn(url, dead)
  proxy.swallowAnswerTo('NOTIFY trent_changes')
  await node.set('first')
  while ((await registered(url)) > 1) await pause(10)
  await listener.query('SELECT 1')
  const before = heard
  await runIn(url, dead)
  await node.set('second')
  await listener.query('SELECT 1')
  await listener.end()
  assert.equal(heard, before + 1)
})

test('a node that stands still in the middle of its start loses the lock that others wait for', async () => {
  const url = await createDatabase()
  const still = new Int32Array(new SharedArrayBuffer(4))
  const standStill = (): void => {
    Atomics.wait(still, 0, 0, 1500)
  }
  const options = { url, clock: systemClock, chain: 'node-00000001', report: () => {} }
  await assert.rejects(openPostgres({ ...options, deadline: 300 }, standStill), OutcomeUnknown)
  await using node = await openNode(url)
  await node.set('value')
})

test('a node that stands still in the middle of a change loses its lock in time for the others', async () => {
  const url = await createDatabase()
  await using still = await openNode(url, { deadline: 4000 })
  await using other = await openNode(url, { deadline: 3500 })
  const stands = Promise.withResolvers<undefined>()
  const woken = Promise.withResolvers<undefined>()
  const change = still.database.write(async () => {
    stands.resolve(undefined)
    await woken.promise
  })
  await stands.promise
  await other.set('value')
  woken.resolve(undefined)
  await change
})

test('a node without its database says how old its memory is, and one without a lease that nobody knows', async () => {
  const url = new URL(await createDatabase())
  const proxy = await startProxy(Number(url.port))
  await using node = await openNode(`postgres://postgres@127.0.0.1:${proxy.port}${url.pathname}`)
  assert.ok(Number(node.database.staleness) < maxStaleness)
  proxy.garble('UPDATE nodes')
  while (Number(node.database.staleness) <= maxStaleness) await pause(20)
  assert.equal(node.database.fresh, false)
  await node.database[Symbol.asyncDispose]()
  assert.equal(node.database.staleness, undefined)
})

test('an idle node keeps its lease', async () => {
  const url = await createDatabase()
  await using node = await openNode(url)
  for (let i = 0; i < 30; i += 1) {
    await pause(50)
    assert.ok(node.database.fresh)
  }
})

test('a node that stands still is waited for, fenced, refuses, and comes back with nothing in memory', async () => {
  const url = await createDatabase()
  await using one = await openNode(url)
  const [first] = await registrations(url)
  await using two = await openNode(url)
  await one.set('old')
  assert.equal(await two.read(), 'old')
  assert.equal(two.kept(), 'old')
  // Somebody holds the second node's row, so that it cannot mark.
  const held = runIn(
    url,
    `BEGIN;
     SELECT registration FROM nodes WHERE registration <> '${first}' FOR UPDATE;
     SELECT pg_sleep(${(maxStaleness * 2.5) / 1000});
     COMMIT`,
  )
  await pause(100)
  await one.set('new')
  assert.equal(two.database.fresh, false, 'nobody acknowledges while it could still answer')
  await held
  assert.equal(await two.read(), 'new')
  assert.ok(two.database.fresh)
  assert.equal(await registered(url), 2)
})

test('a node that died is waited for once, and not again', async () => {
  const url = await createDatabase()
  await using one = await openNode(url)
  await runIn(url, "INSERT INTO nodes (registration, name, seen, marks) VALUES ('dead', 'x', 0, 1)")
  assert.equal(await registered(url), 2)
  await one.set('first')
  while ((await registered(url)) > 1) await pause(10)
  await one.set('next')
})

test('a process that takes the place of a dead one takes away its row, and none of another node', async () => {
  const url = await createDatabase()
  await using other = await openNode(url, { chain: 'node-00000002' })
  const dead =
    "INSERT INTO nodes (registration, name, seen, marks) VALUES ('dead', 'node-00000001', 0, 9)"
  await runIn(url, dead)
  await using beside = await openNode(url)
  assert.ok((await registrations(url)).includes('dead'), 'it may live where no lock is held')
  await using again = await openNode(url, { alone: true })
  assert.equal((await registrations(url)).includes('dead'), false)
  await again.set('value')
  assert.equal(await other.read(), 'value')
  // The one whose row was taken away registers again, and both go on.
  assert.equal(await beside.read(), 'value')
  await runIn(url, dead)
  await pause(maxStaleness)
  assert.ok((await registrations(url)).includes('dead'), 'only the first registration does so')
})

test('a node that ends takes its row away, and nobody waits for it', async () => {
  const url = await createDatabase()
  await using one = await openNode(url)
  const two = await openNode(url)
  assert.equal(await registered(url), 2)
  await two[Symbol.asyncDispose]()
  assert.equal(two.database.fresh, false)
  assert.equal(await registered(url), 1)
  await one.set('alone')
})

test('a lease is over when the wall clock has jumped ahead, and comes back with a look at the feed', async () => {
  const url = await createDatabase()
  let jumped = 0
  const clock: Clock = { ...systemClock, now: () => systemClock.now() + jumped }
  await using node = await openNode(url, { clock })
  assert.ok(node.database.fresh)
  jumped = 60_000
  assert.equal(node.database.fresh, false)
  await node.database.refresh()
  assert.ok(node.database.fresh)
})

test('a feed that went back to another history leaves nothing in memory', async () => {
  const url = await createDatabase()
  await using node = await openNode(url)
  await node.set('kept')
  assert.equal(await node.read(), 'kept')
  await runIn(
    url,
    "UPDATE changes SET id = 'another history'; UPDATE meta SET value = 'restored' WHERE name = 'value'",
  )
  await node.database.catchUp()
  assert.equal(node.kept(), undefined)
  assert.equal(await node.read(), 'restored')
})

test('without its database a node refuses when its lease is over, and goes on when it is back', async () => {
  const url = await createDatabase()
  await using node = await openNode(url, { deadline: 1000 })
  await node.set('value')
  assert.equal(await node.read(), 'value')
  await runIn(url, 'ALTER TABLE nodes RENAME TO away')
  while (node.database.fresh) await pause(20)
  await assert.rejects(node.read(), (error) => error instanceof Error)
  await runIn(url, 'ALTER TABLE away RENAME TO nodes')
  while (!node.database.fresh) await pause(20)
  assert.equal(await node.read(), 'value')
})

test('many nodes that change the same rows at once lose no change', async () => {
  const url = await createDatabase()
  await using one = await openNode(url)
  await using two = await openNode(url)
  const count = (node: TestNode) =>
    node.database.write(async (transaction) => {
      const found = await readMeta(transaction, 'count')
      const value = String(Number(found ?? 0) + 1)
      transaction.changed(row)
      await transaction.run(
        sql`INSERT INTO meta (name, value) VALUES ('count', ${value})
            ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
      )
    })
  await Promise.all(Array.from({ length: 200 }, (_, index) => count(index % 2 === 0 ? one : two)))
  assert.equal(await readMeta(one.database.read, 'count'), '200')
  assert.equal(await readMeta(two.database.read, 'count'), '200')
})

test('an error of a refusal is told as one of the database', async () => {
  const url = await createDatabase()
  const broken: Clock = { ...systemClock, now: () => Number.POSITIVE_INFINITY }
  await assert.rejects(openNode(url, { clock: broken }), Unavailable)
})
