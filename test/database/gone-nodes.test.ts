/**
 * What a node of a shared database leaves there, of changes whose events it has not written: another node writes it, once,
 * and the node itself does not when it comes back, or had only stood still.
 */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { CreateKeyCommand } from '@aws-sdk/client-kms'
import {
  event,
  publicKey,
  readEvents,
  type SeenEvent,
  seen,
  signingKey,
} from '../../src/audit/fixture.ts'
import { GoneNodes } from '../../src/audit/gone-nodes.ts'
import { type AuditEvent, AuditLog } from '../../src/audit/log.ts'
import { takeOverChains } from '../../src/audit/take-over.ts'
import { verifyAudit } from '../../src/audit/verify.ts'
import { systemClock, testClock } from '../../src/clock.ts'
import { auditStore, chainsWithEvents, putEvent } from '../../src/database/audit.ts'
import type { Database } from '../../src/database/database.ts'
import { nodeName } from '../../src/database/node-name.ts'
import { eventOwner, takeEvents } from '../../src/database/orphans.ts'
import { openPostgres } from '../../src/database/postgres.ts'
import { OutcomeUnknown } from '../../src/database/unavailable.ts'
import { startNetwork } from '../crash/network.ts'
import { eventsOf } from '../support/folder.ts'
import { createDatabase, runIn } from '../support/postgres.ts'
import {
  askTrent,
  clientOf,
  pause,
  ready,
  serveTrent,
  startTrentProcess,
  temporaryFolder,
} from '../support/process.ts'
import { serveOn } from '../support/root-keys.ts'

const maxStaleness = 600
/** Longer than a lease holds, and than a writer waits for it. */
const beyondLease = 900

/** A node, less what serves requests. */
interface TestNode extends AsyncDisposable {
  readonly url: string
  readonly name: string
  readonly folder: string
  readonly database: Database
  readonly audit: AuditLog
  /** Whose events it has written in its own record, and how many. */
  readonly told: (readonly [chain: string, events: number])[]
  /** Lets the others' silence grow by some time, and looks. */
  look(later?: number): Promise<void>
  /** The events of its record, in order: the ids, and of marks the names. */
  written(): readonly string[]
  close(): Promise<void>
  /** Ends it as a crash does: what it has in memory is lost. */
  crash(): Promise<void>
}

interface NodeOptions {
  readonly folder?: string
  readonly through?: (database: Database) => Database
}

async function openNode(url: string, name: string, options: NodeOptions = {}): Promise<TestNode> {
  const { folder = temporaryFolder(), through = (database) => database } = options
  const opened = await openPostgres(
    { url, clock: systemClock, chain: name, alone: true, maxStaleness, report: () => {} },
    () => {},
  )
  const database = through(opened)
  const record = { folder, signingKey, clock: systemClock }
  const audit = await AuditLog.open({
    ...record,
    chain: name,
    store: auditStore(database),
    owner: eventOwner(database),
  })
  await takeOverChains(database, record)
  let passed = 0
  const told: (readonly [string, number])[] = []
  const gone = new GoneNodes({
    database,
    audit,
    clock: systemClock,
    silence: { monotonic: () => passed },
    patience: 1000,
    told: (chain, events) => told.push([chain, events]),
  })
  let closed: Promise<void> | undefined
  const crash = (): Promise<void> => (closed ??= Promise.resolve(opened[Symbol.asyncDispose]()))
  const close = async (): Promise<void> => {
    if (closed === undefined) await audit.close()
    await crash()
  }
  return {
    url,
    name,
    folder,
    database,
    audit,
    told,
    look: (later = 0) => {
      passed += later
      return gone.look()
    },
    written: () => readEvents(folder, name).map(nameOf),
    close,
    crash,
    [Symbol.asyncDispose]: close,
  }
}

const nameOf = (line: SeenEvent): string =>
  line.serviceEventDetails === undefined ? String(line.eventID) : String(line['eventName'])

/** A change by a process that ends, or stands still, before its event is in a file. */
async function change(database: Database, chain = database.chain): Promise<AuditEvent> {
  const made = event(true)
  const { eventId, text } = made
  await database.write((transaction) =>
    putEvent(
      { ...bound(transaction), chain },
      { eventId, time: Date.parse('2026-01-31T12:00:00Z'), text },
    ),
  )
  return made
}

/** What a transaction does, for one that writes in the name of another chain. */
function bound(transaction: Parameters<typeof putEvent>[0]): Parameters<typeof putEvent>[0] {
  return {
    chain: transaction.chain,
    all: (statement) => transaction.all(statement),
    first: (statement) => transaction.first(statement),
    run: (statement) => transaction.run(statement),
    changed: (name) => {
      transaction.changed(name)
    },
  }
}

