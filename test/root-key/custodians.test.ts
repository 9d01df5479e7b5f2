/**
 * Custodians of the root key: the key file and the passphrase, the one changed for the other, and what each refuses.
 */
import assert from 'node:assert/strict'
import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { DecryptCommand, EncryptCommand, CreateKeyCommand } from '@aws-sdk/client-kms'
import {
  askTrent,
  clientOf,
  runTrent,
  type Server,
  serveTrent,
  temporaryFolder,
} from '../support/process.ts'

const passphrase = 'correct horse battery staple'

function passphraseFile(text = `${passphrase}\n`): string {
  const file = join(temporaryFolder(), 'passphrase')
  writeFileSync(file, text, { mode: 0o600 })
  return file
}

async function stop(server: Server): Promise<void> {
  server.signal('SIGTERM')
  assert.equal((await server.finished).code, 0)
}

async function refusal(data: string, file: string): Promise<string> {
  const args = ['serve', '--port', '0', '--data', data, '--root-key-passphrase-file', file]
  const { code, stdout, stderr } = await runTrent(args)
  assert.equal(code, 1)
  assert.equal(stdout, '')
  return stderr
}

test('a server on a passphrase makes a sealed root key, and opens it again', async () => {
  const data = temporaryFolder()
  const file = passphraseFile()
  const first = await serveTrent(data, ['--root-key-passphrase-file', file])
  const kms = clientOf(first)
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
  const Plaintext = Buffer.from('under a passphrase')
  const { CiphertextBlob } = await kms.send(
    new EncryptCommand({ KeyId: KeyMetadata?.KeyId, Plaintext }),
  )
  await stop(first)
  const text = readFileSync(join(data, 'root.key'), 'utf8')
  assert.match(text, /^trent-sealed-root-key-v1:scrypt:131072:8:1:[\w+/=]+:[\w+/=]+\n$/)
  assert.equal(statSync(join(data, 'root.key')).mode & 0o777, 0o600)
  const again = await serveTrent(data, [], { env: { TRENT_ROOT_KEY_PASSPHRASE_FILE: file } })
  const opened = await clientOf(again).send(new DecryptCommand({ CiphertextBlob }))
  assert.deepEqual(Buffer.from(opened.Plaintext ?? []), Plaintext)
  await stop(again)
})

test('a wrong, missing, short or readable passphrase is refused, and not a byte of it is said', async () => {
  const data = temporaryFolder()
  const file = passphraseFile()
  await stop(await serveTrent(data, ['--root-key-passphrase-file', file]))
  const before = readFileSync(join(data, 'root.key'))
  const wrong = passphraseFile('wrong horse battery staple\n')
  const said = await refusal(data, wrong)
  assert.equal(
    said,
    `trent: the passphrase in \`${wrong}\` does not open the root key \`${join(data, 'root.key')}\`, or that was altered\n`,
  )
  assert.match(
    await refusal(data, join(data, 'nowhere')),
    /passphrase file `.*nowhere` is missing\n$/,
  )
  assert.match(await refusal(data, passphraseFile('short\nlong enough line\n')), /is too short/)
  const open = passphraseFile()
  chmodSync(open, 0o644)
  assert.match(await refusal(data, open), /others may read the passphrase `.*`; run chmod 600/)
  assert.deepEqual(readFileSync(join(data, 'root.key')), before)
})

test('a sealed root key that was altered, or asks for more than a machine can bear, is refused', async () => {
  const data = temporaryFolder()
  const file = passphraseFile()
  await stop(await serveTrent(data, ['--root-key-passphrase-file', file]))
  const path = join(data, 'root.key')
  const text = readFileSync(path, 'utf8')
  const damages = [
    text.replace(':131072:', ':1073741824:'),
    text.replace(':131072:', ':2:'),
    text.replace(':131072:8:', ':131072:9999:'),
    text.replace('scrypt', 'argon2'),
    text.slice(0, 60),
  ]
  for (const damage of damages) {
    writeFileSync(path, damage)
    assert.match(await refusal(data, file), /does not hold a sealed root key\n$/)
  }
  writeFileSync(path, text.replace(':131072:8:1:', ':65536:8:1:'))
  assert.match(await refusal(data, file), /does not open the root key/)
})

test('each custodian refuses what the other one wrote', async () => {
  const data = temporaryFolder()
  const file = passphraseFile()
  await stop(await serveTrent(data))
  assert.match(await refusal(data, file), /is not sealed under a passphrase; seal it with/)
  const settings = ['--data', data, '--to', 'passphrase', '--new-passphrase-file', file]
  await askTrent(['root-key', 'change-custodian', ...settings])
  const { code, stderr } = await runTrent(['serve', '--port', '0', '--data', data])
  assert.equal(code, 1)
  assert.match(stderr, /is sealed under a passphrase; name the file that holds it with/)
})

test('the root key goes from one custodian to the other and back, and stays the same', async () => {
  const data = temporaryFolder()
  const [path, file] = [join(data, 'root.key'), passphraseFile()]
  await stop(await serveTrent(data))
  const plain = readFileSync(path, 'utf8')
  const to = ['root-key', 'change-custodian', '--data', data, '--to']
  await askTrent([...to, 'passphrase', '--new-passphrase-file', file])
  assert.ok(!readFileSync(path, 'utf8').includes(plain.split(':')[1]?.slice(0, 20) ?? ''))
  assert.deepEqual(await askTrent(['root-key', 'show-custodian', '--data', data]), {
    Custodian: 'passphrase',
    File: path,
    Scrypt: { N: 131072, r: 8, p: 1 },
  })
  const settings = ['--root-key-passphrase-file', file]
  await stop(await serveTrent(data, settings))
  await askTrent([...to, 'key-file', ...settings])
  assert.equal(readFileSync(path, 'utf8'), plain)
  assert.deepEqual(await askTrent(['root-key', 'show-custodian', '--data', data]), {
    Custodian: 'key-file',
    File: path,
  })
  await stop(await serveTrent(data))
})

test('the custodian is not changed under a running server, nor to one that is not known', async () => {
  const data = temporaryFolder()
  const server = await serveTrent(data)
  const change = ['root-key', 'change-custodian', '--data', data, '--to']
  const running = await runTrent([
    ...change,
    'passphrase',
    '--new-passphrase-file',
    passphraseFile(),
  ])
  assert.equal(running.code, 1)
  assert.match(running.stderr, /another trent serves/)
  await stop(server)
  const before = readFileSync(join(data, 'root.key'))
  assert.match((await runTrent([...change, 'butler'])).stderr, /`butler` is no custodian/)
  assert.match((await runTrent([...change, 'passphrase'])).stderr, /--new-passphrase-file/)
  assert.deepEqual(readFileSync(join(data, 'root.key')), before)
  rmSync(join(data, 'root.key'))
  assert.match((await runTrent([...change, 'key-file'])).stderr, /there is no root key in/)
})
