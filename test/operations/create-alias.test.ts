import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  CreateAliasCommand,
  DecryptCommand,
  EncryptCommand,
  type KMSClient,
  ListAliasesCommand,
} from '@aws-sdk/client-kms'
import { testAliasName } from '../support/alias-name.ts'
import {
  testAwsManagedKey,
  testForeignKeys,
  testKeyIdForms,
  testKeyIdShape,
} from '../support/key-id.ts'
import {
  arnOf,
  assertEmpty,
  describe,
  makeAlias,
  makeDisabledKey,
  makeKey,
  makePendingKey,
  type MadeKey,
} from '../support/made-keys.ts'
import { recordOf, recordOfRefused, resource } from '../support/record.ts'
import { violated } from '../support/sentences.ts'
import { refused, startService } from '../support/service.ts'

const trent = await startService()
const kms = trent.client()
const create = (AliasName: string | undefined, TargetKeyId: string | undefined, client = kms) =>
  client.send(new CreateAliasCommand({ AliasName, TargetKeyId }))
const send = (client: KMSClient, keyId: string | undefined) => create('alias/Never', keyId, client)
const member = { trent, operation: 'CreateAlias', member: 'targetKeyId', send }
const aliasArn = (name: string) => arnOf(trent.accountId, name)
const aliasesOf = async ({ KeyId }: MadeKey) =>
  (await kms.send(new ListAliasesCommand({ KeyId }))).Aliases ?? []

testAliasName({ trent, operation: 'CreateAlias', send: (name) => create(name, 'foo') })
testKeyIdShape(member)

test('CreateAlias: two missing members are two validation errors', () =>
  refused(
    create(undefined, undefined),
    'ValidationException',
    violated("null at 'aliasName': not be null", "null at 'targetKeyId': not be null"),
  ))

test('CreateAlias: an alias refers to a key, not to an alias, whether or not that exists', async () => {
  await makeAlias(kms, 'alias/Target', await makeKey(kms))
  for (const name of ['alias/Target', 'alias/absent']) {
    for (const target of [name, aliasArn(name)]) {
      await refused(
        create('alias/Second', target),
        'ValidationException',
        'Aliases must refer to keys. Not aliases',
      )
    }
  }
})

testKeyIdForms(member)
testForeignKeys(member)
testAwsManagedKey(member)

test('CreateAlias: a key pending deletion is KMSInvalidStateException', async () => {
  const key = await makePendingKey(kms)
  await refused(
    create('alias/Pending', key.KeyId),
    'KMSInvalidStateException',
    `${key.Arn} is pending deletion.`,
  )
  assert.deepEqual(await aliasesOf(key), [])
})

test('CreateAlias: a disabled key can have an alias', async () => {
  const key = await makeDisabledKey(kms)
  assertEmpty(await create('alias/Disabled', key.KeyId))
  assert.equal((await describe(kms, 'alias/Disabled')).KeyId, key.KeyId)
})

test('CreateAlias: the alias is listed with its ARN, its key and the time of both dates', async () => {
  const key = await makeKey(kms)
  trent.turn(1500)
  const now = new Date(trent.clock.now())
  assertEmpty(await create('alias/Listed', key.KeyId))
  assert.deepEqual(await aliasesOf(key), [
    {
      AliasName: 'alias/Listed',
      AliasArn: aliasArn('alias/Listed'),
      TargetKeyId: key.KeyId,
      CreationDate: now,
      LastUpdatedDate: now,
    },
  ])
})

test('CreateAlias: the key may be named by its ARN, and is used by the alias at once', async () => {
  const key = await makeKey(kms)
  assertEmpty(await create('alias/ByArn', key.Arn))
  const plain = new Uint8Array(Buffer.from('plain'))
  const { CiphertextBlob, KeyId } = await kms.send(
    new EncryptCommand({ KeyId: aliasArn('alias/ByArn'), Plaintext: plain }),
  )
  assert.equal(KeyId, key.Arn)
  const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob, KeyId: 'alias/ByArn' }))
  assert.deepEqual(Plaintext, plain)
})

