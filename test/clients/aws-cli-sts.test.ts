/**
 * The AWS CLI, every one on PATH, as somebody who assumes roles: by command, by profile, and by a web identity token.
 */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { type Cli, commands, everyCli, readsEndpoint } from '../support/aws-cli.ts'
import { allowing } from '../support/iam.ts'
import { issuerKey, startIssuer, tokenOf } from '../support/issuer.ts'
import { serveTrent, temporaryFolder } from '../support/process.ts'
import { trustOf } from '../support/sts.ts'

const found = await everyCli()

if (found.length === 0) {
  const skip = 'THERE IS NO `aws` ON PATH: the AWS CLI was not tested'
  test('the AWS CLI assumes roles', { skip }, () => undefined)
}

const member = (answer: unknown, ...names: readonly string[]): string =>
  String(names.reduce((value, name) => (value as Record<string, unknown>)[name], answer))

describe('The AWS CLI assumes roles', { concurrency: true }, () => {
  for (const cli of found) {
    test(`${cli.version.join('.')} at ${cli.path}`, () => assumeRoles(cli))
  }
})

async function assumeRoles(cli: Cli): Promise<void> {
  const key = issuerKey('one')
  const issuer = await startIssuer([key])
  const folder = temporaryFolder()
  const settings = { env: { TRENT_OIDC_ISSUERS: issuer.url } }
  const server = await serveTrent(join(folder, 'data'), [], settings)
  const root = commands(cli, server)
  const me = await root('sts', 'get-caller-identity')
  const account = member(me, 'Account')
  assert.deepEqual(me, { UserId: account, Account: account, Arn: `arn:aws:iam::${account}:root` })

  await root('iam', 'create-user', '--user-name', 'alice')
  const policy = ['--policy-name', 'own', '--policy-document', allowing('sts:AssumeRole')]
  await root('iam', 'put-user-policy', '--user-name', 'alice', ...policy)
  const made = await root('iam', 'create-access-key', '--user-name', 'alice')
  const [id, secret] = ['AccessKeyId', 'SecretAccessKey'].map((name) =>
    member(made, 'AccessKey', name),
  )
  const url = ['--url', `https://${issuer.provider}`, '--client-id-list', 'sts.amazonaws.com']
  const provider = await root('iam', 'create-open-id-connect-provider', ...url)
  const trust = trustOf(
    { principal: { AWS: account } },
    {
      principal: { Federated: member(provider, 'OpenIDConnectProviderArn') },
      actions: ['sts:AssumeRoleWithWebIdentity'],
      condition: { StringEquals: { [`${issuer.provider}:sub`]: 'job' } },
    },
  )
  const role = ['--role-name', 'Worker', '--assume-role-policy-document', trust]
  const arn = member(await root('iam', 'create-role', ...role), 'Role', 'Arn')
  const session = `arn:aws:sts::${account}:assumed-role/Worker/`

  const config = join(folder, 'config')
  const credentials = join(folder, 'credentials')
  const endpoint = readsEndpoint(cli) ? `endpoint_url = ${server.endpoint}\n` : ''
  const common = `region = eu-west-1\noutput = json\n${endpoint}`
  writeFileSync(
    config,
    `[profile alice]\n${common}[profile worker]\nrole_arn = ${arn}\nsource_profile = alice\n${common}[profile job]\n${common}`,
  )
  const keys = `aws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n`
  writeFileSync(credentials, `[alice]\n${keys}`)
  const files = {
    AWS_CONFIG_FILE: config,
    AWS_SHARED_CREDENTIALS_FILE: credentials,
    HOME: folder,
  }
  const alice = commands(cli, server, { ...files, AWS_PROFILE: 'alice' })
  const assume = ['sts', 'assume-role', '--role-arn', arn, '--role-session-name', 'mine']
  const assumed = await alice(...assume)
  assert.equal(member(assumed, 'AssumedRoleUser', 'Arn'), `${session}mine`)

  if (readsEndpoint(cli)) {
    const worker = commands(cli, server, { ...files, AWS_PROFILE: 'worker' })
    const identity = member(await worker('sts', 'get-caller-identity'), 'Arn')
    assert.match(identity.slice(session.length), /^botocore-session-\d+$/)
    assert.ok(identity.startsWith(session))

    const file = join(folder, 'token')
    const now = Math.floor(performance.timeOrigin / 1000)
    const claims = { iss: issuer.url, aud: 'sts.amazonaws.com', sub: 'job', iat: now }
    writeFileSync(file, tokenOf(key, { ...claims, exp: now + 3600 }))
    const job = commands(cli, server, {
      ...files,
      AWS_PROFILE: 'job',
      AWS_WEB_IDENTITY_TOKEN_FILE: file,
      AWS_ROLE_ARN: arn,
      AWS_ROLE_SESSION_NAME: 'run-7',
    })
    assert.equal(member(await job('sts', 'get-caller-identity'), 'Arn'), `${session}run-7`)
  }
  server.signal('SIGTERM')
  assert.equal((await server.finished).code, 0)
}
