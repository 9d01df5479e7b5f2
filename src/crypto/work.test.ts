import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import {
  generateKeyPair,
  generateMaterial,
  privateKeyFromMaterial,
  publicKeyOf,
} from './key-material.ts'
import { WorkClosed, WorkPool, WorkQueueFull } from './work.ts'
import { WorkThreads } from './work-threads.ts'
import { lanes } from './works.ts'

const signed = { algorithm: 'ECDSA_SHA_384', message: Buffer.alloc(48, 1) }
const raw = { ...signed, messageType: 'RAW' } as const
const digest = { ...signed, messageType: 'DIGEST' } as const
const p384 = privateKeyFromMaterial('ECC_NIST_P384', generateMaterial('ECC_NIST_P384'))
const signRaw = (pool: WorkPool) => pool.run('sign', 'ECC_NIST_P384', p384, raw)

test('threads sign with keys that never leave as bytes, by OpenSSL and without', async () => {
  await using pool = new WorkPool()
  for (const input of [raw, digest]) {
    const signature = await pool.run('sign', 'ECC_NIST_P384', p384, input)
    assert.ok(Buffer.isBuffer(signature))
    const verifying = { ...input, signature }
    assert.ok(await pool.run('verify', 'ECC_NIST_P384', publicKeyOf(p384), verifying))
    const other = { ...verifying, message: Buffer.alloc(48, 2) }
    assert.equal(await pool.run('verify', 'ECC_NIST_P384', publicKeyOf(p384), other), false)
  }
  assert.deepEqual(raw.message, Buffer.alloc(48, 1), 'what was given stays with its owner')
})

test('threads answer objects, booleans and nothing at all', async () => {
  await using pool = new WorkPool()
  const pair = await pool.run('generateKeyPair', 'RSA_2048')
  assert.deepEqual([pair.privateKey.length > 1200, pair.publicKey.length], [true, 294])
  assert.equal(await pool.run('checkImportedMaterial', 'RSA_2048', pair.privateKey), true)
  const key = privateKeyFromMaterial('RSA_2048', pair.privateKey)
  const nothing = await pool.run('rsaDecrypt', key, 'RSAES_OAEP_SHA_1', Buffer.alloc(256))
  assert.equal(nothing, undefined)
  const ciphertext = await pool.run('rsaEncrypt', publicKeyOf(key), 'RSAES_OAEP_SHA_1', raw.message)
  const plaintext = await pool.run('rsaDecrypt', key, 'RSAES_OAEP_SHA_1', ciphertext)
  assert.deepEqual(plaintext, raw.message)
})

test('bytes are read when the call is made: the caller may zero them while it waits', async () => {
  await using pool = new WorkPool({ threads: 1 })
  const before = signRaw(pool)
  const { privateKey } = generateKeyPair('ECC_NIST_P384')
  const checked = pool.run('checkImportedMaterial', 'ECC_NIST_P384', privateKey)
  privateKey.fill(0)
  await before
  assert.equal(await checked, true)
})

test('a mistake in a call rejects that call, here and in a thread, and the next one is served', async () => {
  await using pool = new WorkPool({ threads: 1 })
  const input = {
    algorithm: 'ECDSA_SHA_384',
    message: Buffer.alloc(1),
    messageType: 'RAW',
  } as const
  const rsa = generateKeyPair('ECC_NIST_EDWARDS25519').privateKey
  const wrong = privateKeyFromMaterial('ECC_NIST_EDWARDS25519', rsa)
  await assert.rejects(pool.run('sign', 'ECC_NIST_P384', wrong, input))
  await assert.rejects(pool.run('sign', 'ECC_NIST_P256', wrong, input))
  await assert.rejects(pool.run('generateMaterial', 'SM2'), /no key spec SM2/)
  assert.ok((await signRaw(pool)).length > 90)
})

test('when too many calls wait, one more is refused, and those that wait are answered', async () => {
  await using pool = new WorkPool({ threads: 1, waiting: 3 })
  const calls = Array.from({ length: 4 }, () => signRaw(pool))
  await assert.rejects(signRaw(pool), WorkQueueFull)
  assert.equal((await Promise.all(calls)).length, 4)
  assert.ok((await signRaw(pool)).length > 90)
})

test('signing does not wait for RSA keys that are being made', async () => {
  await using pool = new WorkPool({ threads: 1 })
  let made = 0
  const generations = Array.from({ length: 4 }, async () => {
    await pool.run('generateMaterial', 'RSA_3072')
    made += 1
  })
  await Promise.all(Array.from({ length: 5 }, () => signRaw(pool)))
  assert.ok(made < 4, `${made} keys were made first`)
  await Promise.all(generations)
})

test('a closed pool rejects what waited, what ran and what is asked for later', async () => {
  const pool = new WorkPool({ threads: 1 })
  const calls = Array.from({ length: 3 }, () => signRaw(pool))
  const outcomes = Promise.allSettled(calls)
  await pool.close()
  for (const outcome of await outcomes) {
    assert.ok(outcome.status === 'rejected' && outcome.reason instanceof WorkClosed)
  }
  await assert.rejects(signRaw(pool), WorkClosed)
  await pool.close()
})

test('a thread that dies takes its one call with it, and no other', async () => {
  const dying = `require('node:worker_threads').parentPort.on('message', ({ name }) => {
    if (name === 'sign') process.exit(1)
    require('node:worker_threads').parentPort.postMessage({ result: name })
  })`
  const folder = mkdtempSync(path.join(tmpdir(), 'trent-work-'))
  try {
    writeFileSync(path.join(folder, 'dying.cjs'), dying)
    const file = pathToFileURL(path.join(folder, 'dying.cjs'))
    const threads = new WorkThreads({ threads: 1, waiting: 10, file })
    const calls = (['agree', 'sign', 'sign', 'verify'] as const).map((name) =>
      threads.run(name, []),
    )
    const outcomes = await Promise.allSettled(calls)
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : 'died')),
      ['agree', 'died', 'died', 'verify'],
    )
    assert.equal(await threads.run('agree', []), 'agree')
    await threads.close()
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('what is fast runs at once, what is slow in a thread, RSA keys are made apart', () => {
  const verifying = { ...raw, signature: Buffer.alloc(0) }
  const p256 = { algorithm: 'ECDSA_SHA_256', message: Buffer.alloc(32) }
  const rsa = { algorithm: 'RSASSA_PSS_SHA_256', message: Buffer.alloc(32) }
  assert.deepEqual(
    [
      lanes.sign('ECC_NIST_P256', p384, { ...p256, messageType: 'RAW' }),
      lanes.sign('ECC_NIST_P256', p384, { ...p256, messageType: 'DIGEST' }),
      lanes.sign('ECC_NIST_P384', p384, raw),
      lanes.verify('ECC_NIST_P384', p384, verifying),
      lanes.verify('RSA_4096', p384, { ...verifying, ...rsa, messageType: 'DIGEST' }),
      lanes.sign('RSA_2048', p384, { ...rsa, messageType: 'DIGEST' }),
      lanes.generateMaterial('RSA_2048'),
      lanes.generateKeyPair('ECC_NIST_P521'),
      lanes.generateMaterial('ML_KEM_768'),
      lanes.agree('ECC_NIST_P256', p384, raw.message),
    ],
    'here threads threads threads here threads generation threads here here'.split(' '),
  )
})
