/** From the start of the process to its first answer: Trent on a data folder that exists, and the bare server. */
import { Connection } from './connection.ts'
import { call, clientOf, type Folder, type Running, startBare, startTrent } from './servers.ts'
import { signedRequest } from './sign.ts'

/** Milliseconds, each the median of several starts. */
export interface StartUp {
  readonly trent: number
  readonly bare: number
  readonly starts: number
}

/** Starts both in turns, so many times each. */
export async function measureStartUp(folder: Folder, starts: number): Promise<StartUp> {
  const trents: number[] = []
  const bares: number[] = []
  await timed(
    () => startTrent(folder.path),
    (port) => askTrent(folder, port),
  )
  for (let i = 0; i < starts; i++) {
    bares.push(await timed(startBare, askBare))
    trents.push(
      await timed(
        () => startTrent(folder.path),
        (port) => askTrent(folder, port),
      ),
    )
  }
  return { trent: median(trents), bare: median(bares), starts }
}

async function timed(
  start: () => Promise<Running>,
  ask: (port: number) => Promise<void>,
): Promise<number> {
  const from = performance.now()
  const running = await start()
  await ask(running.port)
  const elapsed = performance.now() - from
  await running.stop()
  return elapsed
}

async function askTrent(folder: Folder, port: number): Promise<void> {
  await call(clientOf(folder.path, port), 'ListKeys', {})
}

/** The same request, to a server that does not look at its signature. */
async function askBare(port: number): Promise<void> {
  const connection = await Connection.open(port)
  const nobody = { accessKeyId: 'x', secretAccessKey: 'x', region: 'x', host: `127.0.0.1:${port}` }
  const { status } = await connection.ask(signedRequest(nobody, 'ListKeys', {}))
  connection.close()
  if (status !== 200) throw new Error(`the bare server answered ${status}`)
}

/** The middle of the numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
