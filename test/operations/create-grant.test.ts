import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  CreateGrantCommand,
  type CreateGrantCommandInput,
  type CreateKeyCommandInput,
  GrantOperation,
  type KMSClient,
  ListGrantsCommand,
  ReplicateKeyCommand,
  RevokeGrantCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import { grantIdsOn, grantsOn, makeGrant, rootOf } from '../support/granting.ts'
import { makeExternalKey } from '../support/importing.ts'
import {
  testAwsManagedKey,
  testForeignKeys,
  testKeyIdForms,
  testKeyIdShape,
  testNoAliases,
} from '../support/key-id.ts'
import {
  absentId,
  arnOf,
  day,
  makeDisabledKey,
  makeKey,
  makePendingKey,
} from '../support/made-keys.ts'
import { recordOf, recordOfRefused, resource } from '../support/record.ts'
import { dryRun, violated } from '../support/sentences.ts'
import { refused, startService } from '../support/service.ts'

const trent = await startService()
const kms = trent.client()
const other = await trent.createAccount()
const key = await makeKey(kms)
const me = rootOf(trent.accountId)
const them = rootOf(other.accountId)
const create = (input: Partial<CreateGrantCommandInput>, client = kms) =>
  client.send(
    new CreateGrantCommand({
      KeyId: key.KeyId,
      GranteePrincipal: them,
      Operations: ['Decrypt'],
      ...input,
    }),
  )
const send = (client: KMSClient, KeyId: string | undefined) => create({ KeyId }, client)
const member = { trent, operation: 'CreateGrant', send }
const invalid = (input: Partial<CreateGrantCommandInput>, text: string) =>
  refused(create(input), 'ValidationException', text)
const sourceArn = `arn:aws:s3:us-east-1:${trent.accountId}:bucket`

testKeyIdShape(member)

test('CreateGrant: missing operations are a ValidationException', () =>
  invalid({ Operations: undefined }, violated("null at 'operations': not be null")))

const printed =
  'Decrypt, Encrypt, GenerateDataKey, GenerateDataKeyWithoutPlaintext, ReEncryptFrom, ReEncryptTo, Sign, Verify, GetPublicKey, CreateGrant, RetireGrant, DescribeKey, GenerateDataKeyPair, GenerateDataKeyPairWithoutPlaintext, GenerateMac, VerifyMac, DeriveSharedSecret, Encapsulate, Decapsulate'

test('CreateGrant: an operation that is none is refused at the list', () =>
  invalid(
    { Operations: ['Decrypt', 'ListGrants' as 'Decrypt'] },
    violated(
      `'[Decrypt, ListGrants]' at 'operations': satisfy constraint: [Member must satisfy enum value set: [${printed}]]`,
    ),
  ))

test('CreateGrant: a principal has up to 256 characters of those that ARNs have', async () => {
  const pattern = String.raw`satisfy regular expression pattern: ^[\w+=,.@:/-]+$`
  const long = 'p'.repeat(257)
  for (const [name, label] of [
    ['GranteePrincipal', 'granteePrincipal'],
    ['RetiringPrincipal', 'retiringPrincipal'],
  ] as const) {
    await invalid({ [name]: 'a b' }, violated(`'a b' at '${label}': ${pattern}`))
    await invalid({ [name]: '*' }, violated(`'*' at '${label}': ${pattern}`))
    await invalid(
      { [name]: long },
      violated(`'${long}' at '${label}': have length less than or equal to 256`),
    )
  }
})

test('CreateGrant: a service principal has two dots at least', async () => {
  const pattern = String.raw`satisfy regular expression pattern: ^([A-Za-z0-9\-]+)\.([A-Za-z0-9\-]+)(\.[A-Za-z0-9\-]+)+$`
  for (const [name, label] of [
    ['GranteeServicePrincipal', 'granteeServicePrincipal'],
    ['RetiringServicePrincipal', 'retiringServicePrincipal'],
  ] as const) {
    await invalid(
      { [name]: 'amazonaws.com' },
      violated(`'amazonaws.com' at '${label}': ${pattern}`),
    )
  }
})

