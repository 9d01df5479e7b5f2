/**
 * The AWS CLI, every one on PATH, with the files that `trent serve` writes: the example of AWS's page on Encrypt.
 */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { blobArgument, type Cli, commands, everyCli } from '../support/aws-cli.ts'
import { serveTrent, temporaryFolder } from '../support/process.ts'

/** `This is Day 1 for the Internet`, as AWS's example encrypts it. */
const example = 'VGhpcyBpcyBEYXkgMSBmb3IgdGhlIEludGVybmV0Cg=='

const found = await everyCli()

if (found.length === 0) {
  const skip = 'THERE IS NO `aws` ON PATH: the AWS CLI was not tested'
  test('the AWS CLI runs the example of Encrypt', { skip }, () => undefined)
}

describe('The AWS CLI', { concurrency: true }, () => {
  for (const cli of found) {
    test(`${cli.version.join('.')} at ${cli.path} runs the example of Encrypt`, () =>
      runExample(cli))
  }
})

async function runExample(cli: Cli): Promise<void> {
  const folder = temporaryFolder()
  const server = await serveTrent(join(folder, 'data'))
  const run = commands(cli, server)
  const aws = (...args: readonly string[]) => run('kms', ...args)

  const { KeyMetadata: key } = await aws('create-key', '--description', 'Example key')
  const keyId = String((key as Record<string, unknown>)['KeyId'])
  const names = ['--alias-name', 'alias/ExampleAlias', '--target-key-id', keyId]
  assert.deepEqual(await aws('create-alias', ...names), {})

  const plaintext = blobArgument(cli, join(folder, 'plaintext'), example)
  const request = ['--key-id', 'alias/ExampleAlias', '--plaintext', plaintext]
  const encrypted = await aws('encrypt', ...request, '--encryption-context', 'Department=IT')
  assert.match(
    String(encrypted['KeyId']),
    new RegExp(`^arn:aws:kms:us-east-1:\\d{12}:key/${keyId}$`),
  )
  assert.equal(encrypted['EncryptionAlgorithm'], 'SYMMETRIC_DEFAULT')

  const blob = blobArgument(cli, join(folder, 'blob'), String(encrypted['CiphertextBlob']))
  const decrypt = ['decrypt', '--ciphertext-blob', blob]
  const decrypted = await aws(...decrypt, '--encryption-context', 'Department=IT')
  assert.equal(decrypted['Plaintext'], example)
  assert.equal(decrypted['KeyId'], encrypted['KeyId'])

  await assert.rejects(
    aws(...decrypt),
    /\(InvalidCiphertextException\) when calling the Decrypt operation/,
  )
  server.signal('SIGTERM')
  assert.equal((await server.finished).code, 0)
}
