/**
 * `npm run bench`: Trent beside a bare `node:http` server, under the same load and in turns, so that the ratio means
 * something on a busy machine too. Nothing here fails because it was slow; it fails when an answer is wrong.
 *
 * Options: `--seconds 3`, `--rounds 3`, `--connections 16`, `--workers 1` (of Trent; the bare server is always one process),
 * `--only Encrypt`, `--starts 9`, `--profile <folder>` (a CPU profile of Trent), `--write` (into bench/README.md).
 */
import { parseArgs } from 'node:util'
import { circumstances, rowsOf, startUpSentence, tableHead, writeResults } from './report.ts'
import { temporaryFolder } from './servers.ts'
import { measureStartUp } from './start-up.ts'
import { measureThroughput, type Options } from './throughput.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '16' },
    workers: { type: 'string', default: '1' },
    starts: { type: 'string', default: '9' },
    only: { type: 'string' },
    profile: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
})

const options: Options = {
  seconds: positive('seconds'),
  rounds: positive('rounds'),
  connections: positive('connections'),
  workers: positive('workers'),
  only: values.only,
  profile: values.profile,
}

using folder = temporaryFolder()
const lines = [circumstances(options), '', tableHead]
say(lines.join('\n'))
await measureThroughput(options, folder, (rounds) => {
  lines.push(rowsOf(rounds))
  say(rowsOf(rounds))
})
if (options.only === undefined) {
  const sentence = startUpSentence(await measureStartUp(folder, positive('starts')))
  lines.push('', sentence)
  say(`\n${sentence}`)
}
if (values.write) writeResults(lines.join('\n'))

function positive(name: 'seconds' | 'rounds' | 'connections' | 'workers' | 'starts'): number {
  const number = Number(values[name])
  if (!(number > 0)) throw new Error(`--${name} \`${values[name]}\` is no positive number`)
  return number
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
