import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DecryptCommand,
  EncryptCommand,
  GetKeyPolicyCommand,
  type KeySpec,
  type KeyUsageType,
  ListAliasesCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  type OriginType,
  type Tag,
} from '@aws-sdk/client-kms'
import {
  arnOf,
  day,
  describe,
  makeDisabledKey,
  makeKey,
  makePendingKey,
} from '../support/made-keys.ts'
import { recordOf, recordOfRefused, resource } from '../support/record.ts'
import { violated } from '../support/sentences.ts'
import { refused, startService } from '../support/service.ts'

const trent = await startService()
const kms = trent.client()
const create = (input: CreateKeyCommandInput = {}, client = kms) =>
  client.send(new CreateKeyCommand(input))
const invalid = (input: CreateKeyCommandInput, text: string) =>
  refused(create(input), 'ValidationException', text)
const root = `arn:aws:iam::${trent.accountId}:root`
const statement = { Effect: 'Allow', Principal: { AWS: root }, Action: 'kms:*', Resource: '*' }
const policyOf = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement })
const many = (count: number): Tag[] =>
  Array.from({ length: count }, (_, index) => ({ TagKey: `key-${index}`, TagValue: '' }))

test('CreateKey: a KeySpec of none is refused with the list of all', () =>
  invalid(
    { KeySpec: 'HMAC_random' as KeySpec, KeyUsage: 'GENERATE_VERIFY_MAC' },
    violated(
      "'HMAC_random' at 'keySpec': satisfy enum value set: [RSA_2048, RSA_3072, RSA_4096, ECC_NIST_P256, ECC_NIST_P384, ECC_NIST_P521, ECC_SECG_P256K1, ECC_NIST_EDWARDS25519, SYMMETRIC_DEFAULT, HMAC_224, HMAC_256, HMAC_384, HMAC_512, SM2, ML_DSA_44, ML_DSA_65, ML_DSA_87, ML_KEM_512, ML_KEM_768, ML_KEM_1024]",
    ),
  ))

test('CreateKey: a CustomerMasterKeySpec of none is refused with the list of the old ones', () =>
  invalid(
    { CustomerMasterKeySpec: 'AES_256' as 'SYMMETRIC_DEFAULT' },
    violated(
      "'AES_256' at 'customerMasterKeySpec': satisfy enum value set: [RSA_2048, RSA_3072, RSA_4096, ECC_NIST_P256, ECC_NIST_P384, ECC_NIST_P521, ECC_SECG_P256K1, SYMMETRIC_DEFAULT, HMAC_224, HMAC_256, HMAC_384, HMAC_512, SM2]",
    ),
  ))

test('CreateKey: a KeyUsage of none is refused with the list of all', () =>
  invalid(
    { KeyUsage: 'RANDOM' as KeyUsageType },
    violated(
      "'RANDOM' at 'keyUsage': satisfy enum value set: [ENCRYPT_DECRYPT, SIGN_VERIFY, GENERATE_VERIFY_MAC, KEY_AGREEMENT, ENCAPSULATE_DECAPSULATE]",
    ),
  ))

test('CreateKey: an Origin of none is refused with the list of all', () =>
  invalid(
    { Origin: 'aws_kms' as OriginType },
    violated(
      "'aws_kms' at 'origin': satisfy enum value set: [EXTERNAL, AWS_CLOUDHSM, AWS_KMS, EXTERNAL_KEY_STORE]",
    ),
  ))

test('CreateKey: a Description of 8193 characters is too long', () =>
  invalid(
    { Description: 'd'.repeat(8193) },
    violated(`'${'d'.repeat(8193)}' at 'description': have length less than or equal to 8192`),
  ))

test('CreateKey: an empty Policy is too short, and then not of the pattern', () =>
  invalid(
    { Policy: '' },
    violated(
      "'' at 'policy': have length greater than or equal to 1",
      String.raw`'' at 'policy': satisfy regular expression pattern: [\u0009\u000A\u000D\u0020-\u00FF]+`,
    ),
  ))

test('CreateKey: a TagKey of 129 characters is too long', () =>
  invalid(
    { Tags: [{ TagKey: 'a'.repeat(129), TagValue: '' }] },
    violated(
      `'${'a'.repeat(129)}' at 'tags.1.member.tagKey': have length less than or equal to 128`,
    ),
  ))

test('CreateKey: a TagValue of 257 characters is too long', () =>
  invalid(
    { Tags: [...many(1), { TagKey: 'Name', TagValue: 'v'.repeat(257) }] },
    violated(
      `'${'v'.repeat(257)}' at 'tags.2.member.tagValue': have length less than or equal to 256`,
    ),
  ))

