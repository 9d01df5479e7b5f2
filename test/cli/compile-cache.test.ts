/** What a server keeps of its compiled sources: in its data folder, and only where nobody else can write. */
import assert from 'node:assert/strict'
import { chmodSync, existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { serveTrent, temporaryFolder } from '../support/process.ts'

async function serveOnce(data: string): Promise<void> {
  const server = await serveTrent(data)
  server.signal('SIGTERM')
  assert.equal((await server.finished).code, 0)
}

/** The files of a folder and of those in it. */
const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())

test('a server makes room for compiled code, the next one fills it, and one after that starts from it', async () => {
  const data = temporaryFolder()
  const cache = join(data, 'cache')
  assert.ok(!existsSync(cache))
  await serveOnce(data)
  assert.equal(statSync(cache).mode & 0o777, 0o700)
  assert.deepEqual(filesIn(cache), [])
  await serveOnce(data)
  const kept = filesIn(cache).length
  assert.ok(kept > 100, `only ${kept} files`)
  await serveOnce(data)
  assert.equal(filesIn(cache).length, kept)
})

test('compiled code is not taken from where others can write, nor put there', async () => {
  const data = temporaryFolder()
  const cache = join(data, 'cache')
  await serveOnce(data)
  chmodSync(cache, 0o777)
  await serveOnce(data)
  assert.deepEqual(filesIn(cache), [])
})
