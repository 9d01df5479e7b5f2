/**
 * `npm run bench`: Trent beside a bare `node:http` server, under the same load and in turns, so that the ratios mean
 * something on a busy machine too. Nothing here fails because it was slow; it fails when an answer is wrong. What can be
 * said on the command line stands in README.md.
 */
import { type Options, readOptions } from './options.ts'
import type { Result } from './part.ts'
import { parts } from './parts.ts'
import { aimsOf, circumstances, sectionOf, writeResults } from './report.ts'
import { type Server, startBare, startLoad, startTrent, temporaryFolder } from './servers.ts'

const options = readOptions()
const chosen = partsFor(options)
const about = circumstances(options)
say(about)
using folder = temporaryFolder()
const own = options.against === undefined ? await startTrent(folder.path, options) : undefined
const subject = own ?? other(options)
const bare = await startBare(subject.client)
const load = startLoad()
const results: Result[] = []
try {
  for (const run of chosen) {
    const result = await run({ options, load, subject, bare })
    results.push(result)
    say(`\n${sectionOf(result)}`)
  }
} finally {
  load.stop()
  await bare.stop()
  await own?.stop()
}
say(`\n${aimsOf(results)}`)
if (options.write) writeResults(about, results)

/** The parts to run. Of another endpoint, those that need nothing but its API. */
function partsFor({ only, against }: Options) {
  const unknown = [...(only ?? [])].find((name) => !parts.has(name))
  if (unknown !== undefined) {
    throw new Error(`\`${unknown}\` is no part; they are ${[...parts.keys()].join(', ')}`)
  }
  const wanted = [...parts].filter(([name]) => only === undefined || only.has(name))
  return wanted
    .filter(([, part]) => against === undefined || part.ofAnyServer)
    .map(([, part]) => part.run)
}

/** The endpoint of `--against`: nobody tells what it uses. */
function other({ against }: Options): Server {
  if (against === undefined) throw new Error('there is no endpoint')
  return {
    name: against.host,
    client: against,
    cpuSeconds: () => undefined,
    commits: async () => undefined,
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