test('CreateGrant: a name has up to 256 of few characters', async () => {
  await invalid(
    { Name: 'a.b' },
    violated("'a.b' at 'name': satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$"),
  )
  const long = 'n'.repeat(257)
  await invalid(
    { Name: long },
    violated(`'${long}' at 'name': have length less than or equal to 256`),
  )
})

test('CreateGrant: a SourceArn is an ARN with an account', async () => {
  await invalid(
    { Constraints: { SourceArn: 'arn:aws:s3:::bucket-name' } },
    violated(
      "'arn:aws:s3:::bucket-name' at 'constraints.sourceArn': satisfy regular expression pattern: ^arn:aws[a-z0-9-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:.+$",
    ),
  )
  const long = `${sourceArn}/`.padEnd(513, 'x')
  await invalid(
    { Constraints: { SourceArn: long } },
    violated(`'${long}' at 'constraints.sourceArn': have length less than or equal to 512`),
  )
})

testKeyIdForms(member)
testNoAliases(member)
testForeignKeys(member)
testAwsManagedKey(member)

test('CreateGrant: a key that does not exist is told before anything is said of the grant', () =>
  refused(
    create({ KeyId: absentId, GranteePrincipal: 'nobody', Operations: [] }),
    'NotFoundException',
    `Key '${arnOf(trent.accountId, `key/${absentId}`)}' does not exist`,
  ))

test('CreateGrant: a disabled key is DisabledException', async () => {
  const { KeyId, Arn } = await makeDisabledKey(kms)
  await refused(create({ KeyId }), 'DisabledException', `${Arn} is disabled.`)
})

test('CreateGrant: a key pending deletion is KMSInvalidStateException', async () => {
  const { KeyId, Arn } = await makePendingKey(kms)
  await refused(create({ KeyId }), 'KMSInvalidStateException', `${Arn} is pending deletion.`)
})

test('CreateGrant: a key without its imported material is KMSInvalidStateException', async () => {
  const { KeyId, Arn } = await makeExternalKey(kms)
  await refused(create({ KeyId }), 'KMSInvalidStateException', `${Arn} is pending import.`)
})

test('CreateGrant: a primary key that waits for its replicas is KMSInvalidStateException', async () => {
  const { KeyId, Arn } = await makeKey(kms, { MultiRegion: true })
  await kms.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: 'eu-west-1' }))
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }))
  await refused(
    create({ KeyId }),
    'KMSInvalidStateException',
    `${Arn} is pending replica deletion.`,
  )
})

test('CreateGrant: the state of the key is told before what is wrong with the grant', async () => {
  const { KeyId, Arn } = await makeDisabledKey(kms)
  await refused(
    create({ KeyId, Operations: ['Sign'], GranteePrincipal: 'nobody' }),
    'DisabledException',
    `${Arn} is disabled.`,
  )
})

test('CreateGrant: either a GranteePrincipal or a GranteeServicePrincipal', async () => {
  const text = 'You must specify either GranteePrincipal or GranteeServicePrincipal, but not both.'
  await invalid({ GranteePrincipal: undefined }, text)
  await invalid({ GranteeServicePrincipal: 's3.us-east-1.amazonaws.com' }, text)
})

test('CreateGrant: not both a RetiringPrincipal and a RetiringServicePrincipal', () =>
  invalid(
    { RetiringPrincipal: me, RetiringServicePrincipal: 's3.us-east-1.amazonaws.com' },
    'You can specify either RetiringPrincipal or RetiringServicePrincipal, but not both.',
  ))

