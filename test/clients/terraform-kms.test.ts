/**
 * What Terraform's AWS provider asks of KMS, IAM and STS together, call by call in its order: start-up, a role and its
 * policy, a key whose policy names the role, alias and grant; then refresh, update and destroy. The provider acts by a role
 * of its own, as its `assume_role` says.
 */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { KMS, KMSServiceException, type KeyMetadata } from '@aws-sdk/client-kms'
import { allowing, iamClient, policyOf, refusedByIam, trusting } from '../support/iam.ts'
import { startService } from '../support/service.ts'
import { makeRole, makeUser, stsClient, taken } from '../support/sts.ts'

const trent = await startService({ regions: ['eu-central-1', 'us-east-1'] })
const region = 'eu-central-1'
const account = trent.accountId

/** The user of the configuration, and the role that the provider assumes. */
const user = await makeUser(trent, 'terraform', { policy: allowing('sts:AssumeRole') })
const deployer = await makeRole(trent, 'Deployer', {
  trust: [{ principal: { AWS: user.arn } }],
  policy: allowing('kms:*', 'iam:*'),
})
const assumed = await stsClient(trent, { credentials: user.credentials, region }).assumeRole({
  RoleArn: deployer.arn,
  RoleSessionName: 'aws-go-sdk-1700000000000000000',
  DurationSeconds: 900,
})
const credentials = taken(assumed.Credentials)
const iam = iamClient(trent, { credentials, region })
const kms = kmsFor(credentials)

const RoleName = 'app'
const roleArn = `arn:aws:iam::${account}:role/${RoleName}`
const named = { RoleName }
const AliasName = 'alias/app'
const decoded = (text: string | undefined) => decodeURIComponent(text ?? '')
const gone = (call: Promise<unknown>) => refusedByIam(call, [404, 'NoSuchEntity', /./])
/** What the provider keeps in its state. */
const state = { keyId: '', keyArn: '', grantId: '' }

function kmsFor(of: ReturnType<typeof taken>): KMS {
  const { endpoint } = trent
  const client = new KMS({ endpoint, region, credentials: of, maxAttempts: 1 })
  after(() => {
    client.destroy()
  })
  return client
}

