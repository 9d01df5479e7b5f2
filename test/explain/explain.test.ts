/**
 * `trent explain` and `trent simulate`, as people run them: what they say of requests that were made, and of those that were
 * not.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { IAM } from '@aws-sdk/client-iam'
import {
  CreateAliasCommand,
  CreateGrantCommand,
  CreateKeyCommand,
  DecryptCommand,
  EncryptCommand,
  KMSClient,
  KMSServiceException,
  ListKeysCommand,
  PutKeyPolicyCommand,
} from '@aws-sdk/client-kms'
import { STS } from '@aws-sdk/client-sts'
import type { ExplainedCall, ExplainedDecision } from '../../src/explain/explanation.ts'
import { askTrent, clientOf, runTrent, serveTrent, temporaryFolder } from '../support/process.ts'

const server = await serveTrent(temporaryFolder())
const { data, endpoint } = server
const kms = clientOf(server)
const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
const { Arn: KeyId = '', AWSAccountId: account = '' } = KeyMetadata ?? {}
const iam = new IAM({ endpoint, region: 'us-east-1', credentials: kms.config.credentials })
const bob = `arn:aws:iam::${account}:user/team/Bob`
await iam.createUser({ UserName: 'Bob', Path: '/team/', Tags: [{ Key: 'Team', Value: 'red' }] })
await iam.createRole({
  RoleName: 'App',
  AssumeRolePolicyDocument: policy({
    Effect: 'Allow',
    Principal: { AWS: account },
    Action: 'sts:AssumeRole',
  }),
})
const { AccessKey } = await iam.createAccessKey({ UserName: 'Bob' })
const bobs = new KMSClient({
  endpoint,
  region: 'us-east-1',
  maxAttempts: 1,
  credentials: {
    accessKeyId: AccessKey?.AccessKeyId ?? '',
    secretAccessKey: AccessKey?.SecretAccessKey ?? '',
  },
})
const Plaintext = Buffer.from('a plaintext that nobody writes down')

function policy(...statements: readonly object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements })
}

const may = (Action: string, more: object = {}) => ({
  Effect: 'Allow',
  Action,
  Resource: '*',
  ...more,
})
const give = (...statements: readonly object[]) =>
  iam.putUserPolicy({
    UserName: 'Bob',
    PolicyName: 'own',
    PolicyDocument: policy(...statements),
  })

/** The request id of a refusal. */
async function refusedRequest(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => assert.fail('not refused'),
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof KMSServiceException)
  assert.equal(error.name, 'AccessDeniedException', error.message)
  return error.$metadata.requestId ?? ''
}

const explain = (...args: readonly string[]) =>
  askTrent(['explain', ...args, '--json', '--data', data]) as Promise<ExplainedCall>

async function simulate(...args: readonly string[]): Promise<ExplainedDecision> {
  const all = ['simulate', ...args, '--json', '--data', data]
  return (await askTrent(all)) as ExplainedDecision
}

const onlyDecision = ({ decisions }: ExplainedCall): ExplainedDecision => {
  const [decision] = decisions
  assert.ok(decision !== undefined && decisions.length === 1)
  return decision
}