test('CreateGrant: a service as grantee asks for a SourceArn and for somebody who retires', async () => {
  const service = {
    GranteePrincipal: undefined,
    GranteeServicePrincipal: 's3.us-east-1.amazonaws.com',
  }
  await invalid(
    { ...service, RetiringPrincipal: me },
    'When you specify a GranteeServicePrincipal, you must also specify a SourceArn grant constraint.',
  )
  await invalid(
    { ...service, Constraints: { SourceArn: sourceArn } },
    'When you specify a GranteeServicePrincipal, you must also specify either a RetiringPrincipal or a RetiringServicePrincipal.',
  )
  for (const retiring of [
    { RetiringPrincipal: me },
    { RetiringServicePrincipal: 'ec2.us-east-1.amazonaws.com' },
  ]) {
    const { KeyId } = await makeKey(kms)
    const { GrantId } = await create({
      KeyId,
      ...service,
      ...retiring,
      Constraints: { SourceArn: sourceArn },
    })
    const [grant] = await grantsOn(kms, KeyId)
    assert.equal(grant?.GrantId, GrantId)
    assert.equal(grant?.GranteePrincipal, undefined)
    assert.equal(grant?.GranteeServicePrincipal, service.GranteeServicePrincipal)
    assert.deepEqual(grant?.Constraints, { SourceArn: sourceArn })
    assert.equal(grant?.RetiringPrincipal, 'RetiringPrincipal' in retiring ? me : undefined)
    assert.equal(
      grant?.RetiringServicePrincipal,
      'RetiringPrincipal' in retiring ? undefined : retiring.RetiringServicePrincipal,
    )
  }
})

test('CreateGrant: no operation at all is a ValidationException', () =>
  invalid({ Operations: [] }, 'Operations must not be empty.'))

test('CreateGrant: CreateGrant cannot be the only operation', async () => {
  const text = 'Grants must not contain only the CreateGrant operation.'
  await invalid({ Operations: ['CreateGrant'] }, text)
  await invalid({ Operations: ['CreateGrant', 'CreateGrant'] }, text)
})

const always = ['CreateGrant', 'RetireGrant', 'DescribeKey'] as const
const encryption = ['Encrypt', 'Decrypt', 'ReEncryptFrom', 'ReEncryptTo'] as const
const dataKeys = [
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
] as const