const keyPolicy = (Sid: string): string =>
  policyOf(
    {
      Sid: 'Root',
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${account}:root` },
      Action: 'kms:*',
      Resource: '*',
    },
    {
      Sid,
      Effect: 'Allow',
      Principal: { AWS: roleArn },
      Action: ['kms:Encrypt', 'kms:Decrypt'],
      Resource: '*',
    },
  )

/** The same, as the provider compares policies: by meaning. */
async function storedPolicy(): Promise<unknown> {
  const { Policy = '' } = await kms.getKeyPolicy({ KeyId: state.keyId, PolicyName: 'default' })
  return JSON.parse(Policy)
}

/** The provider waits until a read was the same several times in a row. */
async function steadily<Value>(times: number, read: () => Promise<Value>): Promise<Value> {
  const first = await read()
  for (let time = 1; time < times; time += 1) assert.deepEqual(await read(), first)
  return first
}

/** The read of aws_kms_key. */
async function readKey() {
  const KeyId = state.keyId
  const { KeyMetadata: metadata } = await kms.describeKey({ KeyId })
  const policy = await storedPolicy()
  assert.equal(metadata?.Origin, 'AWS_KMS')
  const rotation = await kms.getKeyRotationStatus({ KeyId })
  const { Tags } = await kms.listResourceTags({ KeyId })
  return { metadata, policy, rotation, tags: Tags }
}

/** The read of aws_kms_alias: all pages of the list, by name. */
async function readAlias() {
  for (let Marker: string | undefined; ; ) {
    const page = await kms.listAliases({ Limit: 100, ...(Marker && { Marker }) })
    const found = page.Aliases?.find((alias) => alias.AliasName === AliasName)
    if (found !== undefined || page.NextMarker === undefined) return found
    Marker = page.NextMarker
  }
}

/** The read of aws_kms_grant. */
async function readGrant() {
  const { Grants, Truncated } = await kms.listGrants({ KeyId: state.keyId, Limit: 100 })
  assert.equal(Truncated, false)
  return Grants?.find(({ GrantId }) => GrantId === state.grantId)
}

/** The read of aws_iam_role, and of its aws_iam_role_policy. */
async function readRole() {
  const { Role } = await iam.getRole(named)
  const { PolicyNames } = await iam.listRolePolicies(named)
  const { PolicyDocument } = await iam.getRolePolicy({ ...named, PolicyName: 'use' })
  assert.deepEqual((await iam.listAttachedRolePolicies(named)).AttachedPolicies, [])
  return { role: Role, names: PolicyNames, document: decoded(PolicyDocument) }
}

test('start-up: the session is known by GetCallerIdentity, whose ARN tells account and partition', async () => {
  const me = await stsClient(trent, { credentials, region }).getCallerIdentity({})
  const [, partition, , , owner] = me.Arn?.split(':') ?? []
  assert.deepEqual([partition, owner, me.Account], ['aws', account, account])
  assert.match(me.Arn ?? '', /:assumed-role\/Deployer\/aws-go-sdk-\d+$/)
})

test('start-up without credential validation: a session is no user, and its roles are asked instead', async () => {
  await refusedByIam(iam.getUser({}), [
    400,
    'ValidationError',
    'Must specify userName when calling with non-User credentials',
  ])
  await stsClient(trent, { credentials, region }).getCallerIdentity({})
  const { Roles } = await iam.listRoles({ MaxItems: 1 })
  assert.equal(Roles?.[0]?.Arn, deployer.arn)
})

test('create: a key whose policy names a role that is not there yet is refused as the provider retries it', async () => {
  const refusal = await kms
    .createKey({
      KeySpec: 'SYMMETRIC_DEFAULT',
      KeyUsage: 'ENCRYPT_DECRYPT',
      Policy: keyPolicy('Use'),
    })
    .catch((error: unknown) => error)
  assert.ok(refusal instanceof KMSServiceException)
  assert.equal(refusal.name, 'MalformedPolicyDocumentException')
})

test('create: aws_iam_role', async () => {
  await iam.createRole({
    ...named,
    AssumeRolePolicyDocument: trusting(account),
    Path: '/',
    MaxSessionDuration: 3600,
    Tags: [{ Key: 'env', Value: 'a' }],
  })
  const { Role } = await iam.getRole(named)
  assert.equal(Role?.Arn, roleArn)
  assert.equal(decoded(Role.AssumeRolePolicyDocument), trusting(account))
})

test('create: aws_kms_key with rotation, policy and tags', async () => {
  const { KeyMetadata: made } = await kms.createKey({
    KeySpec: 'SYMMETRIC_DEFAULT',
    KeyUsage: 'ENCRYPT_DECRYPT',
    Description: 'of the app',
    Policy: keyPolicy('Use'),
    Tags: [{ TagKey: 'env', TagValue: 'a' }],
  })
  Object.assign(state, { keyId: made?.KeyId ?? '', keyArn: made?.Arn ?? '' })
  const KeyId = state.keyId
  await kms.enableKeyRotation({ KeyId, RotationPeriodInDays: 180 })
  const status = await steadily(5, async () => {
    const { KeyRotationEnabled, RotationPeriodInDays } = await kms.getKeyRotationStatus({ KeyId })
    return { KeyRotationEnabled, RotationPeriodInDays }
  })
  assert.deepEqual(status, { KeyRotationEnabled: true, RotationPeriodInDays: 180 })
  assert.deepEqual(await steadily(5, storedPolicy), JSON.parse(keyPolicy('Use')))
  const { Tags } = await kms.listResourceTags({ KeyId })
  assert.deepEqual(Tags, [{ TagKey: 'env', TagValue: 'a' }])
  const { metadata } = await readKey()
  assert.deepEqual([metadata?.Description, metadata?.KeyState], ['of the app', 'Enabled'])
})

test('create: aws_kms_alias', async () => {
  await kms.createAlias({ AliasName, TargetKeyId: state.keyId })
  const alias = await readAlias()
  assert.equal(alias?.TargetKeyId, state.keyId)
  assert.equal(alias.AliasArn, `arn:aws:kms:${region}:${account}:${AliasName}`)
  const { KeyMetadata: data } = await kms.describeKey({ KeyId: AliasName })
  assert.equal(data?.Arn, state.keyArn)
})

test('create: aws_kms_grant to the role', async () => {
  const { GrantId = '' } = await kms.createGrant({
    KeyId: state.keyId,
    GranteePrincipal: roleArn,
    Operations: ['GenerateDataKey', 'DescribeKey'],
    Name: 'app',
  })
  state.grantId = GrantId
  const grant = await readGrant()
  assert.deepEqual(
    [grant?.GranteePrincipal, grant?.Name, grant?.Operations?.toSorted()],
    [roleArn, 'app', ['DescribeKey', 'GenerateDataKey']],
  )
})

test('create: aws_iam_role_policy', async () => {
  const PolicyDocument = allowing('kms:ListAliases')
  await iam.putRolePolicy({ ...named, PolicyName: 'use', PolicyDocument })
  const { names, document } = await readRole()
  assert.deepEqual([names, document], [['use'], PolicyDocument])
})

test('what was created works: the role uses the key by policy and by grant', async () => {
  const sts = stsClient(trent, { credentials: user.credentials, region })
  const { Credentials: given } = await sts.assumeRole({
    RoleArn: roleArn,
    RoleSessionName: 'app-1',
  })
  const app = kmsFor(taken(given))
  const { CiphertextBlob } = await app.encrypt({
    KeyId: AliasName,
    Plaintext: Buffer.from('x'),
  })
  const { Plaintext } = await app.decrypt({ CiphertextBlob })
  assert.equal(Buffer.from(Plaintext ?? []).toString(), 'x')
  const dataKey = await app.generateDataKey({ KeyId: state.keyArn, KeySpec: 'AES_256' })
  assert.equal(dataKey.KeyId, state.keyArn)
  assert.ok((await app.listAliases({})).Aliases?.some((alias) => alias.AliasName === AliasName))
  await assert.rejects(app.listKeys({}), {
    name: 'AccessDeniedException',
    message: `User: arn:aws:sts::${account}:assumed-role/app/app-1 is not authorized to perform: kms:ListKeys because no identity-based policy allows the kms:ListKeys action`,
  })
})

test('refresh: every read is as it was, twice', async () => {
  const read = async () => {
    const { metadata, policy, rotation, tags } = await readKey()
    const { role, names, document } = await readRole()
    const [alias, grant] = [await readAlias(), await readGrant()]
    const ofKey = { metadata, policy, period: rotation.RotationPeriodInDays, tags }
    return { ...ofKey, alias, grant, role, names, document }
  }
  await steadily(2, read)
})

test('update: aws_kms_key, its description, policy, rotation, tags and state', async () => {
  const KeyId = state.keyId
  const described = async (): Promise<KeyMetadata | undefined> =>
    (await kms.describeKey({ KeyId })).KeyMetadata
  await kms.disableKeyRotation({ KeyId })
  await kms.updateKeyDescription({ KeyId, Description: 'of another app' })
  const { Description } = (await steadily(5, described)) ?? {}
  assert.equal(Description, 'of another app')
  await kms.putKeyPolicy({ KeyId, PolicyName: 'default', Policy: keyPolicy('UseIt') })
  assert.deepEqual(await steadily(5, storedPolicy), JSON.parse(keyPolicy('UseIt')))
  await kms.untagResource({ KeyId, TagKeys: ['env'] })
  await kms.tagResource({ KeyId, Tags: [{ TagKey: 'stage', TagValue: 'b' }] })
  await kms.disableKey({ KeyId })
  assert.equal((await steadily(15, described))?.Enabled, false)
  const { metadata, rotation, tags } = await readKey()
  assert.deepEqual([metadata?.KeyState, rotation.KeyRotationEnabled], ['Disabled', false])
  assert.deepEqual(tags, [{ TagKey: 'stage', TagValue: 'b' }])
  await kms.enableKey({ KeyId })
  assert.equal((await steadily(15, described))?.Enabled, true)
})

test('update: aws_kms_alias to another key and back, aws_iam_role and its policy', async () => {
  const { KeyMetadata: other } = await kms.createKey({})
  for (const target of [other?.KeyId, state.keyId]) {
    await kms.updateAlias({ AliasName, TargetKeyId: target })
    assert.equal((await readAlias())?.TargetKeyId, target)
  }
  await kms.scheduleKeyDeletion({ KeyId: other?.KeyId })
  const PolicyDocument = allowing('kms:ListKeys')
  await iam.putRolePolicy({ ...named, PolicyName: 'use', PolicyDocument })
  await iam.updateRole({ ...named, MaxSessionDuration: 7200 })
  await iam.untagRole({ ...named, TagKeys: ['env'] })
  const { role, document } = await readRole()
  assert.deepEqual([role?.MaxSessionDuration, document], [7200, PolicyDocument])
  assert.equal(role?.Tags, undefined)
})

test('drift: a role that is replaced shows in the key policy by its unique id, and the update mends it', async () => {
  const { Role: before } = await iam.getRole(named)
  await iam.deleteRolePolicy({ ...named, PolicyName: 'use' })
  await iam.deleteRole(named)
  await iam.createRole({ ...named, AssumeRolePolicyDocument: trusting(account), Path: '/' })
  const drifted = JSON.parse(keyPolicy('UseIt').replace(roleArn, before?.RoleId ?? '')) as unknown
  assert.deepEqual(await storedPolicy(), drifted)
  const Policy = keyPolicy('UseIt')
  await kms.putKeyPolicy({ KeyId: state.keyId, PolicyName: 'default', Policy })
  assert.deepEqual(await steadily(5, storedPolicy), JSON.parse(Policy))
})

test('destroy: grant, alias, key and role, in the order of what leans on what', async () => {
  const KeyId = state.keyId
  await kms.revokeGrant({ KeyId, GrantId: state.grantId })
  assert.equal(await readGrant(), undefined)
  // With retire_on_delete the provider retires, by the key id as it is configured.
  const { GrantId = '' } = await kms.createGrant({
    KeyId,
    GranteePrincipal: roleArn,
    Operations: ['Decrypt'],
  })
  state.grantId = GrantId
  assert.equal((await readGrant())?.GranteePrincipal, roleArn)
  await kms.retireGrant({ KeyId, GrantId })
  assert.equal(await readGrant(), undefined)
  await kms.deleteAlias({ AliasName })
  assert.equal(await readAlias(), undefined)
  await assert.rejects(kms.deleteAlias({ AliasName }), { name: 'NotFoundException' })

  await kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 })
  const { KeyMetadata: pending } = await kms.describeKey({ KeyId })
  assert.equal(pending?.KeyState, 'PendingDeletion')
  await assert.rejects(kms.scheduleKeyDeletion({ KeyId }), {
    name: 'KMSInvalidStateException',
    message: `${state.keyArn} is pending deletion.`,
  })

  assert.deepEqual((await iam.listInstanceProfilesForRole(named)).InstanceProfiles, [])
  await iam.deleteRole(named)
  await gone(iam.getRole(named))
  await gone(iam.listInstanceProfilesForRole(named))
})