/** Checks the record of a node that has ended. */
async function assertVerifies({ folder, name, url }: TestNode): Promise<void> {
  const rows = await runIn(url, `SELECT sequence, hash FROM audit_heads WHERE chain = '${name}'`)
  const heads = rows.map(({ sequence, hash }) => ({
    chain: name,
    sequence: Number(sequence),
    hash: String(hash),
    time: 0,
  }))
  const { problems } = await verifyAudit({ folder, publicKey, heads })
  assert.deepEqual(problems, [])
}

test('the event of a node that was killed between commit and line is in the record of another node, once', async () => {
  const url = await createDatabase()
  const data = temporaryFolder()
  const victim = startTrentProcess(['serve', '--port', '0', '--data', data, '--database', url], {
    preload: join(import.meta.dirname, '../support/crash-at.ts'),
    env: { CRASH_BEGIN: 'later', CRASH_STEPS: '^writeSync$', CRASH_AT: '1' },
  })
  const endpoint = await ready(victim)
  const before = eventsOf(data).length
  victim.signal('SIGUSR2')
  const call = clientOf({ ...victim, endpoint, data }).send(new CreateKeyCommand({}))
  await assert.rejects(call)
  assert.equal((await victim.finished).signal, 'SIGKILL')
  assert.equal(eventsOf(data).length, before, 'the line was not written')
  const [left] = await runIn(url, 'SELECT event_id, event, chain FROM audit_outbox')
  const chain = nodeName(data)
  assert.equal(left?.['chain'], chain)

  await using node = await openNode(url, 'node-00000001')
  await node.look()
  await node.look(999)
  assert.deepEqual(node.written(), [], 'it may come back')
  await node.look(1)
  await node.look(5000)
  const [mark, taken, ...more] = readEvents(node.folder, node.name)
  assert.equal(mark?.['eventName'], 'AuditEventsTaken')
  assert.deepEqual(mark?.serviceEventDetails, { chain, eventIDs: [left?.['event_id']] })
  const { trent: _, ...same } = taken ?? {}
  assert.deepEqual(same, seen(String(left?.['event'])))
  assert.equal(taken?.['eventName'], 'CreateKey')
  assert.deepEqual(more, [])
  assert.deepEqual(node.told, [[chain, 1]])
  assert.deepEqual(await runIn(url, `SELECT 1 FROM nodes WHERE name = '${chain}'`), [])

  const again = await serveTrent(data, ['--database', url])
  const ofKeys = eventsOf(data).filter(({ eventName }) => eventName === 'CreateKey')
  assert.deepEqual(ofKeys, [], 'it has come back, and finds the event written')
  const report = await askTrent(['audit', 'verify', '--data', data])
  assert.deepEqual((report as { readonly problems: unknown }).problems, [])
  assert.deepEqual(await runIn(url, "SELECT 1 FROM meta WHERE name LIKE 'taken-events/%'"), [])
  again.signal('SIGTERM')
  await again.finished
  await node.close()
  assert.deepEqual(await runIn(url, 'SELECT 1 FROM audit_outbox'), [])
})

/** Waits until a node has told the others once more that it lives. */
async function heardOf({ url, name }: TestNode): Promise<void> {
  const marks = async (): Promise<unknown> =>
    (await runIn(url, `SELECT marks FROM nodes WHERE name = '${name}'`))[0]?.['marks']
  for (const before = await marks(); before === (await marks()); ) await pause(20)
}

test('a node that comes back soon writes its events itself, and nobody else does', async () => {
  const url = await createDatabase()
  await using node = await openNode(url, 'node-00000001')
  await using victim = await openNode(url, 'node-00000002')
  const { eventId } = await change(victim.database)
  await node.look()
  await victim.close()
  await using again = await openNode(url, 'node-00000002', { folder: victim.folder })
  await node.look(5000)
  assert.deepEqual(again.written(), [eventId])
  assert.deepEqual(node.written(), [])
})

test('a node that lives is left its events, however long they wait', async () => {
  const url = await createDatabase()
  await using node = await openNode(url, 'node-00000001')
  await using busy = await openNode(url, 'node-00000002')
  const made = await change(busy.database)
  await node.look()
  for (let i = 0; i < 3; i += 1) {
    await heardOf(busy)
    await node.look(5000)
  }
  assert.deepEqual(node.written(), [])
  await busy.audit.append(made)
  assert.deepEqual(busy.written(), [made.eventId])
})

