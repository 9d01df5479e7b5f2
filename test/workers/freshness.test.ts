/**
 * Several processes of one server: what one of them has acknowledged, the next request finds at every other.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askServer } from '../../src/server/admin-socket.ts'
import { createDatabase } from '../support/postgres.ts'
import { credentialsOf, temporaryFolder } from '../support/process.ts'
import { callsByChain, type Line, makeKey, openLines, serveWorkers } from '../support/workers.ts'

const Plaintext = Buffer.from('plain').toString('base64')

const cases = [
  { workers: 2, database: 'a file', args: async () => [], rounds: 60 },
  { workers: 3, database: 'a file', args: async () => [], rounds: 60 },
  {
    workers: 2,
    database: 'PostgreSQL',
    args: async () => ['--database', await createDatabase()],
    rounds: 20,
  },
] as const

/** What every connection says to the same call at once. */
const everywhere = async (lines: readonly Line[], operation: string, body: object) =>
  new Set(
    (await Promise.all(lines.map((line) => line.ask(operation, body)))).map((it) => it.refusal),
  )

for (const { workers, database, args, rounds } of cases) {
  test(`with ${workers} workers on ${database} a change holds at all of them from its answer on`, async () => {
    const server = await serveWorkers(temporaryFolder(), workers, await args())
    const lines = await openLines(server, workers * 3)
    const KeyId = await makeKey(lines[0])
    for (let round = 0; round < rounds; round += 1) {
      const [one, other] = [lines[round % lines.length], lines[(round + 1) % lines.length]]
      assert.deepEqual(
        await everywhere(lines, 'Encrypt', { KeyId, Plaintext }),
        new Set([undefined]),
      )
      assert.equal((await one?.ask('DisableKey', { KeyId }))?.refusal, undefined)
      const refused = await everywhere(lines, 'Encrypt', { KeyId, Plaintext })
      assert.deepEqual(refused, new Set(['DisabledException']), `round ${round}`)
      assert.equal((await other?.ask('EnableKey', { KeyId }))?.refusal, undefined)
    }
    // All of this proves something only if every worker was asked.
    const calls = callsByChain(server.data)
    assert.equal(calls.size, workers, JSON.stringify([...calls]))
    server.signal('SIGTERM')
    assert.equal((await server.finished).code, 0)
  })

  test(`with ${workers} workers on ${database} an access key ends everywhere at once`, async () => {
    const server = await serveWorkers(temporaryFolder(), workers, await args())
    const lines = await openLines(server, workers * 3)
    const set = (status: string) =>
      askServer(server.data, 'update-access-key', {
        'access-key-id': credentialsOf(server.data).accessKeyId,
        status,
      })
    for (let round = 0; round < 5; round += 1) {
      assert.deepEqual(await everywhere(lines, 'ListKeys', {}), new Set([undefined]))
      assert.ok('result' in (await set('Inactive')))
      const refused = await everywhere(lines, 'ListKeys', {})
      assert.deepEqual(refused, new Set(['UnrecognizedClientException']), `round ${round}`)
      assert.ok('result' in (await set('Active')))
    }
    server.signal('SIGTERM')
    assert.equal((await server.finished).code, 0)
  })
}

test('a key that all workers use is used by none once its disabling was answered', async () => {
  const server = await serveWorkers(temporaryFolder(), 3)
  const lines = await openLines(server, 12)
  const KeyId = await makeKey(lines[0])
  let disabled = false
  let late = 0
  const uses = lines.slice(1).map(async (line) => {
    for (;;) {
      const before = disabled
      const { refusal } = await line.ask('Encrypt', { KeyId, Plaintext })
      if (refusal === undefined && before) late += 1
      if (refusal !== undefined || before) return
    }
  })
  await lines[0]?.ask('DisableKey', { KeyId })
  disabled = true
  await Promise.all(uses)
  assert.equal(late, 0)
})

test('an alias leads to its new key at every worker', async () => {
  const server = await serveWorkers(temporaryFolder(), 2)
  const lines = await openLines(server, 6)
  const keys = [await makeKey(lines[0]), await makeKey(lines[1])]
  const AliasName = 'alias/shared'
  await lines[0]?.ask('CreateAlias', { AliasName, TargetKeyId: keys[0] })
  for (let round = 1; round < 20; round += 1) {
    const TargetKeyId = keys[round % 2]
    await lines[round % lines.length]?.ask('UpdateAlias', { AliasName, TargetKeyId })
    const told = await Promise.all(
      lines.map((line) => line.ask('Encrypt', { KeyId: AliasName, Plaintext })),
    )
    for (const { document } of told) assert.ok(String(document['KeyId']).endsWith(`${TargetKeyId}`))
  }
})
