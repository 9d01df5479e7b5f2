/**
 * Disks that are full, that take no writes, or that give back something else: a clear error, nothing lost, nothing half
 * written.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomFillSync } from 'node:crypto'
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { CreateKeyCommand, DescribeKeyCommand, KMSServiceException } from '@aws-sdk/client-kms'
import { engines, type Engine } from '../support/engines.ts'
import { eventsOf } from '../support/folder.ts'
import { createDatabase } from '../support/postgres.ts'
import {
  askTrent,
  clientOf,
  runTrent,
  type Server,
  serveTrent,
  temporaryFolder,
} from '../support/process.ts'

/** A small file system of its own, where this process may mount one. */
function mountSmall(size: string): string | undefined {
  const folder = mkdtempSync(path.join(tmpdir(), 'trent-disk-'))
  const options = ['-t', 'tmpfs', '-o', `size=${size},mode=0700`, 'tmpfs', folder]
  const mounted = spawnSync('mount', options).status === 0
  after(() => {
    if (mounted) spawnSync('umount', ['-l', folder])
    rmdirSync(folder)
  })
  return mounted ? folder : undefined
}

const disk = mountSmall('8m')
const unmounted = disk === undefined ? 'only root may mount a small disk' : false

interface Told {
  readonly keys: string[]
  readonly requests: string[]
}

/** Creates keys until it is refused; answers the refusal. */
async function createUntilRefused(server: Server, told: Told): Promise<KMSServiceException> {
  const kms = clientOf(server)
  for (let i = 0; i < 20_000; i += 1) {
    try {
      const answer = await kms.send(new CreateKeyCommand({ Description: 'x'.repeat(8000) }))
      told.keys.push(answer.KeyMetadata?.KeyId ?? '')
      told.requests.push(answer.$metadata.requestId ?? '')
    } catch (error) {
      assert.ok(error instanceof KMSServiceException, String(error))
      return error
    }
  }
  return assert.fail('the disk is never full')
}

async function assertKept(server: Server, told: Told): Promise<void> {
  const kms = clientOf(server)
  for (const KeyId of told.keys) {
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }))
    assert.equal(KeyMetadata?.KeyState, 'Enabled')
  }
  const report = await askTrent(['audit', 'verify', '--data', server.data])
  assert.deepEqual((report as { readonly problems: unknown }).problems, [])
  const recorded = eventsOf(server.data).map((event) => event['requestID'])
  for (const id of told.requests) assert.equal(recorded.filter((each) => each === id).length, 1)
}

/** What a node is started with: on PostgreSQL, its record is all that is on the disk. */
const placeOf = async (engine: Engine): Promise<readonly string[]> =>
  engine === 'postgres' ? ['--database', await createDatabase()] : []

for (const engine of engines) {
  test(`a full disk refuses changes, loses none, and is served again when there is room (${engine})`, {
    skip: unmounted,
  }, async () => {
    const data = path.join(disk ?? '', `full-${engine}`)
    const ballast = path.join(disk ?? '', 'ballast')
    writeFileSync(ballast, Buffer.alloc(2_000_000))
    const args = await placeOf(engine)
    const server = await serveTrent(data, args)
    const told: Told = { keys: [], requests: [] }
    for (let i = 0; i < 3; i += 1) {
      const { name, $metadata } = await createUntilRefused(server, told)
      assert.deepEqual([name, $metadata.httpStatusCode], ['KMSInternalException', 500])
    }
    rmSync(ballast)
    await assertKept(server, told)
    const { KeyMetadata } = await clientOf(server).send(new CreateKeyCommand({}))
    told.keys.push(KeyMetadata?.KeyId ?? '')
    server.signal('SIGKILL')
    await server.finished
    const again = await serveTrent(data, args)
    await assertKept(again, told)
    again.signal('SIGTERM')
    assert.equal((await again.finished).code, 0)
    rmSync(data, { recursive: true })
  })

  test(`a disk that takes no writes is refused at the start in one line, and what is on it stays (${engine})`, {
    skip: unmounted,
  }, async () => {
    const data = path.join(disk ?? '', `read-only-${engine}`)
    const args = await placeOf(engine)
    const server = await serveTrent(data, args)
    const { KeyMetadata, $metadata } = await clientOf(server).send(new CreateKeyCommand({}))
    server.signal('SIGTERM')
    assert.equal((await server.finished).code, 0)
    assert.equal(spawnSync('mount', ['-o', 'remount,ro', disk ?? '']).status, 0)
    const { code, stderr } = await runTrent(['serve', '--port', '0', '--data', data, ...args])
    assert.equal(spawnSync('mount', ['-o', 'remount,rw', disk ?? '']).status, 0)
    assert.equal(code, 1)
    assert.match(stderr, /^trent: .*(read-only|EROFS|readonly).*\n$/i)
    const again = await serveTrent(data, args)
    const requests = [$metadata.requestId ?? '']
    await assertKept(again, { keys: [KeyMetadata?.KeyId ?? ''], requests })
    again.signal('SIGTERM')
    await again.finished
    rmSync(data, { recursive: true })
  })
}

test('a database with a broken page is told as one, and never answered from', async () => {
  const data = temporaryFolder()
  const server = await serveTrent(data)
  const kms = clientOf(server)
  const told: Told = { keys: [], requests: [] }
  for (let i = 0; i < 40; i += 1) {
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description: 'x'.repeat(2000) }))
    told.keys.push(KeyMetadata?.KeyId ?? '')
  }
  server.signal('SIGTERM')
  assert.equal((await server.finished).code, 0)
  const file = path.join(data, 'trent.db')
  const good = readFileSync(file)
  const page = good.readUInt16BE(16)
  const seen = { refused: 0, internal: 0, answered: 0 }
  const pages = good.length / page
  for (let at = 1; at < pages; at += Math.ceil(pages / 6)) {
    writeFileSync(file, good)
    breakPage(file, at * page, page)
    const outcome = await tryToServe(data, told)
    seen[outcome] += 1
  }
  assert.ok(seen.refused + seen.internal > 0, JSON.stringify(seen))
  writeFileSync(file, good)
  const again = await serveTrent(data)
  await assertKept(again, { ...told, requests: [] })
})

function breakPage(file: string, position: number, size: number): void {
  const opened = openSync(file, 'r+')
  writeSync(opened, randomFillSync(Buffer.alloc(size)), 0, size, position)
  closeSync(opened)
}

/** A key is answered as it is, or with an error of the service; a start is refused in one line. */
async function tryToServe(
  data: string,
  { keys }: Told,
): Promise<'refused' | 'internal' | 'answered'> {
  const server = await serveTrent(data).catch((error: unknown) => {
    assert.match(String(error), /trent ended: trent: .*\n?$/)
    return undefined
  })
  if (server === undefined) return 'refused'
  const kms = clientOf(server)
  let outcome: 'internal' | 'answered' = 'answered'
  for (const KeyId of keys) {
    try {
      const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }))
      assert.equal(KeyMetadata?.KeyState, 'Enabled')
    } catch (error) {
      assert.ok(error instanceof KMSServiceException, String(error))
      assert.equal(error.name, 'KMSInternalException', 'and never that there is no such key')
      outcome = 'internal'
    }
  }
  server.signal('SIGKILL')
  await server.finished
  return outcome
}