test('CreateAlias: a name that is taken is AlreadyExistsException, also by the same key', async () => {
  const [key, other] = [await makeKey(kms), await makeKey(kms)]
  await create('alias/Taken', key.KeyId)
  for (const target of [key.KeyId, other.KeyId]) {
    await refused(
      create('alias/Taken', target),
      'AlreadyExistsException',
      `An alias with the name ${aliasArn('alias/Taken')} already exists`,
    )
  }
  assert.equal((await describe(kms, 'alias/Taken')).KeyId, key.KeyId)
})

test('CreateAlias: of several at once for one name, one succeeds', async () => {
  const key = await makeKey(kms)
  const calls = Array.from({ length: 8 }, () => create('alias/Race', key.KeyId))
  const results = await Promise.allSettled(calls)
  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
  assert.equal((await aliasesOf(key)).length, 1)
})

test('CreateAlias: names that differ in case are two', async () => {
  const [lower, upper] = [await makeKey(kms), await makeKey(kms)]
  await create('alias/case', lower.KeyId)
  await create('alias/CASE', upper.KeyId)
  assert.equal((await describe(kms, 'alias/case')).KeyId, lower.KeyId)
  assert.equal((await describe(kms, 'alias/CASE')).KeyId, upper.KeyId)
})

test('CreateAlias: a name may have 256 characters, of every kind', async () => {
  const key = await makeKey(kms)
  const names = [`alias/${'a'.repeat(250)}`, 'alias/a/b_c-D9', 'alias/alias/', 'alias/awsome']
  for (const name of names) {
    assertEmpty(await create(name, key.KeyId))
    assert.equal((await describe(kms, name)).KeyId, key.KeyId)
  }
})

test('CreateAlias: the same name is another alias in another region and in another account', async () => {
  const clients = [
    kms,
    trent.client({ region: 'eu-west-1' }),
    trent.client({ account: await trent.createAccount() }),
  ]
  for (const client of clients) {
    const key = await makeKey(client)
    assertEmpty(await create('alias/Everywhere', key.KeyId, client))
    assert.equal((await describe(client, 'alias/Everywhere')).Arn, key.Arn)
  }
})

test('CreateAlias: the 51st alias of a key is beyond the quota', async () => {
  const [key, other] = [await makeKey(kms), await makeKey(kms)]
  const names = Array.from({ length: 50 }, (_, index) => `alias/Quota-${index}`)
  await Promise.all(names.map((name) => create(name, key.KeyId)))
  await refused(
    create('alias/Quota-50', key.Arn),
    'LimitExceededException',
    'Aliases per key quota for this account in this region is 50, current usage is 50.',
  )
  assertEmpty(await create('alias/Quota-50', other.KeyId))
})

test('CreateAlias: the quota is a setting, and holds for calls at once', async () => {
  const small = await startService({ limits: { aliasesPerKey: 2 } })
  const client = small.client()
  const { KeyId } = await makeKey(client)
  const calls = ['one', 'two', 'three', 'four'].map((name) =>
    create(`alias/${name}`, KeyId, client),
  )
  const results = await Promise.allSettled(calls)
  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 2)
  await refused(
    create('alias/five', KeyId, client),
    'LimitExceededException',
    'Aliases per key quota for this account in this region is 2, current usage is 2.',
  )
})

test('CreateAlias: the event has the alias and its key', async () => {
  const key = await makeKey(kms)
  const event = recordOf(trent, await create('alias/Recorded', key.KeyId))
  assert.equal(event.eventName, 'CreateAlias')
  assert.equal(event.readOnly, false)
  assert.deepEqual(event.requestParameters, {
    aliasName: 'alias/Recorded',
    targetKeyId: key.KeyId,
  })
  assert.deepEqual(event.responseElements, { keyId: key.Arn })
  assert.deepEqual(event.resources, [resource(aliasArn('alias/Recorded')), resource(key.Arn)])
})

test('CreateAlias: the event of a refusal has its code and text', async () => {
  const key = await makeKey(kms)
  await create('alias/Again', key.KeyId)
  const event = await recordOfRefused(trent, create('alias/Again', key.KeyId))
  assert.equal(event.errorCode, 'AlreadyExistsException')
  assert.equal(
    event.errorMessage,
    `An alias with the name ${aliasArn('alias/Again')} already exists`,
  )
  assert.equal(event.responseElements, null)
})