/** Developer Guide, "Grant operations": what each type of key takes. */
const grantable: readonly (readonly [CreateKeyCommandInput, readonly GrantOperation[]])[] = [
  [{}, [...always, ...encryption, ...dataKeys]],
  [
    { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' },
    [...always, ...encryption, 'GetPublicKey'],
  ],
  [{ KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' }, [...always, 'Sign', 'Verify', 'GetPublicKey']],
  [
    { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' },
    [...always, 'Sign', 'Verify', 'GetPublicKey'],
  ],
  [
    { KeySpec: 'ML_DSA_44', KeyUsage: 'SIGN_VERIFY' },
    [...always, 'Sign', 'Verify', 'GetPublicKey'],
  ],
  [
    { KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' },
    [...always, 'DeriveSharedSecret', 'GetPublicKey'],
  ],
  [
    { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' },
    [...always, 'GenerateMac', 'VerifyMac'],
  ],
  [
    { KeySpec: 'ML_KEM_512', KeyUsage: 'ENCAPSULATE_DECAPSULATE' },
    [...always, 'Encapsulate', 'Decapsulate', 'GetPublicKey'],
  ],
]

test('CreateGrant: a key takes the operations of its type, each alone and all of them', async () => {
  for (const [input, operations] of grantable) {
    const { KeyId } = await makeKey(kms, input)
    for (const operation of operations.filter((each) => each !== 'CreateGrant')) {
      await create({ KeyId, Operations: [operation] })
    }
    const { GrantId } = await create({ KeyId, Operations: [...operations] })
    const { Grants } = await kms.send(new ListGrantsCommand({ KeyId, GrantId }))
    assert.deepEqual(Grants?.[0]?.Operations, operations)
  }
})

test('CreateGrant: a key refuses every other operation, alone and beside one that it takes', async () => {
  for (const [input, operations] of grantable) {
    const { KeyId, KeySpec, KeyUsage } = await makeKey(kms, input)
    const others = Object.values(GrantOperation).filter((each) => !operations.includes(each))
    assert.equal(others.length, 19 - operations.length)
    for (const operation of others) {
      for (const Operations of [[operation], ['DescribeKey', operation] as GrantOperation[]]) {
        await refused(
          create({ KeyId, Operations }),
          'ValidationException',
          `Grant operations [${operation}] are not supported for key spec ${KeySpec} and key usage ${KeyUsage}.`,
        )
      }
    }
    assert.deepEqual(await grantIdsOn(kms, KeyId), [])
  }
})

test('CreateGrant: an operation that is named twice is granted once', async () => {
  const { KeyId } = await makeKey(kms)
  await create({ KeyId, Operations: ['Decrypt', 'Encrypt', 'Decrypt'] })
  const [grant] = await grantsOn(kms, KeyId)
  assert.deepEqual(grant?.Operations, ['Decrypt', 'Encrypt'])
})

const pairs = (count: number, value = 'v') =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, value]))

test('CreateGrant: one encryption context constraint and no more', () =>
  invalid(
    {
      Constraints: { EncryptionContextEquals: { a: 'b' }, EncryptionContextSubset: { a: 'b' } },
    },
    'More than one constraint supplied',
  ))

test('CreateGrant: an empty map beside a constraint is none', async () => {
  const { KeyId } = await makeKey(kms)
  for (const [given, kept] of [
    [
      { EncryptionContextEquals: {}, EncryptionContextSubset: { a: 'b' } },
      'EncryptionContextSubset',
    ],
    [
      { EncryptionContextEquals: { a: 'b' }, EncryptionContextSubset: {} },
      'EncryptionContextEquals',
    ],
  ] as const) {
    const { GrantId } = await create({ KeyId, Constraints: given })
    const { Grants } = await kms.send(new ListGrantsCommand({ KeyId, GrantId }))
    assert.deepEqual(Grants?.[0]?.Constraints, { [kept]: { a: 'b' } })
  }
})

test('CreateGrant: no pairs are no constraint, but for an EncryptionContextEquals alone', async () => {
  const { KeyId } = await makeKey(kms)
  for (const [given, kept] of [
    [{}, undefined],
    [{ EncryptionContextSubset: {} }, undefined],
    [{ EncryptionContextEquals: {}, EncryptionContextSubset: {} }, undefined],
    [{ EncryptionContextEquals: {} }, { EncryptionContextEquals: {} }],
  ] as const) {
    const { GrantId } = await create({ KeyId, Constraints: given })
    const { Grants } = await kms.send(new ListGrantsCommand({ KeyId, GrantId }))
    assert.deepEqual(Grants?.[0]?.Constraints, kept)
  }
})

test('CreateGrant: a constraint has up to 8 pairs', async () => {
  for (const name of ['EncryptionContextEquals', 'EncryptionContextSubset'] as const) {
    await create({ Constraints: { [name]: pairs(8) } })
    await invalid(
      { Constraints: { [name]: pairs(9) } },
      'A grant constraint cannot have more than 8 encryption context pairs.',
    )
  }
})

test('CreateGrant: a value in a constraint has up to 384 characters', async () => {
  for (const name of ['EncryptionContextEquals', 'EncryptionContextSubset'] as const) {
    await create({ Constraints: { [name]: { a: 'ä'.repeat(384), b: '' } } })
    await invalid(
      { Constraints: { [name]: { b: '', a: 'a'.repeat(385) } } },
      'An encryption context value in a grant constraint cannot exceed 384 characters.',
    )
  }
})

test('CreateGrant: encryption context constraints are for symmetric encryption keys alone', async () => {
  for (const input of grantable.map(([each]) => each).filter(({ KeySpec }) => KeySpec)) {
    const { KeyId } = await makeKey(kms, input)
    for (const Constraints of [
      { EncryptionContextEquals: { a: 'b' } },
      { EncryptionContextSubset: { a: 'b' } },
      { EncryptionContextEquals: {} },
    ]) {
      await refused(
        create({ KeyId, Operations: ['DescribeKey'], Constraints }),
        'ValidationException',
        'Encryption context grant constraints are only supported for symmetric encryption KMS keys.',
      )
    }
    await create({ KeyId, Operations: ['DescribeKey'], Constraints: { SourceArn: sourceArn } })
    const [grant] = await grantsOn(kms, KeyId)
    assert.deepEqual(grant?.Constraints, { SourceArn: sourceArn })
  }
})

test('CreateGrant: constraints come back as they were given, whatever the keys', async () => {
  const { KeyId } = await makeKey(kms)
  const EncryptionContextSubset = JSON.parse(
    '{"__proto__":"p","constructor":"c","B":"1","b":"2","":"e","ü":"\\u0000"}',
  ) as Record<string, string>
  await create({ KeyId, Constraints: { EncryptionContextSubset, SourceArn: sourceArn } })
  const [grant] = await grantsOn(kms, KeyId)
  assert.deepEqual(
    new Map(Object.entries(grant?.Constraints?.EncryptionContextSubset ?? {})),
    new Map(Object.entries(EncryptionContextSubset)),
  )
})

test('CreateGrant: the principals must exist', async () => {
  const account = trent.accountId
  for (const principal of [
    'nobody',
    account,
    rootOf('999999999999'),
    `arn:aws-cn:iam::${account}:root`,
    `arn:aws:iam:us-east-1:${account}:root`,
    `arn:aws:kms::${account}:root`,
    `arn:aws:iam::${account}:user/Nobody`,
    `arn:aws:iam::${account}:role/Nobody`,
    `arn:aws:iam::${account}:group/Everybody`,
    `arn:aws:sts::${account}:assumed-role/Nobody/session`,
    `arn:aws:sts::${account}:assumed-role/Nobody`,
    's3.amazonaws.com',
  ]) {
    for (const input of [{ GranteePrincipal: principal }, { RetiringPrincipal: principal }]) {
      await refused(
        create(input),
        'InvalidArnException',
        `ARN does not refer to a valid principal: ${principal}`,
      )
    }
  }
})

test('CreateGrant: accounts and federated users of any account can be named', async () => {
  const { KeyId } = await makeKey(kms)
  const federated = `arn:aws:sts::${other.accountId}:federated-user/Bob`
  for (const principal of [me, them, federated]) {
    await create({ KeyId, GranteePrincipal: principal, RetiringPrincipal: principal })
  }
  const grants = await grantsOn(kms, KeyId)
  for (const name of ['GranteePrincipal', 'RetiringPrincipal'] as const) {
    assert.deepEqual(new Set(grants.map((grant) => grant[name])), new Set([me, them, federated]))
  }
})

test('CreateGrant: what is wrong with the grant is told in this order', async () => {
  const all = {
    GranteePrincipal: undefined,
    Operations: [],
    Constraints: { EncryptionContextEquals: { a: 'b' }, EncryptionContextSubset: { a: 'b' } },
    RetiringPrincipal: 'nobody',
  }
  await invalid(
    all,
    'You must specify either GranteePrincipal or GranteeServicePrincipal, but not both.',
  )
  const named = { ...all, GranteePrincipal: them }
  await invalid(named, 'Operations must not be empty.')
  const operating: Partial<CreateGrantCommandInput> = { ...named, Operations: ['Decrypt'] }
  await invalid(operating, 'More than one constraint supplied')
  await refused(
    create({ ...operating, Constraints: {} }),
    'InvalidArnException',
    'ARN does not refer to a valid principal: nobody',
  )
})

test('CreateGrant: ids are 64 hexadecimal digits, tokens url-safe base64, none the same', async () => {
  const { KeyId, Arn } = await makeKey(kms)
  const grants = [await create({ KeyId }), await create({ KeyId: Arn }), await create({ KeyId })]
  for (const { GrantId, GrantToken } of grants) {
    assert.match(String(GrantId), /^[0-9a-f]{64}$/)
    assert.match(String(GrantToken), /^[A-Za-z0-9_-]{1,8192}$/)
  }
  assert.equal(new Set(grants.flatMap(({ GrantId, GrantToken }) => [GrantId, GrantToken])).size, 6)
  assert.deepEqual(
    await grantIdsOn(kms, KeyId),
    grants.map(({ GrantId }) => String(GrantId)).sort(),
  )
})

test('CreateGrant: without a name every call makes a grant', async () => {
  const { KeyId } = await makeKey(kms)
  await create({ KeyId })
  await create({ KeyId })
  assert.equal((await grantIdsOn(kms, KeyId)).length, 2)
})

test('CreateGrant: the same name and parameters are the same grant, with another token', async () => {
  const { KeyId, Arn } = await makeKey(kms)
  const given: Partial<CreateGrantCommandInput> = {
    KeyId,
    Name: 'again',
    RetiringPrincipal: me,
    Operations: ['Encrypt', 'Decrypt'],
    Constraints: { EncryptionContextSubset: { a: '1', b: '2' } },
  }
  const first = await create(given)
  trent.turn(1000)
  for (const again of [
    given,
    { ...given, KeyId: Arn },
    { ...given, Operations: ['Decrypt', 'Encrypt', 'Decrypt'] },
    { ...given, Constraints: { EncryptionContextSubset: { b: '2', a: '1' } } },
    {
      ...given,
      Constraints: { EncryptionContextEquals: {}, EncryptionContextSubset: { b: '2', a: '1' } },
    },
    { ...given, GrantTokens: [String(first.GrantToken)] },
  ] as Partial<CreateGrantCommandInput>[]) {
    const second = await create(again)
    assert.equal(second.GrantId, first.GrantId)
    assert.notEqual(second.GrantToken, first.GrantToken)
  }
  assert.deepEqual(await grantIdsOn(kms, KeyId), [first.GrantId])
})

test('CreateGrant: the same name and another parameter, or another key, is another grant', async () => {
  const { KeyId } = await makeKey(kms)
  const given: Partial<CreateGrantCommandInput> = {
    KeyId,
    Name: 'again',
    RetiringPrincipal: me,
    Operations: ['Encrypt'],
    Constraints: { EncryptionContextSubset: { a: '1' } },
  }
  const ids = new Set<unknown>()
  const inputs: Partial<CreateGrantCommandInput>[] = [
    given,
    { ...given, Name: 'Again' },
    { ...given, GranteePrincipal: me },
    { ...given, RetiringPrincipal: them },
    { ...given, RetiringPrincipal: undefined },
    { ...given, Operations: ['Decrypt'] },
    { ...given, Operations: ['Encrypt', 'Decrypt'] },
    { ...given, Constraints: undefined },
    { ...given, Constraints: { EncryptionContextEquals: { a: '1' } } },
    { ...given, Constraints: { EncryptionContextSubset: { A: '1' } } },
    { ...given, Constraints: { EncryptionContextSubset: { a: '2' } } },
    { ...given, Constraints: { EncryptionContextSubset: { a: '1' }, SourceArn: sourceArn } },
    { ...given, KeyId: (await makeKey(kms)).KeyId },
  ]
  for (const input of inputs) ids.add((await create(input)).GrantId)
  assert.equal(ids.size, inputs.length)
  for (const input of inputs) assert.ok(ids.has((await create(input)).GrantId))
})

test('CreateGrant: a name is free again when its grant is gone', async () => {
  const { KeyId } = await makeKey(kms)
  const first = await create({ KeyId, Name: 'once' })
  await kms.send(new RevokeGrantCommand({ KeyId, GrantId: first.GrantId }))
  const second = await create({ KeyId, Name: 'once' })
  assert.notEqual(second.GrantId, first.GrantId)
  assert.deepEqual(await grantIdsOn(kms, KeyId), [second.GrantId])
})

test('CreateGrant: calls with one name at the same time make one grant', async () => {
  const { KeyId } = await makeKey(kms)
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => create({ KeyId, Name: 'race' })),
  )
  assert.equal(new Set(answers.map(({ GrantId }) => GrantId)).size, 1)
  assert.equal((await grantIdsOn(kms, KeyId)).length, 1)
})

test('CreateGrant: a key has as many grants as the quota says', async () => {
  const small = await startService({ limits: { grantsPerKey: 2 } })
  const client = small.client()
  const [{ KeyId }, next] = [await makeKey(client), await makeKey(client)]
  const GranteePrincipal = rootOf(small.accountId)
  const one = await makeGrant(client, KeyId, { GranteePrincipal, Name: 'one' })
  await makeGrant(client, KeyId, { GranteePrincipal })
  const full = () =>
    refused(
      makeGrant(client, KeyId, { GranteePrincipal }),
      'LimitExceededException',
      'Grants per key quota for this account in this region is 2, current usage is 2.',
    )
  await full()
  await refused(
    client.send(
      new CreateGrantCommand({
        KeyId,
        GranteePrincipal,
        Operations: ['Decrypt'],
        DryRun: true,
      }),
    ),
    'LimitExceededException',
    'Grants per key quota for this account in this region is 2, current usage is 2.',
  )
  assert.equal((await makeGrant(client, KeyId, { GranteePrincipal, Name: 'one' })).id, one.id)
  await makeGrant(client, next.KeyId, { GranteePrincipal })
  await client.send(new RevokeGrantCommand({ KeyId, GrantId: one.id }))
  await makeGrant(client, KeyId, { GranteePrincipal })
  await full()
})

test('CreateGrant: a dry run makes every check and no grant', async () => {
  const { KeyId } = await makeKey(kms)
  await refused(create({ KeyId, DryRun: true }), 'DryRunOperationException', dryRun)
  assert.deepEqual(await grantIdsOn(kms, KeyId), [])
  await create({ KeyId, DryRun: false, Name: 'made' })
  await refused(create({ KeyId, DryRun: true, Name: 'made' }), 'DryRunOperationException', dryRun)
  await refused(
    create({ KeyId, DryRun: true, GranteePrincipal: rootOf('999999999999') }),
    'InvalidArnException',
    `ARN does not refer to a valid principal: ${rootOf('999999999999')}`,
  )
  await refused(
    create({ KeyId, DryRun: true, Operations: ['Sign'] }),
    'ValidationException',
    'Grant operations [Sign] are not supported for key spec SYMMETRIC_DEFAULT and key usage ENCRYPT_DECRYPT.',
  )
})

test('CreateGrant: a replica has grants of its own', async () => {
  const { KeyId } = await makeKey(kms, { MultiRegion: true })
  const there = trent.client({ region: 'eu-west-1' })
  await create({ KeyId })
  await kms.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: 'eu-west-1' }))
  assert.deepEqual(await grantIdsOn(there, KeyId), [])
  await create({ KeyId }, there)
  assert.equal((await grantIdsOn(there, KeyId)).length, 1)
  assert.equal((await grantIdsOn(kms, KeyId)).length, 1)
})