test('a refusal is explained by its request id: principal, values, statements, what failed, and the sentence', async () => {
  await give(
    may('kms:Encrypt', {
      Sid: 'OnlyBlue',
      Condition: { StringEquals: { 'aws:PrincipalTag/team': 'blue' } },
    }),
    may('kms:Decrypt', { Sid: 'Other' }),
  )
  const call = bobs.send(new EncryptCommand({ KeyId, Plaintext, EncryptionContext: { App: 'x' } }))
  const requestId = await refusedRequest(call)
  const explained = await explain(requestId)
  assert.equal(explained.requestId, requestId)
  assert.equal(explained.operation, 'Encrypt')
  assert.equal(explained.region, 'us-east-1')
  assert.equal(explained.principal.arn, bob)
  const decision = onlyDecision(explained)
  assert.equal(decision.verdict, 'denied')
  assert.equal(decision.action, 'kms:Encrypt')
  assert.equal(decision.resource, KeyId)
  assert.deepEqual(decision.because, { kind: 'noAllow', layer: 'identity' })
  assert.equal(
    decision.message,
    `User: ${bob} is not authorized to perform: kms:Encrypt on resource: ${KeyId} because no identity-based policy allows the kms:Encrypt action`,
  )
  const { context } = decision
  assert.deepEqual(context['aws:principaltag/team'], ['red'])
  assert.deepEqual(context['kms:encryptioncontext:App'], ['x'])
  assert.deepEqual(context['kms:encryptioncontextkeys'], ['App'])
  assert.deepEqual(context['kms:keyspec'], ['SYMMETRIC_DEFAULT'])
  assert.deepEqual(context['aws:sourceip'], ['127.0.0.1'])
  assert.equal(context['kms:viaservice'], undefined)
  const own = decision.policies?.find(({ layer }) => layer === 'identity')
  assert.equal(own?.policy, 'user/Bob/own')
  const [blue, other] = own.statements
  assert.equal(blue?.sid, 'OnlyBlue')
  assert.equal(blue.applies, false)
  assert.deepEqual(blue.elements.at(-1), {
    element: 'Condition',
    operator: 'StringEquals',
    key: 'aws:PrincipalTag/team',
    wanted: ['blue'],
    found: ['red'],
    matched: false,
  })
  assert.equal(other?.applies, false)
  const keys = decision.policies?.find(({ layer }) => layer === 'resource')
  assert.equal(keys?.statements[0]?.applies, true)
})

test('--last is the request before, and an allow is explained whole while it is in memory', async () => {
  await give(may('kms:Encrypt', { Sid: 'May' }))
  await bobs.send(new EncryptCommand({ KeyId, Plaintext }))
  const decision = onlyDecision(await explain('--last'))
  assert.equal(decision.verdict, 'allowed')
  assert.equal(decision.because.kind, 'statements')
  assert.deepEqual(
    decision.because.statements?.map(({ layer, statement }) => [layer, statement.sid]),
    [
      ['resource', 'Enable IAM User Permissions'],
      ['identity', 'May'],
    ],
  )
  assert.equal(decision.message, undefined)
  assert.ok(decision.policies?.every(({ statements }) => statements.length > 0))
})

test('a grant that allows is named, and one that does not says why', async () => {
  await give(may('kms:ListKeys'))
  const { GrantId } = await kms.send(
    new CreateGrantCommand({
      KeyId,
      GranteePrincipal: bob,
      Operations: ['Encrypt'],
      Constraints: { EncryptionContextSubset: { app: 'a' } },
    }),
  )
  const encrypt = (EncryptionContext: Record<string, string>) =>
    bobs.send(new EncryptCommand({ KeyId, Plaintext, EncryptionContext }))
  await encrypt({ app: 'a', more: 'b' })
  assert.deepEqual(onlyDecision(await explain('--last')).because, {
    kind: 'grant',
    grantId: GrantId,
  })
  const refused = onlyDecision(await explain(await refusedRequest(encrypt({ app: 'b' }))))
  assert.deepEqual(refused.grants, [{ grantId: GrantId, applies: false, failed: 'constraint' }])
})

test('an explicit deny is what decided, whatever allows', async () => {
  const statement = {
    Sid: 'NotBob',
    Effect: 'Deny',
    Principal: { AWS: bob },
    Action: 'kms:Encrypt',
    Resource: '*',
  }
  const { KeyMetadata: made } = await kms.send(new CreateKeyCommand({}))
  const id = made?.KeyId ?? ''
  const whole = { Effect: 'Allow', Principal: { AWS: account }, Action: 'kms:*', Resource: '*' }
  await kms.send(new PutKeyPolicyCommand({ KeyId: id, Policy: policy(whole, statement) }))
  await give(may('kms:*'))
  const call = bobs.send(new EncryptCommand({ KeyId: id, Plaintext }))
  const { because } = onlyDecision(await explain(await refusedRequest(call)))
  assert.equal(because.kind, 'explicitDeny')
  assert.equal(because.statements?.[0]?.statement.sid, 'NotBob')
  assert.equal(because.statements[0].layer, 'resource')
})

