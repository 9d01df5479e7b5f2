/** What is measured: for each operation its requests, and what a right answer is. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { call, callBy, createKey } from './calls.ts'
import { Connection } from './connection.ts'
import type { Client } from './sign.ts'

/** One operation under load. */
export interface Work {
  readonly operation: string
  readonly documents: readonly object[]
  /** Throws unless the answer is one that the server should have given. */
  readonly verify: (answer: Readonly<Record<string, string>>) => Promise<void>
}

const poolSize = 256
const EncryptionContext = { purpose: 'bench', tenant: '4711' }

/** Encrypt with so many bytes of plaintext, under a new key or in turns under those that are named. */
export async function encrypting(
  client: Client,
  bytes = 32,
  keys: readonly string[] = [],
): Promise<Work> {
  const arns = keys.length === 0 ? [await createKey(client)] : keys
  const plaintexts = makePlaintexts(bytes)
  return {
    operation: 'Encrypt',
    documents: plaintexts.map((Plaintext, index) => ({
      KeyId: arns[index % arns.length],
      Plaintext,
      EncryptionContext,
    })),
    verify: async ({ KeyId = '', CiphertextBlob }) => {
      assert.ok(arns.includes(KeyId))
      const document = { CiphertextBlob, EncryptionContext }
      const opened = await call<{ Plaintext: string }>(client, 'Decrypt', document)
      assert.ok(plaintexts.includes(opened.Plaintext))
    },
  }
}

/** Decrypt of ciphertexts of so many bytes of plaintext. */
export async function decrypting(client: Client, bytes = 32): Promise<Work> {
  const KeyId = await createKey(client)
  const plaintexts = makePlaintexts(bytes)
  const documents: object[] = []
  const connection = await Connection.open(client)
  for (const Plaintext of plaintexts) {
    const document = { KeyId, Plaintext, EncryptionContext }
    const encrypt = { operation: 'Encrypt', document }
    const made = await callBy<{ CiphertextBlob: string }>(connection, client, encrypt)
    documents.push({ CiphertextBlob: made.CiphertextBlob, EncryptionContext })
  }
  connection.close()
  return {
    operation: 'Decrypt',
    documents,
    verify: async (answer) => {
      await Promise.resolve()
      assert.equal(answer['KeyId'], KeyId)
      assert.ok(plaintexts.includes(answer['Plaintext'] ?? ''))
    },
  }
}

/** GenerateDataKey of 32 bytes. */
export async function generatingDataKeys(client: Client): Promise<Work> {
  const KeyId = await createKey(client)
  return {
    operation: 'GenerateDataKey',
    documents: [{ KeyId, KeySpec: 'AES_256', EncryptionContext }],
    verify: async ({ CiphertextBlob, Plaintext = '' }) => {
      const document = { CiphertextBlob, EncryptionContext }
      const opened = await call<{ Plaintext: string }>(client, 'Decrypt', document)
      assert.equal(Plaintext, opened.Plaintext)
      assert.equal(Buffer.from(Plaintext, 'base64').length, 32)
    },
  }
}

/** A change that any number of requests may make: the same document, whose answer has this member. */
export function changing(operation: string, document: object, member?: string): Work {
  return {
    operation,
    documents: [document],
    verify: async (answer) => {
      await Promise.resolve()
      if (member !== undefined)
        assert.ok(answer[member] !== undefined, `${operation} has answered nothing`)
    },
  }
}

const makePlaintexts = (bytes: number): readonly string[] =>
  Array.from({ length: poolSize }, () => randomBytes(bytes).toString('base64'))
