/**
 * PostgreSQL when it is away, slow, in somebody's way, or another than it was.
 */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { systemClock } from '../../src/clock.ts'
import type { Database, Writer } from '../../src/database/database.ts'
import { readMeta } from '../../src/database/meta.ts'
import { openPostgres, type PostgresOptions } from '../../src/database/postgres.ts'
import { readPostgresUrl } from '../../src/database/postgres-url.ts'
import { sql } from '../../src/database/sql.ts'
import { OutcomeUnknown, Unavailable } from '../../src/database/unavailable.ts'
import {
  createDatabase,
  type PostgresServer,
  runIn,
  startAgain,
  startCopy,
  startPostgres,
} from '../support/postgres.ts'
import { pause } from '../support/process.ts'
import { startProxy } from '../support/proxy.ts'

const open = (url: string, more: Partial<PostgresOptions> = {}): Promise<Database> =>
  openPostgres(
    { url, clock: systemClock, chain: 'node-00000001', report: () => {}, ...more },
    () => {},
  )

const put =
  (name: string, value = '') =>
  async (transaction: Writer) => {
    await transaction.run(sql`INSERT INTO meta (name, value) VALUES (${name}, ${value})`)
  }

/** A server of its own for one test. */
async function ownServer(settings: Readonly<Record<string, string>> = {}): Promise<PostgresServer> {
  const server = await startPostgres(settings)
  after(() => server.remove())
  return server
}

test('a URL says who, where, which, and how to be sure of it; its name tells no secret', () => {
  const url = 'postgresql://trent:se%20cret@one,two:5433,[::1]:7/keys?connections=9&sslmode=disable'
  const address = readPostgresUrl(url)
  assert.deepEqual(
    { ...address, ssl: address.ssl },
    {
      hosts: [
        { host: 'one', port: 5432 },
        { host: 'two', port: 5433 },
        { host: '::1', port: 7 },
      ],
      user: 'trent',
      password: 'se cret',
      database: 'keys',
      connections: 9,
      ssl: false,
      name: 'one:5432,two:5433,::1:7/keys',
    },
  )
  const socket = readPostgresUrl('postgres://trent@/keys?host=/run/postgresql')
  assert.deepEqual(socket.hosts, [{ host: '/run/postgresql', port: 5432 }])
  assert.equal(socket.ssl, false)
})

test('whoever answers from another machine has to prove who he is', () => {
  for (const query of ['', '?sslmode=verify-full']) {
    const { ssl } = readPostgresUrl(`postgres://trent@db.example.com/keys${query}`)
    assert.ok(ssl !== false && ssl.rejectUnauthorized === true)
    assert.throws(() => {
      const problem = ssl.checkServerIdentity?.('db.example.com', {
        subject: { CN: 'other.example.com' },
      } as never)
      if (problem !== undefined) throw problem
    })
  }
  assert.equal(readPostgresUrl('postgres://trent@127.0.0.1/keys').ssl, false)
  for (const mode of ['require', 'prefer', 'allow']) {
    assert.throws(
      () => readPostgresUrl(`postgres://trent:secret@db/keys?sslmode=${mode}`),
      /does not check who answers; take verify-full or disable$/,
    )
  }
})

test('a URL that makes no sense is refused without its password', () => {
  for (const url of [
    'postgres://trent:secret@db:x/keys',
    'postgres://trent:secret@db/',
    'postgres://:secret@db/keys',
    'postgres://trent:secret@db/keys?options=x',
    'postgres://trent:secret%@db/keys',
    'postgres://trent:secret@db/keys?connections=3',
    'mysql://trent:secret@db/keys',
  ]) {
    assert.throws(
      () => readPostgresUrl(url),
      (error) => error instanceof Error && !error.message.includes('secret'),
    )
  }
})

