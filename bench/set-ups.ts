/**
 * Trent set up in other ways: two processes on one folder, for what a request costs them together; and TLS, on connections
 * that stay open, as those of the SDKs do.
 */
import { makeCertificate } from './certificate.ts'
import { encrypting } from './operations.ts'
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
import { startBare, startTrent, temporaryFolder } from './servers.ts'

/** Encrypt of 32 bytes by one worker, by two, and by the bare server. */
export async function measureWorkers(bench: Bench): Promise<Result> {
  using folder = temporaryFolder()
  using other = temporaryFolder()
  // As fresh as the other: a server gets faster with what it has already answered.
  const single = await startTrent(other.path)
  const two = await startTrent(folder.path, { name: 'Trent, 2 workers', workers: 2 })
  try {
    const one = caseOf(single, await encrypting(single.client), bench)
    const both = caseOf(two, await encrypting(two.client), bench)
    const { connections } = both
    const busy = { ...both, connections: 2 * connections }
    const rounds = await turnsOf([one, both, busy, bareCase(bench.bare, both)], bench)
    const cpu = (index: number) => rounds.ratio(index, 0, (turn) => turn.serverMicroseconds)
    const aim = { value: 1.15, atLeast: false }
    return {
      title: 'Workers, Encrypt of 32 bytes',
      head: ['server', ...throughputHead],
      rows: [
        [`Trent, 1 worker, ${connections} connections`, ...throughputCells(rounds, 0)],
        [`Trent, 2 workers, ${connections} connections`, ...throughputCells(rounds, 1)],
        [`Trent, 2 workers, ${2 * connections} connections`, ...throughputCells(rounds, 2)],
        [bench.bare.name, ...throughputCells(rounds, 3)],
        ['**2 workers / 1, as many connections**', ...ratioCells(rounds, 1, 0)],
        ['**2 workers / 1, as many connections each**', ...ratioCells(rounds, 2, 0)],
        ['**1 worker / bare**', ...ratioCells(rounds, 0, 3)],
      ],
      note:
        'The CPU is that of all processes of a server, its primary among them. The requests that reach a process in one turn ' +
        'of its event loop share the work of the turn, so that a request costs more where fewer come at once.',
      bars: [
        { label: 'CPU: 2 workers / 1, as many connections', ratio: cpu(1), aim },
        { label: 'CPU: 2 workers / 1, as many each', ratio: cpu(2), aim },
      ],
    }
  } finally {
    await two.stop()
    await single.stop()
  }
}

/** Encrypt of 32 bytes by Trent and by a bare server, each with and without TLS. */
export async function measureTls(bench: Bench): Promise<Result> {
  using folder = temporaryFolder()
  const tls = makeCertificate(folder.path)
  if (tls === undefined) throw new Error('the openssl command line is missing')
  using data = temporaryFolder()
  const trent = await startTrent(data.path, { name: 'Trent, TLS', tls })
  const bare = await startBare(trent.client, tls)
  try {
    const plain = caseOf(bench.subject, await encrypting(bench.subject.client), bench)
    const secure = caseOf(trent, await encrypting(trent.client), bench)
    const cases = [plain, secure, bareCase(bench.bare, plain), bareCase(bare, secure)]
    const rounds = await turnsOf(cases, bench)
    const rate = (index: number, to: number) =>
      rounds.ratio(index, to, (turn) => turn.requestsPerSecond)
    return {
      title: 'TLS, Encrypt of 32 bytes',
      head: ['server', ...throughputHead],
      rows: [
        ...cases.map(({ name }, index) => [name, ...throughputCells(rounds, index)]),
        ['**Trent: with / without**', ...ratioCells(rounds, 1, 0)],
        ['**bare: with / without**', ...ratioCells(rounds, 3, 2)],
        ['**with TLS: Trent / bare**', ...ratioCells(rounds, 1, 3)],
      ],
      bars: [
        { label: 'TLS: Trent with / without', ratio: rate(1, 0) },
        { label: 'TLS: bare with / without', ratio: rate(3, 2) },
      ],
    }
  } finally {
    await bare.stop()
    await trent.stop()
  }
}