test('a refusal by a session policy, and one by a boundary, name the layer and show its statements', async () => {
  const RoleName = 'Limited'
  await iam.createRole({
    RoleName,
    AssumeRolePolicyDocument: policy({
      Effect: 'Allow',
      Principal: { AWS: bob },
      Action: 'sts:AssumeRole',
    }),
  })
  const own = { RoleName, PolicyName: 'own', PolicyDocument: policy(may('kms:*', { Sid: 'Own' })) }
  await iam.putRolePolicy(own)
  const sts = new STS({ endpoint, region: 'us-east-1', credentials: bobs.config.credentials })
  const { Credentials: given } = await sts.assumeRole({
    RoleArn: `arn:aws:iam::${account}:role/${RoleName}`,
    RoleSessionName: 'one',
    Policy: policy(may('kms:Encrypt', { Sid: 'EncryptAlone' })),
  })
  const session = new KMSClient({
    endpoint,
    region: 'us-east-1',
    maxAttempts: 1,
    credentials: {
      accessKeyId: given?.AccessKeyId ?? '',
      secretAccessKey: given?.SecretAccessKey ?? '',
      sessionToken: given?.SessionToken ?? '',
    },
  })
  const encrypt = () => session.send(new EncryptCommand({ KeyId, Plaintext }))
  const { CiphertextBlob } = await encrypt()
  const decrypt = session.send(new DecryptCommand({ CiphertextBlob, KeyId }))
  const explained = await explain(await refusedRequest(decrypt))
  const arn = `arn:aws:sts::${account}:assumed-role/${RoleName}/one`
  assert.equal(explained.principal.arn, arn)
  const bySession = onlyDecision(explained)
  assert.deepEqual(bySession.because, { kind: 'noAllow', layer: 'session' })
  const start = `User: ${arn} is not authorized to perform: kms`
  assert.equal(
    bySession.message,
    `${start}:Decrypt on resource: ${KeyId} because no session policy allows the kms:Decrypt action`,
  )
  const shown = ({ policies }: ExplainedDecision, layer: string) =>
    policies
      ?.filter((each) => each.layer === layer)
      .flatMap(({ statements }) => statements.map(({ sid, applies }) => [sid, applies]))
  assert.deepEqual(shown(bySession, 'session'), [['EncryptAlone', false]])
  assert.deepEqual(shown(bySession, 'identity'), [['Own', true]])
  assert.deepEqual(bySession.context['aws:principalarn'], [
    `arn:aws:iam::${account}:role/${RoleName}`,
  ])

  const { Policy } = await iam.createPolicy({
    PolicyName: 'Boundary',
    PolicyDocument: policy(may('kms:Decrypt', { Sid: 'DecryptAlone' })),
  })
  await iam.putRolePermissionsBoundary({ RoleName, PermissionsBoundary: Policy?.Arn })
  const byBoundary = onlyDecision(await explain(await refusedRequest(encrypt())))
  assert.deepEqual(byBoundary.because, { kind: 'noAllow', layer: 'boundary' })
  assert.equal(
    byBoundary.message,
    `${start}:Encrypt on resource: ${KeyId} because no permissions boundary allows the kms:Encrypt action`,
  )
  assert.deepEqual(shown(byBoundary, 'boundary'), [['DecryptAlone', false]])
  assert.deepEqual(shown(byBoundary, 'session'), [['EncryptAlone', true]])
  const { stdout } = await runTrent(['explain', '--last', '--data', data])
  assert.match(stdout, /boundary/)
  assert.ok(!stdout.includes(given?.SessionToken ?? ''))
})

