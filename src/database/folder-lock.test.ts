import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { joinFolder, lockFolder, lockForWorkers } from './folder-lock.ts'

const taken = /^Error: another trent serves/
const late = /by now$/

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'trent-lock-'))
  after(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

test('a folder is one process alone, or one primary', () => {
  const folder = newFolder()
  for (const take of [lockFolder, (at: string) => lockForWorkers(at).unlock]) {
    const unlock = take(folder)
    assert.throws(() => lockFolder(folder), taken)
    assert.throws(() => lockForWorkers(folder), taken)
    unlock()
  }
  lockFolder(folder)()
})

test('any number of workers join the run of their primary', () => {
  const folder = newFolder()
  const { run, unlock } = lockForWorkers(folder)
  const leaves = [1, 2, 3].map(() => joinFolder(folder, run))
  for (const leave of leaves) leave()
  unlock()
})

test('nobody takes a folder while a worker of a primary that is gone is still there', () => {
  const folder = newFolder()
  const { run, unlock } = lockForWorkers(folder)
  const leave = joinFolder(folder, run)
  unlock()
  assert.throws(() => lockFolder(folder), /a worker still serves .* its primary has ended/)
  leave()
  lockFolder(folder)()
})

test('a worker that comes late joins no other run', () => {
  const folder = newFolder()
  const first = lockForWorkers(folder)
  first.unlock()
  const second = lockForWorkers(folder)
  assert.notEqual(first.run, second.run)
  assert.throws(() => joinFolder(folder, first.run), late)
  joinFolder(folder, second.run)()
  second.unlock()
})

test('a worker does not join a folder that one process has alone', () => {
  const folder = newFolder()
  const { run, unlock } = lockForWorkers(folder)
  unlock()
  const alone = lockFolder(folder)
  assert.throws(() => joinFolder(folder, run), /locked/)
  alone()
})
