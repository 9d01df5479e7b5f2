/**
 * The AWS CLI, every one on PATH, as somebody who sets up a user and a role and encrypts as the role: with the credentials
 * that AssumeRole answers, and by a profile that assumes the role by itself.
 */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { blobArgument, type Cli, commands, everyCli, readsEndpoint } from '../support/aws-cli.ts'
import { allowing } from '../support/iam.ts'
import { serveTrent, temporaryFolder } from '../support/process.ts'
import { trustOf } from '../support/sts.ts'

const found = await everyCli()

if (found.length === 0) {
  const skip = 'THERE IS NO `aws` ON PATH: the AWS CLI was not tested'
  test('the AWS CLI encrypts as a role', { skip }, () => undefined)
}

const plaintext = Buffer.from('sealed by a role').toString('base64')
const member = (answer: unknown, ...names: readonly string[]): string =>
  String(names.reduce((value, name) => (value as Record<string, unknown>)[name], answer))

type Run = ReturnType<typeof commands>

describe('The AWS CLI encrypts as a role', { concurrency: true }, () => {
  for (const cli of found) {
    test(`${cli.version.join('.')} at ${cli.path}`, () => encryptAsRole(cli))
  }
})

async function encryptAsRole(cli: Cli): Promise<void> {
  const folder = temporaryFolder()
  const server = await serveTrent(join(folder, 'data'))
  const root = commands(cli, server)
  const key = member(await root('kms', 'create-key'), 'KeyMetadata', 'Arn')
  const { arn, id, secret } = await setUp(root, key)
  const alice = commands(cli, server, { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret })
  const blob = blobArgument(cli, join(folder, 'plaintext'), plaintext)
  const encrypt = ['kms', 'encrypt', '--key-id', key, '--plaintext', blob]
  const assume = ['sts', 'assume-role', '--role-arn', arn, '--role-session-name', 'mine']
  const limit = ['--policy', allowing('kms:Decrypt')]
  const [assumed, limited] = await Promise.all([
    alice(...assume),
    alice(...assume, ...limit),
    assert.rejects(alice(...encrypt), /\(AccessDeniedException\).*no identity-based policy/s),
  ])
  const role = commands(cli, server, sessionOf(assumed))
  const start = `User: ${member(assumed, 'AssumedRoleUser', 'Arn')} is not authorized to perform: kms`
  const refused = async (call: Promise<unknown>, text: string): Promise<void> => {
    await assert.rejects(call, (error: Error) => error.message.includes(`${start}:${text}`))
  }
  await Promise.all([
    sealAndOpen(cli, folder, { run: role, key, encrypt }),
    refused(
      role('kms', 'disable-key', '--key-id', key),
      `DisableKey on resource: ${key} because no identity-based policy allows the kms:DisableKey action`,
    ),
    refused(
      commands(cli, server, sessionOf(limited))(...encrypt),
      `Encrypt on resource: ${key} because no session policy allows the kms:Encrypt action`,
    ),
  ])
  if (readsEndpoint(cli)) {
    const files = profiles(folder, { endpoint: server.endpoint, arn, id, secret })
    const run = commands(cli, server, { ...files, HOME: folder, AWS_PROFILE: 'worker' })
    await sealAndOpen(cli, folder, { run, key, encrypt })
  }
  server.signal('SIGTERM')
  assert.equal((await server.finished).code, 0)
}

/** The files of a user's profile, and of one that assumes the role by itself. */
function profiles(
  folder: string,
  { endpoint, arn, id, secret }: Readonly<Record<'endpoint' | 'arn' | 'id' | 'secret', string>>,
) {
  const common = `region = us-east-1\noutput = json\nendpoint_url = ${endpoint}\n`
  const worker = `[profile worker]\nrole_arn = ${arn}\nsource_profile = alice\n${common}`
  const [config, credentials] = [join(folder, 'config'), join(folder, 'credentials')]
  writeFileSync(config, `[profile alice]\n${common}${worker}`)
  const keys = `aws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n`
  writeFileSync(credentials, `[alice]\n${keys}`)
  return { AWS_CONFIG_FILE: config, AWS_SHARED_CREDENTIALS_FILE: credentials }
}

/** A user who may assume a role, and nothing else, and the role, which may use the key. */
async function setUp(root: Run, key: string) {
  const alice = ['--user-name', 'alice']
  const made = member(await root('iam', 'create-user', ...alice), 'User', 'Arn')
  const document = (text: string) => ['--policy-name', 'own', '--policy-document', text]
  const sealer = ['--role-name', 'Sealer']
  const trust = ['--assume-role-policy-document', trustOf({ principal: { AWS: made } })]
  const [access, role] = await Promise.all([
    root('iam', 'create-access-key', ...alice),
    root('iam', 'create-role', ...sealer, ...trust),
    root('iam', 'put-user-policy', ...alice, ...document(allowing('sts:AssumeRole'))),
  ])
  const policy = allowing('kms:Encrypt', 'kms:Decrypt').replace('"*"', JSON.stringify(key))
  await root('iam', 'put-role-policy', ...sealer, ...document(policy))
  return {
    arn: member(role, 'Role', 'Arn'),
    id: member(access, 'AccessKey', 'AccessKeyId'),
    secret: member(access, 'AccessKey', 'SecretAccessKey'),
  }
}

/** Encrypts under the key, and decrypts without naming it. */
async function sealAndOpen(
  cli: Cli,
  folder: string,
  of: { readonly run: Run; readonly key: string; readonly encrypt: readonly string[] },
): Promise<void> {
  const sealed = await of.run(...of.encrypt)
  const blob = blobArgument(cli, join(folder, 'blob'), String(sealed['CiphertextBlob']))
  const opened = await of.run('kms', 'decrypt', '--ciphertext-blob', blob)
  assert.equal(opened['Plaintext'], plaintext)
  assert.deepEqual([sealed['KeyId'], opened['KeyId']], [of.key, of.key])
}

/** The credentials of AssumeRole's answer, as the variables that take them. */
const sessionOf = (answer: unknown) => ({
  AWS_ACCESS_KEY_ID: member(answer, 'Credentials', 'AccessKeyId'),
  AWS_SECRET_ACCESS_KEY: member(answer, 'Credentials', 'SecretAccessKey'),
  AWS_SESSION_TOKEN: member(answer, 'Credentials', 'SessionToken'),
})
