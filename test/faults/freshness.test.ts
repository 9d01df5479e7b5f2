/**
 * Time and change: what is erased only by a clock that can be trusted, and what holds from the moment of its answer.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  type KMSClient,
  ScheduleKeyDeletionCommand,
  UpdateAliasCommand,
} from '@aws-sdk/client-kms'
import { testClock } from '../../src/index.ts'
import { askServer } from '../../src/server/admin-socket.ts'
import { temporaryFolder } from '../support/process.ts'
import { refused, startService, startTrent } from '../support/service.ts'

const day = 86_400_000
const Plaintext = Buffer.from('plain')
const trent = await startService()

const newKey = async (kms: KMSClient): Promise<string> =>
  (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId ?? ''

const inParallel = (width: number, action: () => Promise<void>) =>
  Promise.all(Array.from({ length: width }, action))

test('a key is refused by the call after it was disabled, and served by the one after it was enabled', async () => {
  const kms = trent.client()
  await inParallel(10, async () => {
    const KeyId = await newKey(kms)
    for (let i = 0; i < 10; i += 1) {
      await kms.send(new EncryptCommand({ KeyId, Plaintext }))
      await kms.send(new DisableKeyCommand({ KeyId }))
      await refused(kms.send(new EncryptCommand({ KeyId, Plaintext })), 'DisabledException', /./)
      await kms.send(new EnableKeyCommand({ KeyId }))
    }
  })
})

test('a key that is used all the while is not used once its disabling was answered', async () => {
  const kms = trent.client()
  const KeyId = await newKey(kms)
  let disabled = false
  let late = 0
  const uses = inParallel(8, async () => {
    for (;;) {
      const before = disabled
      const served = await kms.send(new EncryptCommand({ KeyId, Plaintext })).then(
        () => true,
        () => false,
      )
      if (served && before) late += 1
      if (!served || before) return
    }
  })
  await kms.send(new DisableKeyCommand({ KeyId }))
  disabled = true
  await uses
  assert.equal(late, 0)
})

test('an alias leads to its new key from the moment that its change is answered', async () => {
  const kms = trent.client()
  await inParallel(5, async () => {
    const keys = [await newKey(kms), await newKey(kms)]
    const AliasName = `alias/fresh-${keys[0]}`
    await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: keys[0] }))
    for (let i = 1; i < 10; i += 1) {
      await kms.send(new DescribeKeyCommand({ KeyId: AliasName }))
      await kms.send(new UpdateAliasCommand({ AliasName, TargetKeyId: keys[i % 2] }))
      const { KeyId = '' } = await kms.send(new EncryptCommand({ KeyId: AliasName, Plaintext }))
      assert.ok(KeyId.endsWith(`key/${keys[i % 2]}`))
    }
  })
})

test('an access key that is deactivated while it signs is refused from the answer on', async () => {
  const account = await trent.createAccount()
  const kms = trent.client({ account })
  const set = (status: string) =>
    askServer(trent.data, 'update-access-key', {
      'access-key-id': account.credentials.accessKeyId,
      status,
    })
  for (let i = 0; i < 5; i += 1) {
    await kms.send(new CreateKeyCommand({}))
    await set('Inactive')
    await inParallel(5, () =>
      refused(
        kms.send(new CreateKeyCommand({})),
        'UnrecognizedClientException',
        'The security token included in the request is invalid.',
      ),
    )
    await set('Active')
  }
})

test('nothing is erased after the clock has jumped, until somebody confirms it', async () => {
  const server = await startService()
  const kms = server.client()
  const KeyId = await newKey(kms)
  const describe = () => kms.send(new DescribeKeyCommand({ KeyId }))
  const goneFor = () => refused(describe(), 'NotFoundException', /does not exist/)
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }))
  assert.equal(await server.runJobs(), true)
  server.turn(8 * day)
  assert.equal(await server.runJobs(), false)
  assert.equal(await server.runJobs(), false, 'it does not wear off')
  await goneFor()
  server.turn(-8 * day)
  assert.equal((await describe()).KeyMetadata?.KeyState, 'PendingDeletion')
  server.turn(8 * day)
  await askServer(server.data, 'confirm-clock', {})
  assert.equal(await server.runJobs(), true)
  server.turn(-8 * day)
  await goneFor()
})

test('nothing is erased after the clock was put back, and an hour is no jump', async () => {
  const server = await startService()
  assert.equal(await server.runJobs(), true)
  server.turn(3_600_000)
  assert.equal(await server.runJobs(), true)
  server.turn(-3_600_001)
  assert.equal(await server.runJobs(), false)
  server.turn(1)
  assert.equal(await server.runJobs(), true)
})

test('a jump while the server was down is noticed at the next start', async () => {
  const data = temporaryFolder()
  const clock = testClock()
  const first = await startTrent({ data, clock })
  assert.equal(await first.runJobs(), true)
  await first.close()
  const later = testClock(clock.now() + 2 * 3_600_000)
  await using second = await startTrent({ data, clock: later })
  assert.equal(await second.runJobs(), false)
  await second.confirmClock()
  assert.equal(await second.runJobs(), true)
})

test('jobs that failed once run again', async () => {
  const clock = testClock()
  let broken = false
  const now = () => {
    if (broken) throw new Error('no time')
    return clock.now()
  }
  await using server = await startTrent({ clock: { ...clock, now } })
  broken = true
  await assert.rejects(server.runJobs(), /no time/)
  broken = false
  assert.equal(await server.runJobs(), true)
})
