/**
 * Secrets go where they have to and nowhere else: planted through every operation, they are looked for in every file,
 * in what a server prints, and in the answers to everybody else.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { OperationName } from '../../src/api/types.ts'
import { readKeyFile } from '../../src/key-stores/key-file.ts'
import { rootKeys } from '../../src/key-stores/root-key.ts'
import { RootKeyRing } from '../../src/key-stores/root-key-ring.ts'
import { operations } from '../../src/operations.ts'
import { deriveSigningKey } from '../../src/sigv4/signing-key.ts'
import { sendDocument } from '../support/documents.ts'
import { sqliteOnly } from '../support/engines.ts'
import { filesOf } from '../support/folder.ts'
import { askTrent, credentialsOf, serveTrent, temporaryFolder } from '../support/process.ts'
import { keyIdOf, plausible, type Subject } from '../support/requests.ts'
import { type Place, Secrets } from '../support/secrets.ts'
import { startService } from '../support/service.ts'
import { askStored, rowsOfKey } from '../support/stored.ts'
import { type Credentials, dateOf, signHeader, type ToSign } from '../support/signer.ts'
import { documentOf, type RawAnswer, send } from '../support/wire.ts'

/** A server to plant secrets in. */
interface Ground {
  readonly endpoint: string
  readonly credentials: Credentials
  readonly now: () => number
}

/** Calls that remember their answers, less those that are there to hand a secret out. */
class Planter {
  readonly secrets = new Secrets()
  readonly answers: Place[] = []
  readonly #ground: Ground

  constructor(ground: Ground) {
    this.#ground = ground
  }

  /** A call whose answer may hold no secret. */
  async ask(operation: string, body: unknown, more: Partial<ToSign> = {}): Promise<RawAnswer> {
    const answer = await this.#send(operation, body, more)
    const bytes = Buffer.from(`${answer.head}\r\n\r\n${answer.body}`)
    this.answers.push({ name: `the answer to ${operation}`, bytes })
    return answer
  }

  /** A call whose answer hands a secret out, as a member of this name. */
  async learn(operation: string, body: unknown, member = 'Plaintext'): Promise<RawAnswer> {
    const answer = await this.#send(operation, body, {})
    const value = documentOf(answer)?.[member]
    assert.equal(typeof value, 'string', answer.body)
    this.secrets.add(`${member} of ${operation}`, Buffer.from(String(value), 'base64'))
    return answer
  }

  #send(operation: string, body: unknown, more: Partial<ToSign>): Promise<RawAnswer> {
    const { endpoint, credentials, now } = this.#ground
    const what = { endpoint, credentials, at: now(), operation, body, ...more }
    return send(endpoint, signHeader(what))
  }
}

/** Plants a secret wherever a request has room for one, in calls that succeed and in calls that fail. */
async function plantEverywhere(planter: Planter): Promise<Subject> {
  const { secrets } = planter
  const KeyId = keyIdOf(await planter.ask('CreateKey', {}))
  const alias = `alias/${KeyId}`
  await planter.ask('CreateAlias', { AliasName: alias, TargetKeyId: KeyId })
  const plaintext = secrets.plant('a plaintext').toString('base64')
  const encrypted = await planter.ask('Encrypt', { KeyId, Plaintext: plaintext })
  const blob = String(documentOf(encrypted)?.['CiphertextBlob'])
  await planter.learn('Decrypt', { CiphertextBlob: blob })
  await planter.ask('ReEncrypt', { CiphertextBlob: blob, DestinationKeyId: KeyId })
  await planter.learn('GenerateDataKey', { KeyId, KeySpec: 'AES_256' })
  await planter.learn('GenerateRandom', { NumberOfBytes: 64 })
  const subject = { keyId: KeyId, alias, blob }
  await plantInRefusals(planter, subject)
  await plantInEveryOperation(planter, subject)
  return subject
}

