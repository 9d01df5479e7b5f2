/**
 * Readiness, with each of the things that it depends on out of order.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AuditLog } from '../audit/log.ts'
import { testClock } from '../clock.ts'
import type { Database } from '../database/database.ts'
import { RootKeyLacking } from '../database/unavailable.ts'
import { type Examined, reasonsNotReady } from './health.ts'

const clock = testClock()
const audit = { requireWritable: () => undefined } as unknown as AuditLog
const database = {
  refresh: () => undefined,
  read: { first: async () => undefined },
} as unknown as Database
const well: Examined = { audit, clock, database, draining: { begun: false } }

test('a server with everything in order has no reason not to be ready', async () => {
  assert.deepEqual(await reasonsNotReady(well), [])
})

test('a server that drains is not ready', async () => {
  assert.deepEqual(await reasonsNotReady({ ...well, draining: { begun: true } }), [
    'the server drains',
  ])
})

test('a record that cannot be written is told, without why', async () => {
  const broken = {
    requireWritable: () => {
      throw new Error('no space left on /secret/place')
    },
  } as unknown as AuditLog
  assert.deepEqual(await reasonsNotReady({ ...well, audit: broken }), [
    'the record cannot be written',
  ])
})

const unanswered = ['the database does not answer']

test('a database that fails is told, whether it reads or looks for changes', async () => {
  const failing = async () => {
    throw new Error('postgres://user:secret@host refused')
  }
  const unread = { ...database, read: { first: failing } } as unknown as Database
  assert.deepEqual(await reasonsNotReady({ ...well, database: unread }), unanswered)
  const stale = { ...database, refresh: failing } as unknown as Database
  assert.deepEqual(await reasonsNotReady({ ...well, database: stale }), unanswered)
})

test('a node without the root key that is in use is told so, and not that the database is away', async () => {
  const refresh = async () => {
    throw new RootKeyLacking('`/secret/place` is not the new one')
  }
  const lacking = { ...database, refresh } as unknown as Database
  assert.deepEqual(await reasonsNotReady({ ...well, database: lacking }), [
    'the root key was changed, and this node does not hold the new one',
  ])
})

test('a database that never answers is given up after two seconds', async () => {
  const silent = new Promise<undefined>(() => undefined)
  const hanging = { ...database, read: { first: () => silent } } as unknown as Database
  const reasons = reasonsNotReady({ ...well, database: hanging })
  clock.turn(2000)
  assert.deepEqual(await reasons, unanswered)
})
