/**
 * `node tools/pinned.cjs bench/asymmetric.ts`: signatures and MACs through Trent, beside the same by `node:crypto` in one
 * thread of this process; and Encrypt by itself, beside Encrypt while RSA_4096 signatures keep all of Trent's threads
 * busy. They take turns, so that the ratios mean something on a busy machine too. Nothing fails because it was slow; it
 * fails when an answer is wrong.
 *
 * Options: `--seconds 3`, `--rounds 3`, `--connections 16`, `--only RSA_4096` (a key spec, or `Encrypt`).
 */
import { parseArgs } from 'node:util'
import { measureBeside } from './beside.ts'
import { circumstances } from './report.ts'
import { clientOf, startLoad, startTrent, temporaryFolder } from './servers.ts'
import { measureSigning, signingSpecs } from './signing.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '16' },
    only: { type: 'string' },
  },
})
const { only } = values
const options = {
  seconds: positive('seconds'),
  rounds: positive('rounds'),
  connections: positive('connections'),
  only,
  profile: undefined,
}

using folder = temporaryFolder()
const trent = await startTrent(folder.path)
const loads = [startLoad(), startLoad()] as const
try {
  const bench = { client: clientOf(folder.path, trent.port), port: trent.port, loads, options }
  say(`${circumstances(options)}\n`)
  say('| key | `node:crypto` /s | Trent /s | Trent p50 ms | Trent p99 ms | Trent / `node:crypto` |')
  say('| --- | ---: | ---: | ---: | ---: | ---: |')
  for (const spec of signingSpecs.filter((each) => only === undefined || only === each)) {
    say(await measureSigning(spec, bench))
  }
  if (only === undefined || only === 'Encrypt') say(`\n${await measureBeside(bench)}`)
} finally {
  for (const load of loads) load.stop()
  await trent.stop()
}

function positive(name: 'seconds' | 'rounds' | 'connections'): number {
  const number = Number(values[name])
  if (!(number > 0)) throw new Error(`--${name} \`${values[name]}\` is no positive number`)
  return number
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
