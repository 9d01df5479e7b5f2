/** Encrypt by itself, and beside a storm of RSA_4096 signatures. */
import type { Order, Yield } from './load.ts'
import { prepare } from './operations.ts'
import { type Bench, prepareSigner } from './signing.ts'
import { median } from './start-up.ts'

interface Pair {
  readonly alone: Yield
  readonly beside: Yield
  readonly storm: Yield
}

/** Measures both in turns, and answers the table of their medians. */
export async function measureBeside(bench: Bench): Promise<string> {
  const { client, port, options } = bench
  const encrypt = (await prepare(client)).find(({ operation }) => operation === 'Encrypt')
  if (encrypt === undefined) throw new Error('Encrypt is not measured')
  const signer = await prepareSigner('RSA_4096', client)
  const { connections, seconds } = options
  const order = { port, client, connections, warmUp: 1, seconds }
  const encrypting: Order = { ...order, operation: 'Encrypt', documents: encrypt.documents }
  // The storm outlives what is measured beside it.
  const storming: Order = {
    ...order,
    operation: signer.operation,
    documents: signer.documents,
    seconds: seconds + 2,
  }
  const [load, stormLoad] = bench.loads
  const pairs: Pair[] = []
  for (let round = 0; round < options.rounds; round++) {
    const alone = await load.run(encrypting)
    const [beside, storm] = await Promise.all([load.run(encrypting), stormLoad.run(storming)])
    await encrypt.verify(JSON.parse(beside.answer) as Record<string, string>)
    await signer.check(storm.answer)
    pairs.push({ alone, beside, storm })
  }
  return tableOf(pairs)
}

function tableOf(pairs: readonly Pair[]): string {
  const row = (name: string, of: (pair: Pair) => Yield): string => {
    const middle = (what: (turn: Yield) => number): number =>
      median(pairs.map((pair) => what(of(pair))))
    const rate = middle((turn) => turn.requestsPerSecond).toFixed(0)
    const [p50, p99] = [middle((turn) => turn.p50), middle((turn) => turn.p99)]
    return `| ${name} | ${rate} | ${p50.toFixed(2)} | ${p99.toFixed(2)} |`
  }
  const ratio = (what: (turn: Yield) => number): string =>
    `**${median(pairs.map(({ alone, beside }) => what(beside) / what(alone))).toFixed(2)}**`
  const ratios = [
    ratio((turn) => turn.requestsPerSecond),
    ratio((turn) => turn.p50),
    ratio((turn) => turn.p99),
  ]
  return [
    '| Encrypt | requests/s | p50 ms | p99 ms |',
    '| --- | ---: | ---: | ---: |',
    row('alone', (pair) => pair.alone),
    row('beside RSA_4096 signatures', (pair) => pair.beside),
    `| **beside / alone** | ${ratios.join(' | ')} |`,
    row('the signatures beside it', (pair) => pair.storm),
  ].join('\n')
}