for (const { title, looks } of [
  { title: 'a node that stood still, and whose event was taken, does not write it', looks: true },
  { title: 'a node that stood still, and whose event nobody took, writes it', looks: false },
]) {
  test(title, async () => {
    const url = await createDatabase()
    const { port, pathname } = new URL(url)
    const network = await startNetwork(Number(port))
    await using node = await openNode(url, 'node-00000001')
    await using still = await openNode(
      `postgres://postgres@127.0.0.1:${network.port}${pathname}`,
      'node-00000002',
    )
    const made = await change(still.database)
    network.cut()
    await node.look()
    await pause(beyondLease)
    if (looks) await node.look(1000)
    // It wakes, and goes on where it was, before it has heard anything of what has happened.
    await still.audit.append(made)
    assert.deepEqual(still.written(), [], 'it does not know yet')
    network.mend()
    const later = await changeSoon(still)
    await still.audit.append(later)
    const own = looks ? [later.eventId] : [made.eventId, later.eventId]
    while (still.written().length < own.length) await pause(20)
    await pause(500)
    assert.deepEqual(new Set(still.written()), new Set(own))
    assert.deepEqual(node.written(), looks ? ['AuditEventsTaken', made.eventId] : [])
    await still.close()
    await node.close()
    for (const each of [still, node]) await assertVerifies(each)
  })
}

/** A change of a node that has its database back. */
async function changeSoon({ database }: TestNode): Promise<AuditEvent> {
  for (;;) {
    try {
      await database.refresh()
      return await change(database)
    } catch {
      await pause(20)
    }
  }
}

test('what a node took over is in its record once, wherever it is cut off', async () => {
  const url = await createDatabase()
  await using gone = await openNode(url, 'node-00000002')
  const { eventId } = await change(gone.database)
  await gone.crash()
  const name = 'node-00000001'
  const { folder, ...first } = await openNode(url, name)
  // The transaction is its last act.
  const mark = { ...event(), time: Date.parse('2026-01-31T12:00:00Z') - 1 }
  await first.database.write(async (transaction) => {
    const from = { chain: gone.name, nodes: new Map<string, number>() }
    assert.equal((await takeEvents(transaction, from, 10)).length, 1)
    await putEvent(transaction, mark)
  })
  await first.crash()
  const second = await openNode(url, name, { folder })
  assert.deepEqual(second.written(), [mark.eventId, eventId])
  await second.crash()
  // It had written and not told: the rows stand again as they were.
  await using third = await openNode(url, name, { folder })
  await third.database.write(async (transaction) => {
    await putEvent(transaction, { eventId, time: 1, text: JSON.stringify({ eventID: eventId }) })
  })
  await third.close()
  await using fourth = await openNode(url, name, { folder })
  assert.deepEqual(fourth.written(), [mark.eventId, eventId])
  await using returned = await openNode(url, gone.name, { folder: gone.folder })
  assert.deepEqual(returned.written(), [])
  await fourth.close()
  await assertVerifies(fourth)
})

test('of two nodes that look at once, one takes an event', async () => {
  const url = await createDatabase()
  await using gone = await openNode(url, 'node-00000003')
  const made = [await change(gone.database), await change(gone.database)]
  await gone.crash()
  await using one = await openNode(url, 'node-00000001')
  await using two = await openNode(url, 'node-00000002')
  await Promise.all([one.look(), two.look()])
  await Promise.all([one.look(1000), two.look(1000)])
  const all = [...one.written(), ...two.written()]
  const ids = made.map(({ eventId }) => eventId)
  assert.deepEqual(new Set(all), new Set(['AuditEventsTaken', ...ids]))
  assert.equal(all.length, 3)
})

test('a commit of which nobody knows what became is asked for at the next look', async () => {
  for (const isCommitted of [true, false]) {
    const url = await createDatabase()
    await using gone = await openNode(url, 'node-00000002')
    const { eventId } = await change(gone.database)
    await gone.crash()
    let lost = false
    const through = (database: Database): Database =>
      new Proxy(database, {
        get: (target, name) => {
          if (name !== 'write' || !lost) return bindTo(target, Reflect.get(target, name, target))
          return async (work: Parameters<Database['write']>[0]) => {
            lost = false
            await target
              .write(async (transaction) => {
                await work(transaction)
                if (!isCommitted) throw new Error('given up')
              })
              .catch(() => undefined)
            throw new OutcomeUnknown('nobody knows')
          }
        },
      })
    await using node = await openNode(url, 'node-00000001', { through })
    await node.look()
    lost = true
    await assert.rejects(node.look(1000), OutcomeUnknown)
    assert.deepEqual(node.written(), [])
    await node.look()
    assert.deepEqual(node.written(), ['AuditEventsTaken', eventId])
    await node.look(5000)
    assert.equal(node.written().length, 2)
  }
})