test('calls of IAM are explained as well', async () => {
  await give(may('iam:GetUser', { Sid: 'Self', Resource: 'arn:aws:iam::*:user/other' }))
  const own = new IAM({ endpoint, region: 'us-east-1', credentials: bobs.config.credentials })
  const error = await own.getUser({ UserName: 'Bob' }).then(
    () => assert.fail('not refused'),
    (reason: unknown) => reason as { $metadata: { requestId?: string } },
  )
  own.destroy()
  const { decisions, operation } = await explain(error.$metadata.requestId ?? '')
  assert.equal(operation, 'GetUser')
  assert.equal(decisions[0]?.action, 'iam:GetUser')
  assert.equal(decisions[0].resource, bob)
  assert.deepEqual(decisions[0].context['aws:username'], ['Bob'])
  assert.equal(decisions[0].policies?.[0]?.statements[0]?.applies, false)
})

test('for people, a decision reads from the verdict down to each element', async () => {
  await give(may('kms:Decrypt', { Sid: 'Elsewhere' }))
  const requestId = await refusedRequest(bobs.send(new ListKeysCommand({})))
  const { code, stdout } = await runTrent(['explain', requestId, '--data', data])
  assert.equal(code, 0)
  assert.match(stdout, new RegExp(`^request    ${requestId}\n`))
  assert.match(
    stdout,
    /\nDENIED {2}kms:ListKeys on \*\n {2}because nothing allows it: no identity-based policy\n/,
  )
  assert.match(
    stdout,
    /\n {4}statement 0 "Elsewhere" Allow: does not apply\n {6}no {3}Action: wants kms:Decrypt; has kms:ListKeys\n/,
  )
})

test('a request that is not known, and two ways to name one, are said so', async () => {
  for (const [args, text] of [
    [['00000000-0000-0000-0000-000000000000'], /nothing is kept of the request/],
    [[], /name a request id, or give --last/],
    [['x', '--last'], /name a request id, or give --last/],
  ] as const) {
    const { code, stderr } = await runTrent(['explain', ...args, '--data', data])
    assert.equal(code, 1)
    assert.match(stderr, text)
  }
})

test('a simulation asks the same gate without a request: for a user, a role, its session and the root user', async () => {
  await give(
    may('kms:Encrypt', { Condition: { StringEquals: { 'kms:EncryptionContext:app': 'x' } } }),
  )
  await iam.putRolePolicy({
    RoleName: 'App',
    PolicyName: 'own',
    PolicyDocument: policy(
      may('kms:Decrypt', { Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }),
    ),
  })
  await kms.send(new CreateAliasCommand({ AliasName: 'alias/app', TargetKeyId: KeyId }))
  const role = `arn:aws:iam::${account}:role/App`
  const session = `arn:aws:sts::${account}:assumed-role/App/one`
  const ip = ['--context', 'aws:SourceIp=10.1.1.1']
  for (const [principal, action, rest, verdict] of [
    [bob, 'kms:Encrypt', ['--key', KeyId, '--context', 'kms:EncryptionContext:app=x'], 'allowed'],
    [bob, 'Encrypt', ['--key', 'alias/app', '--context', 'kms:EncryptionContext:app=y'], 'denied'],
    [bob, 'kms:Encrypt', ['--key', KeyId], 'denied'],
    [bob, 'kms:ListKeys', [], 'denied'],
    [role, 'kms:Decrypt', ['--key', KeyId, ...ip], 'allowed'],
    [role, 'kms:Decrypt', ['--key', KeyId], 'denied'],
    [session, 'kms:Decrypt', ['--key', KeyId, ...ip], 'allowed'],
    [`arn:aws:iam::${account}:root`, 'kms:ScheduleKeyDeletion', ['--key', KeyId], 'allowed'],
    [`arn:aws:iam::${account}:root`, 'kms:CreateKey', [], 'allowed'],
  ] as const) {
    const decision = await simulate('--principal', principal, '--action', action, ...rest)
    assert.equal(decision.verdict, verdict, `${principal} ${action} ${rest.join(' ')}`)
    assert.ok(decision.policies !== undefined)
    assert.equal(decision.resource, rest.length === 0 ? '*' : KeyId)
  }
  const { context } = await simulate(
    '--principal',
    session,
    '--action',
    'Decrypt',
    '--key',
    'alias/app',
  )
  assert.deepEqual(context['kms:requestalias'], ['alias/app'])
  assert.deepEqual(context['aws:principalarn'], [role])
})

