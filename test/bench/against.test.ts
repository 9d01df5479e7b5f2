/** `npm run bench -- --against URL`: the same load against any endpoint; here against Trent itself, briefly. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { after, test } from 'node:test'
import { startTrent } from '../../src/index.ts'

const bench = path.join(import.meta.dirname, '../../bench/bench.ts')
const trent = await startTrent()
after(() => trent.close())
const { host } = new URL(trent.endpoint)
const short = ['--seconds', '0.2', '--rounds', '1', '--connections', '4']

/** Runs the bench in a process of its own; the server is in this one. */
async function runBench(
  args: readonly string[],
  secret = trent.credentials.secretAccessKey,
): Promise<{ readonly code: unknown; readonly output: string }> {
  const child = spawn(process.execPath, [bench, ...short, ...args], {
    env: {
      PATH: process.env['PATH'],
      AWS_ACCESS_KEY_ID: trent.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: secret,
      AWS_REGION: 'eu-west-1',
    },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  const [code] = (await once(child, 'close')) as [unknown]
  return { code, output }
}

test('an endpoint is measured beside the bare server, in both loops, with changes', async () => {
  const only = ['--only', 'throughput,latency,writes,memory']
  const { code, output } = await runBench(['--against', trent.endpoint, ...only])
  assert.equal(code, 0, output)
  for (const operation of ['Encrypt', 'Decrypt', 'GenerateDataKey']) {
    const row = new RegExp(`^\\| ${operation} \\| ${host} \\| (\\d+) \\|`, 'm').exec(output)
    assert.ok(Number(row?.[1]) > 0, output)
    assert.match(output, new RegExp(`^\\| ${operation} \\| bare \`node:http\` \\| \\d+`, 'm'))
  }
  assert.match(output, new RegExp(`^\\| 80 % \\| ${host} \\| \\d+ \\| [\\d.]+ \\|`, 'm'))
  assert.match(output, /^\| CreateKey \| 32 \| \d+ \|/m)
  assert.doesNotMatch(output, /### Memory/, 'what is inside of another endpoint is not known')
})

test('an answer that refuses ends the bench', async () => {
  const args = ['--against', trent.endpoint, '--only', 'throughput']
  const { code, output } = await runBench(args, 'not the secret')
  assert.equal(code, 1)
  assert.match(output, /CreateKey: 400 .*InvalidSignatureException/)
})

test('a part that is none is refused, and those that are one are named', async () => {
  const { code, output } = await runBench(['--against', trent.endpoint, '--only', 'speed'])
  assert.equal(code, 1)
  assert.match(output, /`speed` is no part; they are throughput, least, latency/)
})
