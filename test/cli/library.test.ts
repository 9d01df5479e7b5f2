/**
 * Trent as a library: `startTrent` in somebody's own tests.
 */
import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  KMSClient,
  ListKeysCommand,
} from '@aws-sdk/client-kms'
import { type Account, testClock, type Trent } from '../../src/index.ts'
import { temporaryFolder } from '../support/process.ts'
import { Wire } from '../support/wire.ts'
import { startTrent } from '../support/service.ts'

const folder = temporaryFolder()

const clientOf = ({ endpoint, region }: Trent, { credentials }: Account): KMSClient =>
  new KMSClient({ endpoint, region, credentials, maxAttempts: 1 })

async function makeKey(trent: Trent): Promise<string> {
  const kms = clientOf(trent, trent)
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
  kms.destroy()
  return KeyMetadata?.Arn ?? ''
}

test('it starts with an account that the SDK can use at once', async () => {
  await using trent = await startTrent()
  assert.match(trent.endpoint, /^http:\/\/127\.0\.0\.1:\d+$/)
  assert.equal(trent.region, 'us-east-1')
  assert.match(await makeKey(trent), new RegExp(`^arn:aws:kms:us-east-1:${trent.accountId}:key/`))
})

test('closing ends the server and removes the folder that it made', async () => {
  const trent = await startTrent()
  const kms = clientOf(trent, trent)
  await kms.send(new ListKeysCommand({}))
  assert.ok(existsSync(trent.data))
  await trent.close()
  assert.ok(!existsSync(trent.data))
  await assert.rejects(Wire.open(trent.endpoint))
  await assert.rejects(kms.send(new ListKeysCommand({})))
  kms.destroy()
})

test('it may be closed more than once, also at the same time', async () => {
  const trent = await startTrent()
  await Promise.all([trent.close(), trent.close()])
  await trent.close()
  await trent[Symbol.asyncDispose]()
})

test('a folder that it was given stays, with what is in it', async () => {
  const first = await startTrent({ data: folder })
  const KeyId = await makeKey(first)
  await first.close()
  assert.ok(readdirSync(folder).includes('root.key'))
  await using second = await startTrent({ data: folder })
  assert.notEqual(second.accountId, first.accountId, 'every start makes an account')
  const kms = new KMSClient({
    endpoint: second.endpoint,
    region: 'us-east-1',
    credentials: first.credentials,
  })
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }))
  assert.equal(KeyMetadata?.KeyState, 'Enabled')
  kms.destroy()
})

test('several run at once and know nothing of each other', async () => {
  const servers = await Promise.all(Array.from({ length: 4 }, () => startTrent()))
  const keys = await Promise.all(servers.map(makeKey))
  assert.equal(new Set(servers.map(({ data }) => data)).size, 4)
  assert.equal(new Set(keys).size, 4)
  for (const [i, trent] of servers.entries()) {
    const kms = clientOf(trent, trent)
    const { Keys } = await kms.send(new ListKeysCommand({}))
    assert.deepEqual(
      Keys?.map(({ KeyArn }) => KeyArn),
      [keys[i]],
    )
    const stranger = clientOf(trent, servers[(i + 1) % 4] ?? trent)
    await assert.rejects(stranger.send(new ListKeysCommand({})), {
      name: 'UnrecognizedClientException',
    })
    kms.destroy()
    stranger.destroy()
  }
  await Promise.all(servers.map((trent) => trent.close()))
})

test('further accounts are strangers to each other', async () => {
  await using trent = await startTrent()
  const other = await trent.createAccount('other')
  assert.notEqual(other.accountId, trent.accountId)
  const KeyId = await makeKey(trent)
  const kms = clientOf(trent, other)
  await assert.rejects(kms.send(new DescribeKeyCommand({ KeyId })), {
    name: 'AccessDeniedException',
  })
  kms.destroy()
})

test('it is of the first of the regions that it was given', async () => {
  await using trent = await startTrent({ regions: ['eu-central-1', 'cn-north-1'] })
  assert.equal(trent.region, 'eu-central-1')
  assert.match(await makeKey(trent), /^arn:aws:kms:eu-central-1:/)
})

test('it listens on the port that it was given, and refuses one that is taken', async () => {
  await using trent = await startTrent()
  const port = Number(new URL(trent.endpoint).port)
  const empty = temporaryFolder()
  const { TMPDIR } = process.env
  process.env['TMPDIR'] = empty
  await assert.rejects(startTrent({ port }), {
    message: `port ${port} on 127.0.0.1 is taken; choose another with --port`,
  })
  if (TMPDIR === undefined) delete process.env['TMPDIR']
  else process.env['TMPDIR'] = TMPDIR
  assert.deepEqual(readdirSync(empty), [], 'a start that failed leaves no folder')
})

test('its limits can be made small', async () => {
  await using trent = await startTrent({ limits: { keys: 1 } })
  await makeKey(trent)
  await assert.rejects(makeKey(trent), { name: 'LimitExceededException' })
})

test('its clock is the one that it was given', async () => {
  const clock = testClock(Date.UTC(2030, 0, 1))
  await using trent = await startTrent({ clock })
  const kms = new KMSClient({
    endpoint: trent.endpoint,
    region: trent.region,
    credentials: trent.credentials,
    systemClockOffset: clock.now() - Date.now(),
  })
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
  assert.equal(KeyMetadata?.CreationDate?.toISOString(), '2030-01-01T00:00:00.000Z')
  kms.destroy()
})

test('what it encrypted before it was closed it decrypts afterwards', async () => {
  const data = join(folder, 'again')
  const first = await startTrent({ data })
  const kms = clientOf(first, first)
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
  const Plaintext = Buffer.from('over the end')
  const { CiphertextBlob } = await kms.send(
    new EncryptCommand({ KeyId: KeyMetadata?.KeyId, Plaintext }),
  )
  kms.destroy()
  await first.close()
  await using second = await startTrent({ data })
  const again = clientOf(second, first)
  const decrypted = await again.send(new DecryptCommand({ CiphertextBlob }))
  assert.deepEqual(Buffer.from(decrypted.Plaintext ?? []), Plaintext)
  again.destroy()
})

test('a client corrects its clock by the time of a server whose clock was turned', async () => {
  const clock = testClock()
  await using trent = await startTrent({ clock })
  clock.turn(90 * 86_400_000)
  const { endpoint, region, credentials } = trent
  const kms = new KMSClient({ endpoint, region, credentials })
  const { Keys } = await kms.send(new ListKeysCommand({}))
  assert.deepEqual(Keys, [])
  kms.destroy()
})