test('a simulation changes nothing and stands in no record', async () => {
  // Whoever asks for what is not in memory has the rest written first.
  await runTrent(['explain', 'unknown', '--data', data])
  const before = readFileSync(join(data, 'decisions', 'decisions.jsonl'), 'utf8')
  await simulate('--principal', bob, '--action', 'kms:DisableKey', '--key', KeyId)
  assert.equal(readFileSync(join(data, 'decisions', 'decisions.jsonl'), 'utf8'), before)
})

test('a simulation of nobody, of no key and of no action is refused with a hint', async () => {
  const action = ['--action', 'kms:Encrypt']
  for (const [args, text] of [
    [
      ['--principal', `arn:aws:iam::${account}:user/Nobody`, ...action],
      /does not refer to a valid principal/,
    ],
    [['--principal', 'Bob', ...action], /does not refer to a valid principal/],
    [['--principal', bob, ...action, '--key', 'alias/none'], /is not found/],
    [['--principal', bob, '--action', 's3:GetObject'], /is no action of kms/],
    [['--principal', bob, ...action, '--region', 'mars-1'], /no region served here/],
    [['--principal', bob, ...action, '--context', 'novalue'], /is not <condition key>=<value>/],
    [['--action', 'kms:Encrypt'], /--principal/],
  ] as const) {
    const { code, stderr } = await runTrent(['simulate', ...args, '--data', data])
    assert.notEqual(code, 0)
    assert.match(stderr, text)
  }
})

test('what was decided is there without the server: refusals whole, allows by what decided; nothing secret is', async () => {
  await give(may('kms:Encrypt'), may('kms:Decrypt', { Resource: `${KeyId}x` }))
  const { CiphertextBlob, $metadata } = await bobs.send(new EncryptCommand({ KeyId, Plaintext }))
  const denied = await refusedRequest(bobs.send(new DecryptCommand({ CiphertextBlob })))
  server.signal('SIGTERM')
  await server.finished
  const allowed = onlyDecision(await explain($metadata.requestId ?? ''))
  assert.equal(allowed.verdict, 'allowed')
  assert.equal(allowed.policies, undefined)
  assert.equal(allowed.because.statements?.length, 2)
  assert.deepEqual(allowed.context['aws:principaltag/team'], ['red'])
  const refusal = onlyDecision(await explain('--last'))
  assert.deepEqual(refusal, onlyDecision(await explain(denied)))
  assert.ok(refusal.policies?.some(({ statements }) => statements.some(({ applies }) => !applies)))
  const { stdout } = await runTrent(['explain', $metadata.requestId ?? '', '--data', data])
  assert.match(stdout, /the statements that did not decide were not kept/)
  const kept = readFileSync(join(data, 'decisions', 'decisions.jsonl'), 'utf8')
  for (const secret of [
    Plaintext.toString(),
    Plaintext.toString('base64'),
    Buffer.from(CiphertextBlob ?? []).toString('base64'),
    AccessKey?.SecretAccessKey ?? '',
  ]) {
    assert.ok(secret !== '' && !kept.includes(secret))
  }
})
