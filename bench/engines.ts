/** SQLite beside PostgreSQL: an operation that reads, and one that changes. */
import { changing, encrypting } from './operations.ts'
import {
  bareCase,
  type Bench,
  caseOf,
  ratioCells,
  type Result,
  throughputCells,
  throughputHead,
  turnsOf,
} from './part.ts'
import { startTrent, temporaryFolder } from './servers.ts'
import { startPostgres } from '../test/support/postgres.ts'

/** Encrypt and CreateKey on both engines, and the bare server. */
export async function measureEngines(bench: Bench): Promise<Result> {
  using folder = temporaryFolder()
  const postgres = await startPostgres()
  try {
    const database = postgres.url()
    const shared = await startTrent(folder.path, { name: 'Trent, PostgreSQL', database })
    const servers = [bench.subject, shared] as const
    const rows: (readonly string[])[] = []
    const bars = []
    for (const work of ['Encrypt', 'CreateKey'] as const) {
      const made = servers.map(async (server) =>
        caseOf(
          server,
          work === 'Encrypt'
            ? await encrypting(server.client)
            : changing('CreateKey', {}, 'KeyMetadata'),
          bench,
        ),
      )
      const [own, other] = (await Promise.all(made)) as [Made, Made]
      const rounds = await turnsOf([own, other, bareCase(bench.bare, other)], bench)
      rows.push(
        [work, 'Trent, SQLite', ...throughputCells(rounds, 0)],
        [work, 'Trent, PostgreSQL', ...throughputCells(rounds, 1)],
        [work, '**SQLite / bare**', ...ratioCells(rounds, 0, 2)],
        [work, '**PostgreSQL / bare**', ...ratioCells(rounds, 1, 2)],
      )
      const ratio = rounds.ratio(1, 0, (turn) => turn.requestsPerSecond)
      bars.push({ label: `${work}: PostgreSQL / SQLite`, ratio })
    }
    await shared.stop()
    return { title: 'Engines', head: ['request', 'server', ...throughputHead], rows, bars }
  } finally {
    await postgres.remove()
  }
}

type Made = ReturnType<typeof caseOf>
