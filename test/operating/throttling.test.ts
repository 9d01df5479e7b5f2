/**
 * Request quotas over HTTP: what a throttled client is told, by both protocols, and what stands in the record.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CreateKeyCommand, DescribeKeyCommand, ListKeysCommand } from '@aws-sdk/client-kms'
import { GetCallerIdentityCommand, STSClient, STSServiceException } from '@aws-sdk/client-sts'
import { startTrentProcess, temporaryFolder } from '../support/process.ts'
import { recordOfRefused } from '../support/record.ts'
import { refused, startService } from '../support/service.ts'

const rates = new Map([
  ['CreateKey', 2],
  ['sts', 1],
])
const trent = await startService({ requestQuotas: { aws: false, rates } })
const text =
  'You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.'

test('a request beyond the quota is a ThrottlingException, until the second is over', async () => {
  const kms = trent.client()
  await kms.send(new CreateKeyCommand({}))
  await kms.send(new CreateKeyCommand({}))
  await refused(kms.send(new CreateKeyCommand({})), 'ThrottlingException', text)
  await kms.send(new ListKeysCommand({}))
  await kms.send(new CreateKeyCommand({})).catch(() => undefined)
  trent.turn(500)
  await kms.send(new CreateKeyCommand({}))
  await refused(kms.send(new CreateKeyCommand({})), 'ThrottlingException', text)
})

test('another account has a quota of its own', async () => {
  const kms = trent.client({ account: await trent.createAccount() })
  await kms.send(new CreateKeyCommand({}))
  await kms.send(new CreateKeyCommand({}))
  await refused(kms.send(new CreateKeyCommand({})), 'ThrottlingException', text)
})

test('a request that makes no sense counts as well', async () => {
  const kms = trent.client({ account: await trent.createAccount() })
  const senseless = () => kms.send(new CreateKeyCommand({ Description: 'x'.repeat(9000) }))
  await assert.rejects(senseless(), { name: 'ValidationException' })
  await assert.rejects(senseless(), { name: 'ValidationException' })
  await assert.rejects(senseless(), { name: 'ThrottlingException' })
})

test('a throttled call stands in the record', async () => {
  const kms = trent.client({ account: await trent.createAccount() })
  for (let i = 0; i < 2; i += 1) await kms.send(new CreateKeyCommand({}))
  const event = await recordOfRefused(trent, kms.send(new CreateKeyCommand({})))
  assert.equal(event.errorCode, 'ThrottlingException')
  assert.equal(event.errorMessage, text)
})

test('the Query protocol says Throttling', async () => {
  const sts = new STSClient({ ...trent, region: 'us-east-1', maxAttempts: 1 })
  Object.defineProperty(sts.config, 'systemClockOffset', {
    get: () => trent.clock.monotonic(),
    set: () => {},
  })
  await sts.send(new GetCallerIdentityCommand({}))
  const error = await sts.send(new GetCallerIdentityCommand({})).catch((reason: unknown) => reason)
  assert.ok(error instanceof STSServiceException)
  assert.equal(error.name, 'Throttling')
  assert.equal(error.message, 'Rate exceeded')
  assert.equal(error.$metadata.httpStatusCode, 400)
  sts.destroy()
})

test('unless configured, nothing is throttled', async () => {
  const free = await startService()
  const kms = free.client()
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
  const describe = () => kms.send(new DescribeKeyCommand({ KeyId: KeyMetadata?.KeyId }))
  for (let i = 0; i < 10; i += 1) await kms.send(new CreateKeyCommand({}))
  await Promise.all(Array.from({ length: 50 }, describe))
})

test('a quota that makes no sense stops the start', async () => {
  const folder = temporaryFolder()
  for (const list of ['on', 'CreateKey=0', 'CreateKey', 'Nothing=5', 'aws,symmetric=-1']) {
    const args = ['serve', '--port', '0', '--data', folder, '--request-quotas', list]
    const { code, stderr } = await startTrentProcess(args).finished
    assert.equal(code, 1)
    assert.match(stderr, /is no request quota/)
  }
})
