/**
 * `trent serve --workers`: one port, one record of several chains, and one place for administrators.
 */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { startTrent } from '../../src/index.ts'
import { eventsOf } from '../support/folder.ts'
import {
  askTrent,
  ready,
  runTrent,
  startTrentProcess,
  temporaryFolder,
} from '../support/process.ts'
import { callsByChain, childrenOf, makeKey, openLines, serveWorkers } from '../support/workers.ts'

const Plaintext = Buffer.from('plain').toString('base64')

test('connections are shared evenly, and each worker writes a chain of its own', async () => {
  const server = await serveWorkers(temporaryFolder(), 3)
  assert.equal(childrenOf(server.pid).length, 3)
  // One after the other: what comes at once may be taken by whoever is quicker.
  for (let i = 0; i < 30; i += 1) {
    const [line] = await openLines(server, 1)
    assert.equal((await line?.ask('ListKeys'))?.refusal, undefined)
  }
  const calls = callsByChain(server.data)
  const names = [...calls.keys()].map((chain) => chain.split('.')[0])
  assert.deepEqual(new Set(names), new Set(['worker-1', 'worker-2', 'worker-3']))
  for (const [chain, count] of calls) assert.ok(count >= 5, `${chain} has ${count} calls`)
  const report = (await askTrent(['audit', 'verify', '--data', server.data])) as {
    readonly ok: boolean
    readonly chains: readonly { readonly chain: string }[]
  }
  assert.ok(report.ok)
  // That of the primary, which serves nobody, is the other one.
  const chains = report.chains.map(({ chain }) => chain)
  assert.equal(chains.length, 4)
  for (const chain of calls.keys()) assert.ok(chains.includes(chain))
})

test('it says once that it is ready, and nothing else', async () => {
  const server = await serveWorkers(temporaryFolder(), 2)
  server.signal('SIGINT')
  const { code, stdout, stderr } = await server.finished
  assert.equal(code, 0)
  assert.equal(stderr, '')
  assert.equal(stdout.split('Trent is ready at').length, 2)
  assert.equal(stdout.split('\n').length, 4)
})

test('a call that any of the workers served can be explained, newest and by its id', async () => {
  const server = await serveWorkers(temporaryFolder(), 3)
  const lines = await openLines(server, 9)
  const KeyId = await makeKey(lines[0])
  const told = []
  for (const line of lines) told.push(await line.ask('Encrypt', { KeyId, Plaintext }))
  const explain = (...id: string[]) =>
    askTrent(['explain', ...id, '--json', '--data', server.data]) as Promise<{
      readonly requestId: string
      readonly decisions: readonly { readonly action: string }[]
    }>
  assert.equal((await explain('--last')).requestId, told.at(-1)?.requestId)
  for (const { requestId } of told) {
    const { decisions, ...call } = await explain(requestId)
    assert.equal(call.requestId, requestId)
    assert.deepEqual(
      decisions.map(({ action }) => action),
      ['kms:Encrypt'],
    )
  }
  server.signal('SIGTERM')
  assert.equal((await server.finished).code, 0)
  // What was in memory is in the files of three processes by now.
  const again = await serveWorkers(server.data, 2)
  const last = told.at(-1)?.requestId ?? ''
  const found = await askTrent(['explain', last, '--json', '--data', again.data])
  assert.equal((found as { readonly requestId: string }).requestId, last)
})

test('accounts that are made and clocks that are confirmed are the same to all workers', async () => {
  const server = await serveWorkers(temporaryFolder(), 2)
  const made = await askTrent(['account', 'create', '--name', 'second', '--data', server.data])
  const { Accounts } = (await askTrent(['account', 'list', '--data', server.data])) as {
    readonly Accounts: readonly { readonly AccountId: string }[]
  }
  const { AccountId } = made as { readonly AccountId: string }
  assert.ok(Accounts.some((account) => account.AccountId === AccountId))
  assert.equal(Accounts.length, 2)
  await askTrent(['jobs', 'confirm-clock', '--data', server.data])
})

test('the last use of a key is known to every worker, whoever served it', async () => {
  const server = await serveWorkers(temporaryFolder(), 2)
  const lines = await openLines(server, 6)
  const KeyId = await makeKey(lines[0])
  let newest = ''
  for (const line of lines) {
    const { requestId } = await line.ask('Encrypt', { KeyId, Plaintext })
    newest = requestId
    // Times of uses are told apart by the millisecond.
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  server.signal('SIGTERM')
  assert.equal((await server.finished).code, 0)
  const again = await serveWorkers(server.data, 2)
  for (const line of await openLines(again, 4)) {
    const { document } = await line.ask('GetKeyLastUsage', { KeyId })
    const usage = document['KeyLastUsage'] as { readonly KmsRequestId: string }
    assert.equal(usage.KmsRequestId, newest)
  }
})

test('a number of workers that makes no sense is refused in words before anything is made', async () => {
  const cwd = temporaryFolder()
  for (const text of ['0', '-1', '65', '1.5', 'two', '']) {
    const { code, stdout, stderr } = await runTrent(['serve', '--workers', text], { cwd })
    assert.equal(code, 1)
    assert.equal(stdout, '')
    assert.equal(stderr, `trent: \`${text}\` is no number of workers; it goes from 1 to 64\n`)
    assert.ok(!existsSync(join(cwd, '.trent')))
  }
  const env = { TRENT_WORKERS: 'many' }
  const { stderr } = await runTrent(['serve'], { cwd, env })
  assert.equal(stderr, 'trent: `many` is no number of workers; it goes from 1 to 64\n')
})

test('a port that is taken is refused in words, and its data folder is free', async () => {
  const first = await serveWorkers(temporaryFolder(), 2)
  const { port } = new URL(first.endpoint)
  const data = temporaryFolder()
  const args = ['serve', '--workers', '2', '--port', port, '--data', data]
  const { code, stdout, stderr } = await runTrent(args)
  assert.equal(code, 1)
  assert.equal(stdout, '')
  const said = stderr.split('\n').filter((line) => line.startsWith('trent: '))
  assert.deepEqual(said, [`trent: port ${port} on 127.0.0.1 is taken; choose another with --port`])
  await serveWorkers(data, 2)
})

test('the variable and the file set the number of workers, and one of them is one process', async () => {
  const cwd = temporaryFolder()
  const server = startTrentProcess(['serve', '--port', '0'], { cwd, env: { TRENT_WORKERS: '2' } })
  await ready(server)
  assert.equal(childrenOf(server.pid).length, 2)
  const alone = startTrentProcess(['serve', '--port', '0', '--workers', '1'], {
    cwd: temporaryFolder(),
    env: { TRENT_WORKERS: '2' },
  })
  await ready(alone)
  assert.equal(childrenOf(alone.pid).length, 0)
})

test('the library is one process, and goes on with a folder that workers had', async () => {
  const server = await serveWorkers(temporaryFolder(), 2)
  const lines = await openLines(server, 2)
  for (const line of lines) await makeKey(line)
  server.signal('SIGTERM')
  await server.finished
  const children = childrenOf(process.pid)
  await using trent = await startTrent({ data: server.data })
  assert.deepEqual(childrenOf(process.pid), children)
  assert.equal(eventsOf(trent.data).filter((it) => it['eventName'] === 'CreateKey').length, 2)
})