async function plantInRefusals(planter: Planter, subject: Subject): Promise<void> {
  const { secrets } = planter
  const { keyId: KeyId } = subject
  const long = Buffer.concat([secrets.plant('a plaintext that is too long'), Buffer.alloc(5000)])
  await planter.ask('Encrypt', { KeyId, Plaintext: long.toString('base64') })
  for (const [what, fields] of [
    ['for a key that is not there', { KeyId: 'alias/none' }],
    ['for a key id that is none', { KeyId: '?' }],
    ['with an algorithm that is none', { KeyId, EncryptionAlgorithm: 'ROT13' }],
    ['with a context that is none', { KeyId, EncryptionContext: { a: null } }],
    ['dry', { KeyId, DryRun: true }],
  ] as const) {
    const Plaintext = secrets.plant(`a plaintext ${what}`).toString('base64')
    await planter.ask('Encrypt', { ...fields, Plaintext })
  }
  const text = secrets.plantText('a plaintext that is not base64')
  await planter.ask('Encrypt', { KeyId, Plaintext: `${text}!` })
  await planter.ask('Encrypt', {
    KeyId,
    Plaintext: { text: secrets.plantText('a plaintext of no type') },
  })
  await planter.ask(
    'Encrypt',
    `{"KeyId":"${KeyId}","Plaintext":"${secrets.plantText('a cut body')}`,
  )
  await planter.ask('Encrypt', secrets.plant('a body of bytes'))
  await planter.ask('Encrypt', {
    KeyId,
    [secrets.plantText('a member name')]: 1,
    Plaintext: 'QQ==',
  })
  await planter.ask('Nothing', { Plaintext: secrets.plantText('a body for no operation') })
  await planter.ask('Decrypt', { CiphertextBlob: subject.blob, EncryptionContext: { a: 'b' } })
}

async function plantInEveryOperation(planter: Planter, subject: Subject): Promise<void> {
  const { secrets } = planter
  for (const name of Object.keys(operations) as OperationName[]) {
    if (/^(Generate(DataKey|Random)|Decrypt$)/.test(name)) continue
    await planter.ask(name, {
      ...plausible[name](subject),
      Recipient: secrets.plantText(`a recipient of ${name}`),
      Message: secrets.plantText(`a message of ${name}`),
      Mac: secrets.plantText(`a MAC of ${name}`),
      EncryptedKeyMaterial: secrets.plantText(`key material of ${name}`),
      ImportToken: secrets.plantText(`an import token of ${name}`),
      KeyStorePassword: secrets.plantText(`a password of ${name}`),
      XksProxyAuthenticationCredential: {
        AccessKeyId: 'ABCDEFGHIJKLMNOPQRST',
        RawSecretAccessKey: secrets.plantText(`a secret of ${name}`),
      },
      GrantTokens: [secrets.plantText(`a grant token of ${name}`)],
    })
  }
}

async function plantInSignatures(planter: Planter, ground: Ground): Promise<void> {
  const { secrets } = planter
  const { accessKeyId } = ground.credentials
  await planter.ask('ListKeys', {}, { token: secrets.plantText('a session token') })
  await planter.ask(
    'ListKeys',
    {},
    { unsigned: { 'x-amz-security-token': secrets.plantText('a token') } },
  )
  const secretAccessKey = secrets.plantText("somebody else's secret")
  await planter.ask('ListKeys', {}, { credentials: { accessKeyId, secretAccessKey } })
  const { endpoint } = ground
  for (const value of [
    `Bearer ${secrets.plantText('a bearer token')}`,
    secrets.plantText('a token'),
  ]) {
    const text = `POST / HTTP/1.1\r\nHost: a\r\nAuthorization: ${value}\r\nContent-Length: 0\r\n\r\n`
    const { body } = await send(endpoint, text)
    planter.answers.push({ name: 'the answer to a bare token', bytes: Buffer.from(body) })
  }
}

/** What a thief of the folder could not learn without the root key: all of it is learnt here, with the root key. */
async function addSealed(secrets: Secrets, data: string, partition = 'aws'): Promise<void> {
  const root = new RootKeyRing(rootKeys(readKeyFile(join(data, 'root.key'))))
  const materials = await askStored(
    data,
    'SELECT key_id, region, material_id, account_id, sealed FROM key_materials',
  )
  for (const row of materials) {
    const { key_id, region, material_id, account_id, sealed } = row
    const owner = [account_id, key_id, region, material_id].map(String)
    const bytes = root.open('material', sealed as Uint8Array, (rootKeyId) => [
      'key material',
      rootKeyId,
      partition,
      ...owner,
      'symmetric',
    ])
    assert.ok(bytes, 'the material opens')
    secrets.add('key material', bytes)
  }
  const keys = await askStored(data, 'SELECT access_key_id, account_id, secret FROM access_keys')
  for (const { access_key_id, account_id, secret } of keys) {
    const owner = [String(account_id), String(access_key_id)]
    const opened = root.open('credentials', secret as Uint8Array, (rootKeyId) => [
      'secret access key',
      rootKeyId,
      ...owner,
    ])
    assert.ok(opened, 'the secret opens')
    secrets.add('a secret access key', opened)
  }
  assert.ok(materials.length > 0 && keys.length > 0)
}