test('CreateGrant: the grants of a key go with it', async () => {
  const { KeyId } = await makeKey(kms, { MultiRegion: true })
  const there = trent.client({ region: 'eu-west-1' })
  await kms.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: 'eu-west-1' }))
  await create({ KeyId, Name: 'before' }, there)
  await create({ KeyId, Name: 'stays' })
  await there.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }))
  assert.equal((await grantIdsOn(there, KeyId)).length, 1)
  trent.turn(7 * day)
  await trent.confirmClock()
  assert.equal(await trent.runJobs(), true)
  await kms.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: 'eu-west-1' }))
  assert.deepEqual(await grantIdsOn(there, KeyId), [])
  assert.equal((await grantIdsOn(kms, KeyId)).length, 1)
})

test('CreateGrant: the event shows the grant, and never its token', async () => {
  const { KeyId, Arn } = await makeKey(kms)
  const answer = await create({
    KeyId,
    Name: 'recorded',
    RetiringPrincipal: me,
    Constraints: { EncryptionContextSubset: { Tenant: 'a' } },
    GrantTokens: [(await makeGrant(kms, KeyId, { GranteePrincipal: me })).token],
  })
  const event = recordOf(trent, answer)
  assert.equal(event.eventName, 'CreateGrant')
  assert.equal(event.readOnly, false)
  assert.deepEqual(event.requestParameters, {
    keyId: KeyId,
    granteePrincipal: them,
    retiringPrincipal: me,
    operations: ['Decrypt'],
    constraints: { encryptionContextSubset: { Tenant: 'a' } },
    name: 'recorded',
  })
  assert.deepEqual(event.responseElements, { grantId: answer.GrantId, keyId: Arn })
  assert.deepEqual(event.resources, [resource(Arn)])
  assert.ok(!JSON.stringify(event).includes(String(answer.GrantToken)))
})

test('CreateGrant: a refused call is recorded as such', async () => {
  const event = await recordOfRefused(trent, create({ Operations: ['Sign'] }))
  assert.equal(event.errorCode, 'ValidationException')
  assert.equal(event.responseElements, null)
  assert.deepEqual(event.resources, [resource(key.Arn)])
})
