/** What is measured: for each operation its requests, and what a right answer is. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { Client } from './sign.ts'
import { call } from './servers.ts'

/** One operation under load. */
export interface Measured {
  readonly operation: string
  readonly documents: readonly object[]
  /** Throws unless the answer is one that Trent should have given. */
  readonly verify: (answer: Readonly<Record<string, string>>) => Promise<void>
}

const poolSize = 256
const EncryptionContext = { purpose: 'bench', tenant: '4711' }

/** Makes a key, and the requests of each operation: 32 bytes of plaintext, a small encryption context. */
export async function prepare(client: Client): Promise<readonly Measured[]> {
  const created = await call<{ KeyMetadata: { Arn: string } }>(client, 'CreateKey', {})
  const KeyId = created.KeyMetadata.Arn
  const plaintexts = Array.from({ length: poolSize }, () => randomBytes(32).toString('base64'))
  const encrypts = plaintexts.map((Plaintext) => ({ KeyId, Plaintext, EncryptionContext }))
  const decrypts: object[] = []
  for (const document of encrypts) {
    const { CiphertextBlob } = await call<Encrypted>(client, 'Encrypt', document)
    decrypts.push({ CiphertextBlob, EncryptionContext })
  }
  const decrypt = (CiphertextBlob: string | undefined) =>
    call<Decrypted>(client, 'Decrypt', { CiphertextBlob, EncryptionContext })
  return [
    {
      operation: 'Encrypt',
      documents: encrypts,
      verify: async (answer) => {
        assert.equal(answer['KeyId'], KeyId)
        assert.ok(plaintexts.includes((await decrypt(answer['CiphertextBlob'])).Plaintext))
      },
    },
    {
      operation: 'Decrypt',
      documents: decrypts,
      verify: async (answer) => {
        await Promise.resolve()
        assert.equal(answer['KeyId'], KeyId)
        assert.ok(plaintexts.includes(answer['Plaintext'] ?? ''))
      },
    },
    {
      operation: 'GenerateDataKey',
      documents: [{ KeyId, KeySpec: 'AES_256', EncryptionContext }],
      verify: async (answer) => {
        const { Plaintext } = await decrypt(answer['CiphertextBlob'])
        assert.equal(answer['Plaintext'], Plaintext)
        assert.equal(Buffer.from(Plaintext, 'base64').length, 32)
      },
    },
  ]
}

interface Encrypted {
  readonly CiphertextBlob: string
}

interface Decrypted {
  readonly Plaintext: string
}