function addRootKey(secrets: Secrets, data: string): void {
  const text = readFileSync(join(data, 'root.key'), 'utf8').trim()
  secrets.add('the root key', Buffer.from(text.split(':')[1] ?? '', 'base64'))
  secrets.add('the text of the root key', Buffer.from(text.split(':')[1] ?? ''))
}

function addSigningKey(secrets: Secrets, credentials: Credentials, at: number): void {
  const day = dateOf(at).slice(0, 8)
  const key = deriveSigningKey(credentials.secretAccessKey, day, 'us-east-1', 'kms')
  secrets.add('a signing key', key.export())
}

const homes = new Set(['root.key', join('aws', 'credentials')])

test('no secret of a server is in its files, in what it prints or in other answers', async () => {
  const data = temporaryFolder()
  const server = await serveTrent(data)
  const ground = { endpoint: server.endpoint, credentials: credentialsOf(data), now: Date.now }
  const planter = new Planter(ground)
  const { secrets } = planter
  await plantEverywhere(planter)
  await plantInSignatures(planter, ground)
  const account = (await askTrent(['account', 'create', '--data', data])) as {
    readonly AccountId: string
    readonly SecretAccessKey: string
  }
  secrets.add("a new account's secret", Buffer.from(account.SecretAccessKey))
  const listed: Place[] = []
  for (const command of [
    ['account', 'list'],
    ['account', 'access-key', 'list', account.AccountId],
    ['audit', 'verify'],
  ]) {
    const result = await askTrent([...command, '--data', data])
    listed.push({ name: command.join(' '), bytes: Buffer.from(JSON.stringify(result)) })
  }
  // While it runs and after it has ended: the write-ahead log is another one then.
  const during = filesOf(data)
  server.signal('SIGTERM')
  const { stdout, stderr } = await server.finished
  await addSealed(secrets, data)
  addRootKey(secrets, data)
  addSigningKey(secrets, ground.credentials, Date.now())
  const files = [...during, ...filesOf(data)].filter(({ name }) => !homes.has(name))
  const said = { name: 'standard output and error', bytes: Buffer.from(stdout + stderr) }
  assert.ok(secrets.size > 400 && files.length > 8)
  assert.deepEqual(secrets.foundIn([...files, ...planter.answers, ...listed, said]), [])
  assert.equal(stderr, '')
})

test('no secret is in the files of a record that were rotated and compressed', async () => {
  const trent = await startService()
  const ground = { ...trent, now: () => trent.clock.now() }
  const planter = new Planter(ground)
  for (let day = 0; day < 2; day += 1) {
    await plantEverywhere(planter)
    trent.turn(86_400_000)
  }
  await planter.ask('ListKeys', {})
  const compressed = () => filesOf(trent.data).filter(({ name }) => name.endsWith('.gz'))
  const until = performance.now() + 5000
  while (compressed().length < 2 && performance.now() < until) await planter.ask('ListKeys', {})
  assert.ok(compressed().length >= 2, 'files were compressed')
  await addSealed(planter.secrets, trent.data)
  addRootKey(planter.secrets, trent.data)
  const files = filesOf(trent.data).filter(({ name }) => !homes.has(name))
  assert.deepEqual(planter.secrets.foundIn(files), [])
})

test('of a key that was deleted not even the sealed material is left', {
  skip: sqliteOnly,
}, async () => {
  const trent = await startService()
  const ask = (operation: string, body: unknown) => sendDocument(trent, operation, body)
  const KeyId = keyIdOf(await ask('CreateKey', {}))
  const [row] = await rowsOfKey(trent, 'key_materials', KeyId)
  const secrets = new Secrets()
  secrets.add('the sealed material', row?.['sealed'] as Uint8Array)
  assert.ok(secrets.foundIn(filesOf(trent.data)).length > 0)
  await ask('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 7 })
  trent.turn(7 * 86_400_000 + 1)
  await trent.confirmClock()
  assert.equal(await trent.runJobs(), true)
  assert.deepEqual(secrets.foundIn(filesOf(trent.data)), [])
})

test('the search finds what is there', async () => {
  const secrets = new Secrets()
  const value = secrets.plant('a value')
  for (const bytes of [
    Buffer.concat([Buffer.alloc(3), value]),
    Buffer.from(value.toString('hex')),
    Buffer.from(JSON.stringify({ a: value.toString('base64') })),
    Buffer.from(value.toString('base64url')),
    Buffer.from(JSON.stringify({ a: value })),
    Buffer.from(value.toString('base64').slice(0, 20)),
  ]) {
    assert.equal(secrets.foundIn([{ name: 'here', bytes }]).length > 0, true)
  }
  assert.deepEqual(secrets.foundIn([{ name: 'here', bytes: Buffer.from('nothing') }]), [])
})
