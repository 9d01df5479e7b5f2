/** From the start of the process to its first answer: Trent on a data folder that exists, and the bare server. */
import { rmSync } from 'node:fs'
import path from 'node:path'
import { call } from './calls.ts'
import { median } from './median.ts'
import type { Bench, Result } from './part.ts'
import { type Running, startBare, startTrent, temporaryFolder } from './servers.ts'

/** Starts both in turns. */
export async function measureStartUp({ options }: Bench): Promise<Result> {
  using folder = temporaryFolder()
  const startOurs = () => startTrent(folder.path)
  // The first start makes the folder, the second fills its cache.
  await timed(startOurs)
  await timed(startOurs)
  const trents: number[] = []
  const uncached: number[] = []
  const bares: number[] = []
  for (let i = 0; i < options.starts; i++) {
    bares.push(await timed(() => startBare()))
    trents.push(await timed(startOurs))
  }
  for (let i = 0; i < options.starts; i++) {
    rmSync(path.join(folder.path, 'cache'), { recursive: true, force: true })
    uncached.push(await timed(startOurs))
  }
  const ratio = median(trents.map((trent, index) => trent / (bares[index] ?? Number.NaN)))
  return {
    title: 'Start',
    head: ['server', `ms to the first answer, median of ${options.starts}`],
    rows: [
      ['Trent', median(trents).toFixed(0)],
      ['bare `node:http`', median(bares).toFixed(0)],
      ['Trent, nothing compiled before', median(uncached).toFixed(0)],
      ['**Trent / bare**', `**${ratio.toFixed(2)}**`],
    ],
    note: 'Both run from TypeScript sources; the answer is that to a signed ListKeys.',
    bars: [{ label: 'start / bare', ratio, aim: { value: 4, atLeast: false } }],
  }
}

/** The bare server does not look at the signature. */
async function timed(start: () => Promise<Running>): Promise<number> {
  const from = performance.now()
  const running = await start()
  await call(running.client, 'ListKeys', {})
  const elapsed = performance.now() - from
  await running.stop()
  return elapsed
}
