/**
 * A change of the root key: everything opens before, during and after it, and wherever it is cut off.
 */
import assert from 'node:assert/strict'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  CreateGrantCommand,
  CreateKeyCommand,
  DecryptCommand,
  GetParametersForImportCommand,
  ImportKeyMaterialCommand,
  KMSClient,
  ListKeysCommand,
} from '@aws-sdk/client-kms'
import { GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts'
import { constants, createPublicKey, publicEncrypt, randomBytes } from 'node:crypto'
import { testClock } from '../../src/clock.ts'
import { databaseOf, sqliteOnly, usualEngine } from '../support/engines.ts'
import { eventsOf } from '../support/folder.ts'
import {
  askTrent,
  clientOf,
  credentialsOf,
  pause,
  ready,
  runTrent,
  type Server,
  serveTrent,
  startTrentProcess,
  temporaryFolder,
} from '../support/process.ts'
import {
  ask,
  assertDecrypts,
  following,
  newBlobs,
  serveOn,
  type Status,
  until,
} from '../support/root-keys.ts'
import { startTrent } from '../support/service.ts'
import { askStored } from '../support/stored.ts'

/** Why a test is left out on a shared database. */
const otherwiseShared =
  usualEngine === 'sqlite' ? false : 'on a shared database the next root key is prepared first'

/** Under which root key the sealed rows of a folder are, by what they say. */
async function sealedUnder(data: string): Promise<Record<string, number>> {
  const counts = new Map<string, number>()
  for (const place of ['key_materials sealed', 'access_keys secret', 'import_parameters sealed']) {
    const [table, column] = place.split(' ')
    for (const row of await askStored(data, `SELECT ${column} AS sealed FROM ${table}`)) {
      const id = Buffer.from(row['sealed'] as Uint8Array).toString('hex', 1, 9)
      counts.set(id, (counts.get(id) ?? 0) + 1)
    }
  }
  return Object.fromEntries(counts)
}

test('everything is sealed anew under the next root key, and works before, during and after', {
  skip: otherwiseShared,
}, async () => {
  const server = await serveTrent(temporaryFolder())
  const kms = clientOf(server)
  const blobs = await newBlobs(kms, 30)
  const external = await kms.send(new CreateKeyCommand({ Origin: 'EXTERNAL' }))
  const KeyId = external.KeyMetadata?.KeyId
  const parameters = await kms.send(
    new GetParametersForImportCommand({
      KeyId,
      WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
      WrappingKeySpec: 'RSA_2048',
    }),
  )
  const publicKey = await askPublicKey(server)
  const fileBefore = readFileSync(join(server.data, 'root.key'), 'utf8')
  const before = await ask(server, 'status')
  assert.equal(before.Stage, 'none')
  const rotated = await ask(server, 'rotate')
  assert.notEqual(rotated.RootKeyId, before.RootKeyId)
  assert.equal(rotated.PreviousRootKeyId, before.RootKeyId)
  await assertDecrypts(kms, blobs)
  await until(server, 'rewrapped')
  assert.deepEqual(await sealedUnder(server.data), { [rotated.RootKeyId]: 30 + 1 + 1 })
  assert.notEqual(readFileSync(join(server.data, 'root.key'), 'utf8'), fileBefore)
  const material = publicEncrypt(
    {
      key: createPublicKey({
        key: Buffer.from(parameters.PublicKey ?? []),
        format: 'der',
        type: 'spki',
      }),
      padding: constants.RSA_PKCS1_OAEP_PADDING,
      oaepHash: 'sha256',
    },
    randomBytes(32),
  )
  await kms.send(
    new ImportKeyMaterialCommand({
      KeyId,
      ImportToken: parameters.ImportToken,
      EncryptedKeyMaterial: material,
      ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
    }),
  )
  server.signal('SIGTERM')
  await server.finished
  const again = await serveTrent(server.data)
  await assertDecrypts(clientOf(again), blobs)
  assert.equal(await askPublicKey(again), publicKey, 'the record keeps its signing key')
  const report = await askTrent(['audit', 'verify', '--data', server.data])
  assert.deepEqual((report as { readonly problems: unknown }).problems, [])
  const [event] = eventsOf(server.data).filter(({ eventName }) => eventName === 'RootKeyRotated')
  assert.deepEqual(event?.['serviceEventDetails'], {
    previousRootKeyId: before.RootKeyId,
    rootKeyId: rotated.RootKeyId,
  })
  writeFileSync(join(server.data, 'root.key'), fileBefore)
  again.signal('SIGTERM')
  await again.finished
  const old = await runTrent(['serve', '--port', '0', '--data', server.data])
  assert.equal(old.code, 1)
  assert.match(old.stderr, /is not the root key that the database is sealed under/)
})

async function askPublicKey(server: Server): Promise<string> {
  const { stdout } = await runTrent(['audit', 'public-key', '--data', server.data])
  assert.match(stdout, /BEGIN PUBLIC KEY/)
  return stdout
}

test('sessions, grant tokens and markers outlive a change, and end when the root key before is retired', {
  skip: otherwiseShared,
}, async () => {
  const clock = testClock()
  const data = temporaryFolder()
  const serving = await serveOn(clock, { data, database: await databaseOf(data) })
  const shape = { endpoint: serving.url, region: 'us-east-1', maxAttempts: 1 }
  const standing = <Client extends { readonly config: object }>(client: Client): Client =>
    following(clock, client)
  const root = credentialsOf(data)
  const kms = standing(new KMSClient({ ...shape, credentials: root }))
  const sts = standing(new STSClient({ ...shape, credentials: root }))
  const blobs = await newBlobs(kms, 3)
  const { Credentials } = await sts.send(new GetSessionTokenCommand({}))
  const session = standing(
    new KMSClient({
      ...shape,
      credentials: {
        accessKeyId: Credentials?.AccessKeyId ?? '',
        secretAccessKey: Credentials?.SecretAccessKey ?? '',
        sessionToken: Credentials?.SessionToken ?? '',
      },
    }),
  )
  const { Keys = [], NextMarker } = await kms.send(new ListKeysCommand({ Limit: 1 }))
  const { GrantToken = '' } = await kms.send(
    new CreateGrantCommand({
      KeyId: Keys[0]?.KeyId,
      GranteePrincipal: `arn:aws:iam::${Keys[0]?.KeyArn?.split(':')[4]}:root`,
      Operations: ['Decrypt'],
    }),
  )
  const use = async () => {
    await assertDecrypts(session, blobs)
    await kms.send(new ListKeysCommand({ Limit: 1, Marker: NextMarker }))
    await kms.send(new DecryptCommand({ CiphertextBlob: blobs[0], GrantTokens: [GrantToken] }))
  }
  const { rotation } = serving.service
  await use()
  await rotation.rotate()
  await use()
  await rotation.goOn(false)
  await use()
  await assert.rejects(rotation.rotate(), /kept for tokens that were made under it/)
  await assert.rejects(rotation.retire(), /within the last minute; try again in 60 seconds/)
  clock.turn(60_000)
  await rotation.goOn(true)
  await use()
  await rotation.retire()
  await assert.rejects(session.send(new ListKeysCommand({})), {
    name: 'UnrecognizedClientException',
  })
  await assert.rejects(kms.send(new ListKeysCommand({ Limit: 1, Marker: NextMarker })), {
    name: 'InvalidMarkerException',
  })
  await assert.rejects(
    kms.send(new DecryptCommand({ CiphertextBlob: blobs[0], GrantTokens: [GrantToken] })),
    { name: 'InvalidGrantTokenException' },
  )
  await assertDecrypts(kms, blobs)
  assert.equal((await rotation.status()).stage, 'none')
  await rotation.rotate()
  await rotation.goOn(true)
  clock.turn(36 * 3_600_000)
  await rotation.goOn(true)
  assert.equal((await rotation.status()).previousRootKeyId, undefined, 'its time is over')
  await assertDecrypts(kms, blobs)
  for (const client of [kms, session, sts]) client.destroy()
  await serving.close()
})

test('a row that does not open keeps the root key before, and is left as it is', {
  skip: otherwiseShared,
}, async () => {
  const data = temporaryFolder()
  const trent = await startTrent({ data })
  await trent.close()
  const bytes = '01'.repeat(100)
  const broken = usualEngine === 'sqlite' ? `x'${bytes}'` : `decode('${bytes}', 'hex')`
  await askStored(data, `UPDATE access_keys SET secret = ${broken}`)
  const server = await serveTrent(data)
  await ask(server, 'rotate')
  while (!server.said().stderr.includes('does not open')) await pause(20)
  assert.equal((await ask(server, 'status')).Stage, 'switched')
  const refused = await runTrent(['root-key', 'retire', '--data', data])
  assert.match(refused.stderr, /rows are still sealed under the root key before/)
  const again = await runTrent(['root-key', 'rotate', '--data', data])
  assert.match(again.stderr, /the last change of the root key is not over/)
  server.signal('SIGKILL')
})

test('a change that is killed at any step is finished or forgotten by the next start, and everything opens', {
  skip: sqliteOnly,
  // It starts some thirty processes, one after the other.
  timeout: 180_000,
}, async () => {
  const made = await serveTrent(temporaryFolder())
  const blobs = await newBlobs(clientOf(made), 110)
  const { RootKeyId: first } = await ask(made, 'status')
  made.signal('SIGTERM')
  await made.finished
  const preload = join(import.meta.dirname, '..', 'support', 'crash-at.ts')
  const seen = new Set<string>()
  for (let at = 1; ; at += 1) {
    const data = temporaryFolder()
    cpSync(made.data, data, { recursive: true })
    const env = {
      CRASH_AT: String(at),
      CRASH_STEPS: '^(COMMIT|renameSync)$',
      CRASH_BEGIN: 'rotate',
    }
    const server = startTrentProcess(['serve', '--port', '0', '--data', data], { env, preload })
    await ready(server)
    server.signal('SIGUSR2')
    const asked = await runTrent(['root-key', 'rotate', '--data', data])
    const end = await Promise.race([server.finished, settled({ data })])
    const isOver = end === 'settled'
    server.signal('SIGKILL')
    await server.finished
    const again = await serveTrent(data)
    const status = await ask(again, 'status')
    seen.add(
      `${asked.code === 0 ? 'answered' : 'cut off'}, ${status.RootKeyId === first ? 'before' : 'after'}`,
    )
    if (asked.code === 0) assert.notEqual(status.RootKeyId, first, 'what was acknowledged holds')
    await assertDecrypts(clientOf(again), blobs)
    if (status.RootKeyId !== first) {
      await until(again, 'rewrapped')
      assert.deepEqual(await sealedUnder(data), { [status.RootKeyId]: 110 + 1 })
      await assertDecrypts(clientOf(again), blobs.slice(0, 9))
    } else {
      assert.equal(status.Stage, 'none')
      assert.equal((await ask(again, 'rotate')).PreviousRootKeyId, first)
    }
    again.signal('SIGKILL')
    await again.finished
    if (isOver) break
  }
  assert.ok(seen.has('cut off, before') && seen.has('cut off, after'), [...seen].join('; '))
  assert.ok(seen.has('answered, after'))
})

/** Resolves when every row is under the next root key. */
async function settled(server: { readonly data: string }): Promise<'settled'> {
  for (;;) {
    const { code, stdout } = await runTrent(['root-key', 'status', '--data', server.data])
    if (code === 0 && (JSON.parse(stdout) as Status).Stage === 'rewrapped') return 'settled'
    if (code !== 0) await new Promise(() => {})
    await pause(20)
  }
}
