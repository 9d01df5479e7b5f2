/**
 * Changes, which are durable before they are answered: one client and many, and how many of them share a commit. Beside
 * them stands what the disk can do: commits of one row by `node:sqlite`, with nothing around them.
 */
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createKey } from './calls.ts'
import { changing, type Work } from './operations.ts'
import { type Bar, type Bench, caseOf, number, type Result, turnsOf } from './part.ts'
import { temporaryFolder } from './servers.ts'
import type { Rounds } from './turns.ts'

const many = 32

/** CreateKey, CreateGrant and TagResource, each by one client and by 32. */
export async function measureWrites(bench: Bench): Promise<Result> {
  const { subject } = bench
  const KeyId = await createKey(subject.client)
  const account = KeyId.split(':')[4]
  const grant = { KeyId, GranteePrincipal: `arn:aws:iam::${account}:root`, Operations: ['Encrypt'] }
  const works = [
    changing('CreateKey', {}, 'KeyMetadata'),
    changing('CreateGrant', grant, 'GrantId'),
    changing('UpdateKeyDescription', { KeyId, Description: 'bench' }),
  ]
  const raw = commitsOfOneRow(bench.options.seconds)
  const rows: (readonly string[])[] = []
  const bars: Bar[] = []
  for (const work of works) {
    const rounds = await measure(work, bench)
    rows.push(...rowsOf(work, rounds))
    bars.push(...barsOf(work, rounds))
    const alone = rounds.of(0, (turn) => turn.requestsPerSecond) / raw
    bars.push({ label: `${work.operation}, 1 client: rate / bare commits`, ratio: alone })
  }
  return {
    title: 'Changes',
    head: [
      'change',
      'clients',
      'changes/s',
      'p50 ms',
      'p99 ms',
      'server µs of CPU',
      'commits each',
    ],
    rows,
    note: `Bare \`node:sqlite\` commits of one row, durable, one after the other: ${raw.toFixed(0)}/s.`,
    bars,
  }
}

function measure(work: Work, bench: Bench): Promise<Rounds> {
  const alone = { ...caseOf(bench.subject, work, bench), connections: 1 }
  return turnsOf([alone, { ...alone, connections: many }], bench)
}

function rowsOf({ operation }: Work, rounds: Rounds): readonly (readonly string[])[] {
  return [1, many].map((clients, index) => [
    operation,
    String(clients),
    number(
      rounds.of(index, (turn) => turn.requestsPerSecond),
      0,
    ),
    number(
      rounds.of(index, (turn) => turn.p50),
      2,
    ),
    number(
      rounds.of(index, (turn) => turn.p99),
      2,
    ),
    number(
      rounds.of(index, (turn) => turn.serverMicroseconds),
      0,
    ),
    number(
      rounds.of(index, (turn) => turn.commitsPerRequest),
      3,
    ),
  ])
}

/** The aims are those of CreateKey. */
function barsOf({ operation }: Work, rounds: Rounds): readonly Bar[] {
  const aimed = operation === 'CreateKey'
  const aim = (value: number, atLeast: boolean) => (aimed ? { aim: { value, atLeast } } : {})
  const commits = rounds.of(1, (turn) => turn.commitsPerRequest)
  const rate = rounds.ratio(1, 0, (turn) => turn.requestsPerSecond)
  const bars = [{ label: `${operation}: ${many} clients / 1`, ratio: rate, ...aim(3, true) }]
  if (Number.isNaN(commits)) return bars
  const shared = { label: `${operation}, ${many} clients: commits each`, ratio: commits }
  return [...bars, { ...shared, ...aim(0.125, false) }]
}

/** As Trent has its file: a write-ahead log, and an fsync for each commit. */
function commitsOfOneRow(seconds: number): number {
  using folder = temporaryFolder()
  const database = new DatabaseSync(path.join(folder.path, 'bare.db'))
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE rows (text TEXT)',
  )
  const insert = database.prepare('INSERT INTO rows VALUES (?)')
  const from = performance.now()
  let commits = 0
  for (; performance.now() - from < seconds * 1000; commits += 1) insert.run('a row of a bench')
  const rate = (commits / (performance.now() - from)) * 1000
  database.close()
  return rate
}
