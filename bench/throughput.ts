/** Trent and the bare server in turns, under the same load. */
import { once } from 'node:events'
import type { Yield } from './load.ts'
import { prepare, type Measured } from './operations.ts'
import {
  clientOf,
  type Folder,
  type Load,
  type Running,
  startBare,
  startLoad,
  startTrent,
} from './servers.ts'

/** How to measure. */
export interface Options {
  readonly seconds: number
  readonly rounds: number
  readonly connections: number
  /** One when left out. */
  readonly workers?: number
  readonly only: string | undefined
  readonly profile: string | undefined
}

/** One turn of one server. */
export interface Turn extends Yield {
  /** Microseconds of processor time that the server used for a request. */
  readonly serverMicroseconds: number | undefined
}

/** The turns of an operation, in pairs that ran one after the other. */
export interface Rounds {
  readonly operation: string
  readonly pairs: readonly { readonly trent: Turn; readonly bare: Turn }[]
}

const warmUp = 1

/** Measures each operation; tells of each as it is done. */
export async function measureThroughput(
  options: Options,
  folder: Folder,
  tell: (rounds: Rounds) => void,
): Promise<readonly Rounds[]> {
  const trent = await startTrent(folder.path, options)
  const bare = await startBare()
  const load = startLoad()
  try {
    const client = clientOf(folder.path, trent.port)
    const measured = (await prepare(client)).filter(
      ({ operation }) => options.only === undefined || operation === options.only,
    )
    if (measured.length === 0) throw new Error(`\`${options.only}\` is not measured`)
    const all: Rounds[] = []
    for (const each of measured) {
      const rounds = await measure(each, { trent, bare, load, client, options })
      tell(rounds)
      all.push(rounds)
    }
    return all
  } finally {
    load.stop()
    await bare.stop()
    await trent.stop()
  }
}

interface Bench {
  readonly trent: Running
  readonly bare: Running
  readonly load: Load
  readonly client: ReturnType<typeof clientOf>
  readonly options: Options
}

async function measure(measured: Measured, bench: Bench): Promise<Rounds> {
  const pairs: { trent: Turn; bare: Turn }[] = []
  for (let round = 0; round < bench.options.rounds; round++) {
    const trent = await turn(bench.trent, measured, bench)
    const answer = JSON.parse(trent.answer) as Record<string, string>
    await measured.verify(answer)
    bench.bare.process.send({ bytes: Buffer.byteLength(trent.answer) })
    await once(bench.bare.process, 'message')
    const bare = await turn(bench.bare, measured, bench)
    if (bare.answerBytes !== trent.answerBytes) {
      throw new Error(`answers of ${trent.answerBytes} and ${bare.answerBytes} bytes`)
    }
    pairs.push({ trent, bare })
  }
  return { operation: measured.operation, pairs }
}

async function turn(server: Running, measured: Measured, bench: Bench): Promise<Turn> {
  const { connections, seconds } = bench.options
  const { operation, documents } = measured
  const order = { port: server.port, client: bench.client, connections, warmUp, seconds }
  const before = server.cpuSeconds()
  const done = await bench.load.run({ ...order, operation, documents })
  const after = server.cpuSeconds()
  const known = before !== undefined && after !== undefined
  return { ...done, serverMicroseconds: known ? perRequest(after - before, done) : undefined }
}

/** The processor time of the turn holds that of its warm-up. */
function perRequest(cpuSeconds: number, { requests, requestsOfWarmUp }: Yield): number {
  return (cpuSeconds * 1e6) / (requests + requestsOfWarmUp)
}