test('CreateKey: several wrong members are told together', () =>
  invalid(
    { Description: 'd'.repeat(8193), Tags: [{ TagKey: '', TagValue: undefined }] },
    violated(
      `'${'d'.repeat(8193)}' at 'description': have length less than or equal to 8192`,
      "'' at 'tags.1.member.tagKey': have length greater than or equal to 1",
      "null at 'tags.1.member.tagValue': not be null",
    ),
  ))

test("CreateKey: the key is the caller's account's, in the region of the call", async () => {
  const account = await trent.createAccount()
  for (const region of ['us-east-1', 'eu-west-1']) {
    const key = await makeKey(trent.client({ account, region }))
    assert.equal(key.AWSAccountId, account.accountId)
    assert.equal(key.Arn, arnOf(account.accountId, `key/${key.KeyId}`, region))
  }
})

test('CreateKey: KeyUsage is required for every key spec but SYMMETRIC_DEFAULT', async () => {
  for (const KeySpec of [
    'RSA_2048',
    'RSA_4096',
    'ECC_NIST_P256',
    'ECC_SECG_P256K1',
    'ECC_NIST_EDWARDS25519',
    'HMAC_224',
    'HMAC_512',
    'ML_DSA_44',
  ] as const) {
    await invalid(
      { KeySpec },
      'You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.',
    )
  }
  await invalid(
    { CustomerMasterKeySpec: 'RSA_2048' },
    'You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.',
  )
})

test('CreateKey: KeyUsage and KeySpec have to go together', async () => {
  for (const [KeyUsage, KeySpec] of [
    ['SIGN_VERIFY', 'SYMMETRIC_DEFAULT'],
    ['GENERATE_VERIFY_MAC', 'SYMMETRIC_DEFAULT'],
    ['KEY_AGREEMENT', 'RSA_2048'],
    ['GENERATE_VERIFY_MAC', 'RSA_4096'],
    ['ENCRYPT_DECRYPT', 'ECC_NIST_P384'],
    ['KEY_AGREEMENT', 'ECC_SECG_P256K1'],
    ['KEY_AGREEMENT', 'ECC_NIST_EDWARDS25519'],
    ['ENCRYPT_DECRYPT', 'HMAC_256'],
    ['ENCRYPT_DECRYPT', 'ML_DSA_65'],
  ] as const) {
    await invalid(
      { KeyUsage, KeySpec },
      `KeyUsage ${KeyUsage} is not compatible with KeySpec ${KeySpec}`,
    )
  }
  await invalid(
    { KeyUsage: 'SIGN_VERIFY' },
    'KeyUsage SIGN_VERIFY is not compatible with KeySpec SYMMETRIC_DEFAULT',
  )
})

test('CreateKey: KeySpec and CustomerMasterKeySpec exclude each other, also when they say the same', async () => {
  for (const CustomerMasterKeySpec of ['SYMMETRIC_DEFAULT', 'RSA_2048'] as const) {
    await invalid(
      { KeySpec: 'SYMMETRIC_DEFAULT', CustomerMasterKeySpec },
      'You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated.',
    )
  }
})

test('CreateKey: SM2 is not supported in this region', () =>
  refused(
    create({ KeySpec: 'SM2', KeyUsage: 'SIGN_VERIFY' }),
    'UnsupportedOperationException',
    'KeySpec SM2 is not supported in this Region',
  ))

test('CreateKey: a request that says nothing makes a symmetric encryption key, enabled', async () => {
  const { $metadata, ...answer } = await create()
  assert.equal($metadata.httpStatusCode, 200)
  const key = answer.KeyMetadata
  assert.match(
    String(key?.KeyId),
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  )
  assert.match(String(key?.CurrentKeyMaterialId), /^[0-9a-f]{64}$/)
  assert.deepEqual(answer, {
    KeyMetadata: {
      AWSAccountId: trent.accountId,
      KeyId: key?.KeyId,
      Arn: arnOf(trent.accountId, `key/${key?.KeyId}`),
      CreationDate: new Date(trent.clock.now()),
      Enabled: true,
      Description: '',
      KeyUsage: 'ENCRYPT_DECRYPT',
      KeyState: 'Enabled',
      Origin: 'AWS_KMS',
      KeyManager: 'CUSTOMER',
      CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
      KeySpec: 'SYMMETRIC_DEFAULT',
      EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
      MultiRegion: false,
      CurrentKeyMaterialId: key?.CurrentKeyMaterialId,
    },
  })
})

