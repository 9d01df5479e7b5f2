import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CreateKeyCommand, DecryptCommand, EncryptCommand } from '@aws-sdk/client-kms'
import { refused, startService } from '../support/service.ts'

const trent = await startService()
const kms = trent.client()
const { KeyMetadata: key } = await kms.send(new CreateKeyCommand({}))
const Plaintext = Buffer.from('plain')

test('Encrypt: a plaintext of no bytes is a ValidationException that does not show it', async () => {
  await refused(
    kms.send(new EncryptCommand({ KeyId: key?.KeyId, Plaintext: new Uint8Array() })),
    'ValidationException',
    "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length greater than or equal to 1",
  )
})

test('Encrypt: what comes out decrypts, without a KeyId, to what went in', async () => {
  const encrypted = await kms.send(new EncryptCommand({ KeyId: key?.Arn, Plaintext }))
  assert.equal(encrypted.KeyId, key?.Arn)
  assert.equal(encrypted.EncryptionAlgorithm, 'SYMMETRIC_DEFAULT')
  const decrypted = await kms.send(new DecryptCommand({ CiphertextBlob: encrypted.CiphertextBlob }))
  assert.deepEqual(decrypted.Plaintext, new Uint8Array(Plaintext))
  assert.equal(decrypted.KeyMaterialId, key?.CurrentKeyMaterialId)
})