test('hosts are asked in turn until one takes writes', async () => {
  const url = new URL(await createDatabase())
  const dead = `127.0.0.1:1,${url.host}`
  await using database = await open(`postgres://postgres@${dead}${url.pathname}`, { mayLose: true })
  await database.write(put('found'))
  assert.equal(await readMeta(database.read, 'found'), '')
  await assert.rejects(
    open(`postgres://postgres:secret@127.0.0.1:1,127.0.0.1:2${url.pathname}`),
    (error) =>
      error instanceof Unavailable &&
      /^no server of the database takes writes \(127.0.0.1:1: .*; 127.0.0.1:2: /.test(
        error.message,
      ) &&
      !error.message.includes('secret'),
  )
})

test('a transaction that lost against another is run again, whole', async () => {
  const url = await createDatabase()
  await using database = await open(url)
  await runIn(
    url,
    `CREATE TABLE losses (code TEXT);
     CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         IF (SELECT last_value FROM lost) < 3 THEN
           PERFORM nextval('lost');
           RAISE EXCEPTION 'lost' USING ERRCODE = NEW.value;
         END IF;
         RETURN NEW;
       END $$;
     CREATE SEQUENCE lost;
     CREATE TRIGGER lose BEFORE INSERT ON meta FOR EACH ROW WHEN (NEW.name LIKE 'late%') EXECUTE FUNCTION lose()`,
  )
  for (const code of ['40001', '40P01']) {
    await runIn(url, `ALTER SEQUENCE lost RESTART`)
    let runs = 0
    await Promise.all([
      database.write(put(`early ${code}`)),
      database.write((transaction) => {
        runs += 1
        return put(`late ${code}`, code)(transaction)
      }),
    ])
    assert.ok(runs > 2)
    assert.equal(await readMeta(database.read, `late ${code}`), code)
    assert.equal(await readMeta(database.read, `early ${code}`), '')
  }
})

test('a change that others hold up beyond its deadline is told so, and the next one is made', async () => {
  const url = await createDatabase()
  await using database = await open(url, { deadline: 400 })
  const held = runIn(
    url,
    'BEGIN; SELECT sequence FROM feed FOR UPDATE; SELECT pg_sleep(1.2); COMMIT',
  )
  await pause(100)
  await assert.rejects(
    database.write(put('late')),
    (error) => error instanceof OutcomeUnknown || error instanceof Unavailable,
  )
  await held
  await database.write(put('next'))
  assert.equal(await readMeta(database.read, 'next'), '')
})

test('connections that the server ends are made again', async () => {
  const url = await createDatabase()
  await using database = await open(url)
  await database.write(put('before'))
  for (let i = 0; i < 3; i += 1) {
    await runIn(
      url,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name = 'trent' AND datname = current_database()`,
    )
    const [value] = await Promise.all([
      readMeta(database.read, 'before'),
      database.write(put(`after ${i}`)),
    ])
    assert.equal(value, '')
    await database.refresh()
    assert.ok(database.fresh)
  }
})

test('a commit whose answer is lost is told as unknown, and may have been made', async () => {
  const url = new URL(await createDatabase())
  const proxy = await startProxy(Number(url.port))
  await using database = await open(`postgres://postgres@127.0.0.1:${proxy.port}${url.pathname}`)
  await database.write(put('before'))
  proxy.swallowAnswerTo('COMMIT\0')
  await assert.rejects(database.write(put('unknown')), OutcomeUnknown)
  await database.write(put('after'))
  assert.equal(await readMeta(database.read, 'unknown'), '')
})

test('a server that would lose what it confirms is refused, unless it may', async () => {
  const server = await ownServer({ fsync: 'off' })
  await assert.rejects(
    open(server.url()),
    /may lose changes that it has confirmed: fsync is off.*--may-lose-acknowledged-changes/,
  )
  await (await open(server.url(), { mayLose: true }))[Symbol.asyncDispose]()
  const url = new URL(server.url())
  await server.stop()
  await using safe = { [Symbol.asyncDispose]: () => again.stop() }
  const again = await startAgain(server)
  await assert.rejects(
    open(`postgres://postgres@127.0.0.1:1,${url.host}/postgres`),
    /it has standbys, and synchronous_standby_names is empty/,
  )
  assert.ok(safe)
})

test('a commit that did not wait for its standby to the end is told as unknown', async () => {
  const server = await ownServer()
  await using database = await open(server.url())
  await server.run("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
  await server.run('SELECT pg_reload_conf()')
  await pause(300)
  const write = assert.rejects(database.write(put('alone')), (error) => {
    assert.ok(error instanceof OutcomeUnknown)
    return /the commit came with a remark/.test(error.message)
  })
  const cancel = `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'`
  for (;;) {
    if ((await server.run(cancel)).length > 0) break
    await pause(20)
  }
  await write
  await server.run('ALTER SYSTEM RESET synchronous_standby_names')
  await server.run('SELECT pg_reload_conf()')
})

test('after a failover the node goes on with the server that takes writes now, and has kept nothing', async () => {
  const first = await ownServer()
  await first.stop()
  const follows = { primary_conninfo: `host=127.0.0.1 port=${first.port} user=postgres` }
  const second = await startCopyAsStandby(first, follows)
  const primary = await startAgain(first, { synchronous_standby_names: '*' })
  const url = `postgres://postgres@127.0.0.1:${second.port},127.0.0.1:${first.port}/postgres`
  await using database = await open(url)
  const view = database.view<string>(10)
  const read = () => view.find('key/x/1', () => readMeta(database.read, 'value'))
  await database.write(put('value', 'one'))
  assert.equal(await read(), 'one')
  // Nothing waits for a standby any more: the old primary is gone, and this one has none.
  await primary.stop('SIGQUIT')
  await second.run('SELECT pg_promote()')
  await assert.rejects(database.catchUp(), /synchronous_standby_names is empty/)
  await second.run("ALTER SYSTEM SET synchronous_standby_names = ''")
  await using careless = await open(url, { mayLose: true })
  assert.equal(await readMeta(careless.read, 'value'), 'one')
  await careless.write(put('after', 'failover'))
  assert.equal(await readMeta(careless.read, 'after'), 'failover')
})

/** A copy of a stopped server that follows it, once that runs again. */
async function startCopyAsStandby(
  of: PostgresServer,
  settings: Readonly<Record<string, string>>,
): Promise<PostgresServer> {
  const standby = await startCopy(of, settings, 'standby.signal')
  after(() => standby.remove())
  return standby
}