test('CreateKey: to say the defaults makes the same key', async () => {
  const said = await makeKey(kms, {
    KeySpec: 'SYMMETRIC_DEFAULT',
    KeyUsage: 'ENCRYPT_DECRYPT',
    Origin: 'AWS_KMS',
    MultiRegion: false,
    BypassPolicyLockoutSafetyCheck: false,
    Description: '',
    Tags: [],
  })
  const old = await makeKey(kms, { CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT' })
  const plain = await makeKey(kms)
  const { KeyId, Arn, CurrentKeyMaterialId } = plain
  for (const key of [said, old]) {
    assert.deepEqual({ ...key, KeyId, Arn, CurrentKeyMaterialId }, plain)
  }
})

test('CreateKey: the answer is what DescribeKey shows, and the key is in the list', async () => {
  const key = await makeKey(kms, { Description: 'listed' })
  assert.deepEqual(await describe(kms, key.Arn), key)
  const { Keys } = await kms.send(new ListKeysCommand({ Limit: 1000 }))
  assert.deepEqual(
    Keys?.filter(({ KeyId }) => KeyId === key.KeyId),
    [{ KeyId: key.KeyId, KeyArn: key.Arn }],
  )
  const { Aliases } = await kms.send(new ListAliasesCommand({ KeyId: key.KeyId }))
  assert.deepEqual(Aliases, [])
})

test('CreateKey: two calls make two keys with materials of their own', async () => {
  const input = { Description: 'twice' }
  const [one, two] = [await makeKey(kms, input), await makeKey(kms, input)]
  assert.notEqual(one.KeyId, two.KeyId)
  assert.notEqual(one.CurrentKeyMaterialId, two.CurrentKeyMaterialId)
})

test('CreateKey: the key can be used at once', async () => {
  const key = await makeKey(kms)
  const plain = new Uint8Array(Buffer.from('plain'))
  const { CiphertextBlob } = await kms.send(
    new EncryptCommand({ KeyId: key.KeyId, Plaintext: plain }),
  )
  const { Plaintext, KeyMaterialId } = await kms.send(new DecryptCommand({ CiphertextBlob }))
  assert.deepEqual(Plaintext, plain)
  assert.equal(KeyMaterialId, key.CurrentKeyMaterialId)
})

test('CreateKey: a description of 8192 characters of any kind is kept as it is', async () => {
  for (const Description of ['d'.repeat(8192), 'Schlüssel «鍵» 🔑\n\t']) {
    const key = await makeKey(kms, { Description })
    assert.equal((await describe(kms, key.KeyId)).Description, Description)
  }
})

test('CreateKey: the tags are the tags of the key, 50 at most', async () => {
  const { KeyId } = await makeKey(kms, { Tags: many(50) })
  const { Tags, Truncated } = await kms.send(new ListResourceTagsCommand({ KeyId }))
  assert.deepEqual(
    new Set(Tags?.map(({ TagKey }) => TagKey)),
    new Set(many(50).map((tag) => tag.TagKey)),
  )
  assert.equal(Truncated, false)
  await refused(create({ Tags: many(51) }), 'TagException', 'Too many tags')
})

test('CreateKey: the same TagKey twice is refused', () =>
  refused(create({ Tags: [...many(2), ...many(1)] }), 'TagException', 'Duplicate tag keys'))

test('CreateKey: a TagKey that begins with aws: in any case is reserved', async () => {
  for (const TagKey of ['aws:name', 'AWS:name', 'Aws:']) {
    await refused(
      create({ Tags: [{ TagKey, TagValue: '' }] }),
      'TagException',
      'Tags beginning with aws: are reserved',
    )
  }
})

test('CreateKey: the policy is kept as it was given, with its Id', async () => {
  const Policy = `{"Id":"mine","Statement":[${JSON.stringify({ ...statement, Principal: { AWS: '*' } })}]}\n`
  const { KeyId } = await makeKey(kms, { Policy })
  const answer = await kms.send(new GetKeyPolicyCommand({ KeyId }))
  assert.equal(answer.Policy, Policy)
})

test('CreateKey: a policy that locks the caller out is refused, unless the check is bypassed', async () => {
  const Policy = policyOf({ ...statement, Action: 'kms:Encrypt' })
  for (const bypass of [undefined, false]) {
    await refused(
      create({ Policy, BypassPolicyLockoutSafetyCheck: bypass }),
      'MalformedPolicyDocumentException',
      'The new key policy will not allow you to update the key policy in the future.',
    )
  }
  await makeKey(kms, { Policy, BypassPolicyLockoutSafetyCheck: true })
})

test('CreateKey: what is no policy is MalformedPolicyDocumentException', async () => {
  for (const [Policy, text] of [
    ['{', 'Syntax errors in policy.'],
    ['{"Statement":[]}', 'Syntax errors in policy.'],
    [
      policyOf({ ...statement, Principal: undefined }),
      'Policy contains a statement with no principal.',
    ],
    [
      policyOf({ ...statement, Principal: { AWS: 'somebody' } }),
      'Policy contains a statement with one or more invalid principals.',
    ],
  ] as const) {
    await refused(create({ Policy }), 'MalformedPolicyDocumentException', text)
  }
})

test('CreateKey: an ARN that can be no principal is InvalidArnException', () =>
  refused(
    create({
      Policy: policyOf(statement, {
        ...statement,
        Principal: { AWS: `arn:aws:iam::${trent.accountId}:group/Administrators` },
      }),
    }),
    'InvalidArnException',
    'An ARN in the specified key policy is invalid.',
  ))

test('CreateKey: a policy of more than 32768 bytes is LimitExceededException', async () => {
  await makeKey(kms, { Policy: policyOf(statement).padEnd(32_768) })
  await refused(
    create({ Policy: policyOf(statement).padEnd(32_769) }),
    'LimitExceededException',
    'Key policy size limit is 32768 bytes, the policy has 32769 bytes.',
  )
})

test('CreateKey: a refused call leaves no key behind', async () => {
  const account = await trent.createAccount()
  const client = trent.client({ account })
  for (const input of [
    { Tags: many(51) },
    { Policy: '{' },
    { KeySpec: 'RSA_2048' },
  ] satisfies CreateKeyCommandInput[]) {
    await assert.rejects(create(input, client))
  }
  assert.deepEqual((await client.send(new ListKeysCommand({}))).Keys, [])
})

test('CreateKey: the quota of keys counts customer managed keys of every state, by account and region', async () => {
  const small = await startService({ limits: { keys: 3 } })
  const client = small.client()
  await small.runJobs()
  await describe(client, 'alias/aws/s3')
  await makeKey(client)
  await makeDisabledKey(client)
  await makePendingKey(client, 7)
  const beyond = () =>
    refused(
      create({}, client),
      'LimitExceededException',
      'KMS keys quota for this account in this region is 3, current usage is 3.',
    )
  await beyond()
  await describe(client, 'alias/aws/ebs')
  await makeKey(small.client({ region: 'eu-west-1' }))
  await makeKey(small.client({ account: await small.createAccount() }))
  small.turn(7 * day)
  await small.confirmClock()
  await small.runJobs()
  await makeKey(client)
  await beyond()
})

test('CreateKey: the quota holds for calls at once', async () => {
  const small = await startService({ limits: { keys: 3 } })
  const client = small.client()
  const results = await Promise.allSettled(Array.from({ length: 8 }, () => create({}, client)))
  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 3)
  assert.equal((await client.send(new ListKeysCommand({}))).Keys?.length, 3)
})

test('CreateKey: the event has the request, the tags and the metadata of the key', async () => {
  const Tags = [{ TagKey: 'Name', TagValue: 'Value' }]
  const answer = await create({ Description: 'recorded', Tags, Policy: policyOf(statement) })
  const event = recordOf(trent, answer)
  assert.equal(event.eventName, 'CreateKey')
  assert.equal(event.readOnly, false)
  assert.deepEqual(event.requestParameters, {
    description: 'recorded',
    tags: [{ tagKey: 'Name', tagValue: 'Value' }],
    policy: policyOf(statement),
  })
  const { keyMetadata } = event.responseElements as {
    readonly keyMetadata: Readonly<Record<string, unknown>>
  }
  assert.equal(keyMetadata['keyId'], answer.KeyMetadata?.KeyId)
  assert.equal(keyMetadata['arn'], answer.KeyMetadata?.Arn)
  assert.equal(keyMetadata['description'], 'recorded')
  assert.deepEqual(event.resources, [resource(String(answer.KeyMetadata?.Arn))])
})

test('CreateKey: the event of a refusal has its code and text, and no key', async () => {
  const event = await recordOfRefused(trent, create({ Tags: many(51) }))
  assert.equal(event.errorCode, 'TagException')
  assert.equal(event.errorMessage, 'Too many tags')
  assert.equal(event.responseElements, null)
  assert.deepEqual(event.resources, [])
})