/** A method works on what it was taken from. */
function bindTo(target: object, value: unknown): unknown {
  return typeof value === 'function' ? (value.bind(target) as unknown) : value
}

test("a worker's events are left to its primary while that lives, and taken with the primary's", async () => {
  const url = await createDatabase()
  await using node = await openNode(url, 'node-00000001')
  await using primary = await openNode(url, 'node-00000002')
  await using worker = await openNode(url, 'worker-1.node-00000002')
  const made = [await change(worker.database), await change(primary.database)]
  await worker.crash()
  await node.look()
  await heardOf(primary)
  await node.look(5000)
  assert.deepEqual(node.written(), [])
  await primary.crash()
  await node.look()
  await node.look(1000)
  const ids = made.map(({ eventId }) => eventId)
  assert.deepEqual(new Set(node.written()), new Set(['AuditEventsTaken', ...ids]))
  assert.deepEqual(await chainsWithEvents(node.database), [node.name])
  // The primary writes what a worker of an earlier start has left: it was taken from there, too.
  await using again = await openNode(url, primary.name, { folder: primary.folder })
  assert.deepEqual([...again.written(), ...readEvents(again.folder, worker.name)], [])
})

test('a node that wakes while its events are taken sees that they are', async () => {
  const url = await createDatabase()
  const { port, pathname } = new URL(url)
  const network = await startNetwork(Number(port))
  await using node = await openNode(url, 'node-00000001')
  const through = `postgres://postgres@127.0.0.1:${network.port}${pathname}`
  await using still = await openNode(through, 'node-00000002')
  const made = await change(still.database)
  network.cut()
  // Nobody waits for it any more after this.
  await node.database.write(async (transaction) => {
    transaction.changed('key/us-east-1/1')
  })
  const rows = () => runIn(url, `SELECT 1 FROM nodes WHERE name = '${still.name}'`)
  while ((await rows()).length > 0) await pause(10)
  const stands = Promise.withResolvers<undefined>()
  const taking = Promise.withResolvers<undefined>()
  const from = { chain: still.name, nodes: new Map<string, number>() }
  const taken = node.database.write(async (transaction) => {
    const events = await takeEvents(transaction, from, 10)
    stands.resolve(undefined)
    await taking.promise
    return events.map((each) => each.eventId)
  })
  await stands.promise
  network.mend()
  while (still.database.standing?.registration === undefined) await pause(10)
  assert.equal((await rows()).length, 1)
  await still.audit.append(made)
  await pause(100)
  taking.resolve(undefined)
  assert.deepEqual(await taken, [made.eventId])
  const later = await changeSoon(still)
  await still.audit.append(later)
  assert.deepEqual(still.written(), [later.eventId])
})

test('a node that has come back is not taken from, though it was away when it was looked for', async () => {
  const url = await createDatabase()
  await using node = await openNode(url, 'node-00000001')
  await using gone = await openNode(url, 'node-00000002')
  await change(gone.database)
  await gone.crash()
  const from = { chain: gone.name, nodes: new Map<string, number>() }
  await using returned = await openNode(url, gone.name, { folder: gone.folder })
  await change(returned.database)
  const taken = await node.database.write((transaction) => takeEvents(transaction, from, 10))
  assert.deepEqual(taken, [])
})

test('what is held back at the end stays in the database for the next start', async () => {
  const url = await createDatabase()
  const { port, pathname } = new URL(url)
  const network = await startNetwork(Number(port))
  const through = `postgres://postgres@127.0.0.1:${network.port}${pathname}`
  await using still = await openNode(through, 'node-00000002')
  const made = await change(still.database)
  network.cut()
  await pause(beyondLease)
  await still.audit.append(made)
  await still.close()
  assert.deepEqual(still.written(), [])
  network.mend()
  await using again = await openNode(url, still.name, { folder: still.folder })
  assert.deepEqual(again.written(), [made.eventId])
})

test('a server looks for them with its jobs', async () => {
  const url = await createDatabase()
  const clock = testClock()
  const serving = await serveOn(clock, { database: url })
  const { jobs, metrics } = serving.service
  await jobs.run()
  const succeeded = 'trent_job_runs_total{job="write what nodes have left",outcome="succeeded"} 1\n'
  assert.ok(metrics.text().includes(succeeded))
  await serving.close()
})
