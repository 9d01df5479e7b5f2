/**
 * `npm run bench:access`: what a decision costs. Encrypt by the same server with a small key policy and with one of 32 KB,
 * by a user's own policy, by the only grant on a key and by one of 50,000; and by two servers, one with 10 keys and one
 * with 100,000. The cases take turns, so that the ratios mean something on a busy machine too. Nothing fails because it was
 * slow; it fails when an answer is wrong.
 *
 * Options: `--seconds 3`, `--rounds 5`, `--connections 16`, `--grants 50000`, `--keys 100000`, `--only policies` (or
 * `grants`, `keys`).
 */
import { parseArgs } from 'node:util'
import { type Case, makeGrantCases, makeKeyCases, makePolicyCases } from './access-cases.ts'
import type { Yield } from './load.ts'
import { circumstances } from './report.ts'
import { clientOf, type Running, startLoad, startTrent, temporaryFolder } from './servers.ts'
import { median } from './start-up.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '16' },
    grants: { type: 'string', default: '50000' },
    keys: { type: 'string', default: '100000' },
    only: { type: 'string' },
  },
})
const options = {
  seconds: positive('seconds'),
  rounds: positive('rounds'),
  connections: positive('connections'),
  only: values.only,
  profile: undefined,
}
const wants = (part: string) => options.only === undefined || options.only === part

using folder = temporaryFolder()
using crowded = temporaryFolder()
const server = await startTrent(folder.path)
const load = startLoad()
const servers: Running[] = [server]
try {
  const root = clientOf(folder.path, server.port)
  say(`${circumstances(options)}\n`)
  say('| Encrypt | requests/s | µs of CPU per request | time / that of the first row |')
  say('| --- | ---: | ---: | ---: |')
  if (wants('policies')) await measure(await makePolicyCases(root, server))
  if (wants('grants')) await measure(await makeGrantCases(root, server, positive('grants')))
  if (wants('keys')) {
    const other = await startTrent(crowded.path)
    servers.push(other)
    const few = await makeKeyCases(root, server, 10)
    const many = await makeKeyCases(clientOf(crowded.path, other.port), other, positive('keys'))
    await measure([few, many])
  }
} finally {
  load.stop()
  for (const each of servers) await each.stop()
}

/** One turn of a case. */
interface Turn extends Yield {
  readonly serverMicroseconds: number
}

/** Measures the cases in turns; the first is what the others are compared with. */
async function measure(cases: readonly Case[]): Promise<void> {
  const rounds: (readonly Turn[])[] = []
  for (let round = 0; round < options.rounds; round++) {
    const turns: Turn[] = []
    for (const each of cases) turns.push(await turn(each))
    rounds.push(turns)
  }
  for (const [index, { name }] of cases.entries()) {
    const of = (what: (turn: Turn) => number) =>
      median(rounds.map((turns) => what(turns[index] as Turn)))
    const ratio = median(
      rounds.map(
        (turns) =>
          (turns[index] as Turn).serverMicroseconds / (turns[0] as Turn).serverMicroseconds,
      ),
    )
    const rate = of((each) => each.requestsPerSecond).toFixed(0)
    const cpu = of((each) => each.serverMicroseconds).toFixed(0)
    say(`| ${name} | ${rate} | ${cpu} | **${ratio.toFixed(2)}** |`)
  }
}

async function turn({ client, server: on, documents }: Case): Promise<Turn> {
  const { connections, seconds } = options
  const order = { port: on.port, client, connections, warmUp: 1, seconds }
  const before = on.cpuSeconds() ?? Number.NaN
  const done = await load.run({ ...order, operation: 'Encrypt', documents })
  const used = (on.cpuSeconds() ?? Number.NaN) - before
  return { ...done, serverMicroseconds: (used * 1e6) / (done.requests + done.requestsOfWarmUp) }
}

function positive(name: 'seconds' | 'rounds' | 'connections' | 'grants' | 'keys'): number {
  const number = Number(values[name])
  if (!(number > 0)) throw new Error(`--${name} \`${values[name]}\` is no positive number`)
  return number
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
