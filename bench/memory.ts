/** Resident memory: at rest after the start, and with very many keys that nobody uses. */
import { call, createKey } from './calls.ts'
import { makeKeys } from './many.ts'
import { median } from './median.ts'
import { type Bench, number, type Result } from './part.ts'
import { type Running, startBare, startTrent, temporaryFolder } from './servers.ts'

/** How long a server is left alone before it is looked at, in milliseconds. */
const rest = 1500

/** Trent with no keys, Trent with many, and the bare server. */
export async function measureMemory({ options }: Bench): Promise<Result> {
  using few = temporaryFolder()
  using many = temporaryFolder()
  const first = await startTrent(many.path)
  const account = (await createKey(first.client)).split(':')[4] ?? ''
  await first.stop()
  await makeKeys(many.path, account, options.keys)
  const rows: { empty: number; full: number; bare: number }[] = []
  for (let round = 0; round < options.rounds; round++) {
    rows.push({
      empty: await residentAtRest(() => startTrent(few.path)),
      full: await residentAtRest(() => startTrent(many.path)),
      bare: await residentAtRest(() => startBare()),
    })
  }
  const empty = median(rows.map((row) => row.empty))
  const bare = median(rows.map((row) => row.bare))
  const full = median(rows.map((row) => row.full))
  const each = median(rows.map((row) => (row.full - row.empty) / options.keys)) / 1024
  const megabytes = (bytes: number) => number(bytes / 1_048_576, 1)
  return {
    title: 'Memory',
    head: ['server', 'MB resident at rest', 'KB for each unused key', 'MB for a thousand of them'],
    rows: [
      ['Trent', megabytes(empty), '', ''],
      [`Trent, ${options.keys} keys`, megabytes(full), number(each, 3), number(each / 1.024, 3)],
      ['bare `node:http`', megabytes(bare), '', ''],
      ['**Trent / bare**', `**${number(empty / bare, 2)}**`, '', ''],
    ],
    bars: [
      { label: 'memory at rest / bare', ratio: empty / bare },
      {
        label: 'KB for each unused key',
        ratio: Math.max(0, each),
        aim: { value: 1, atLeast: false },
      },
    ],
  }
}

/** After a start, one answer, and some rest. */
async function residentAtRest(start: () => Promise<Running>): Promise<number> {
  const running = await start()
  await call(running.client, 'ListKeys', {})
  await new Promise((resolve) => setTimeout(resolve, rest))
  const bytes = running.residentBytes() ?? Number.NaN
  await running.stop()
  return bytes
}
