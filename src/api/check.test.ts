/** AWS's sentences for requests that have not their shape; each is the title of its test. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { check, parseDocument } from './check.ts'
import { KmsError } from './errors.ts'
import { shapes } from './shapes.ts'
import type { OperationName } from './types.ts'

const KeyId = '00000000-0000-0000-0000-000000000000'
const base64 = (length: number): string => Buffer.alloc(length, 'a').toString('base64')
const ok = base64(1)
const sign = 'RSASSA_PSS_SHA_256'
const mac = 'HMAC_SHA_256'
const keySpecs =
  'RSA_2048, RSA_3072, RSA_4096, ECC_NIST_P256, ECC_NIST_P384, ECC_NIST_P521, ECC_SECG_P256K1, ECC_NIST_EDWARDS25519, SYMMETRIC_DEFAULT, HMAC_224, HMAC_256, HMAC_384, HMAC_512, SM2, ML_DSA_44, ML_DSA_65, ML_DSA_87'
const signingAlgorithms =
  '[RSASSA_PSS_SHA_256, RSASSA_PSS_SHA_384, RSASSA_PSS_SHA_512, RSASSA_PKCS1_V1_5_SHA_256, RSASSA_PKCS1_V1_5_SHA_384, RSASSA_PKCS1_V1_5_SHA_512, ECDSA_SHA_256, ECDSA_SHA_384, ECDSA_SHA_512, ED25519_SHA_512, ED25519_PH_SHA_512, SM2DSA, ML_DSA_SHAKE_256]'

type Case = readonly [name: OperationName, document: object, text: string]

const one = (at: string, constraint: string): string =>
  `1 validation error detected: Value ${at} failed to satisfy constraint: ${constraint}`
const isNull = (at: string): string => one(at, 'Member must not be null')
const tooShort = (at: string): string =>
  one(at, 'Member must have length greater than or equal to 1')
const tooLong = (at: string, max: number): string =>
  one(at, `Member must have length less than or equal to ${max}`)
const notIn = (at: string, list: string): string =>
  one(at, `Member must satisfy enum value set: ${list}`)

/** Verbatim from the service, as far as the text after the value goes. */
const measured: readonly Case[] = [
  ['Encrypt', { KeyId }, isNull("at 'plaintext'")],
  ['Encrypt', { KeyId, Plaintext: '' }, tooShort("at 'plaintext'")],
  ['Encrypt', { KeyId, Plaintext: base64(4097) }, tooLong("at 'plaintext'", 4096)],
  ['Sign', { KeyId, SigningAlgorithm: sign }, isNull("at 'message'")],
  ['Sign', { KeyId, SigningAlgorithm: sign, Message: '' }, tooShort("at 'message'")],
  ['Sign', { KeyId, SigningAlgorithm: sign, Message: base64(4097) }, tooLong("at 'message'", 4096)],
  ['Verify', { KeyId, SigningAlgorithm: sign, Signature: ok }, isNull("at 'message'")],
  ['Verify', { KeyId, SigningAlgorithm: sign, Message: ok }, isNull("null at 'signature'")],
  [
    'Verify',
    { KeyId, SigningAlgorithm: sign, Message: ok, Signature: '' },
    tooShort("at 'signature'"),
  ],
  [
    'Verify',
    { KeyId, SigningAlgorithm: sign, Message: ok, Signature: base64(6145) },
    tooLong("at 'signature'", 6144),
  ],
  ['GenerateMac', { KeyId, MacAlgorithm: mac }, isNull("at 'message'")],
  ['GenerateMac', { KeyId, Message: ok }, isNull("null at 'macAlgorithm'")],
  ['VerifyMac', { KeyId, MacAlgorithm: mac, Message: ok }, isNull("null at 'mac'")],
  ['VerifyMac', { KeyId, MacAlgorithm: mac, Message: ok, Mac: '' }, tooShort("at 'mac'")],
  [
    'VerifyMac',
    { KeyId, MacAlgorithm: mac, Message: ok, Mac: base64(6145) },
    tooLong("at 'mac'", 6144),
  ],
  ['Decrypt', {}, isNull("null at 'ciphertextBlob'")],
  ['Decrypt', { CiphertextBlob: '' }, tooShort("at 'ciphertextBlob'")],
  ['Decrypt', { CiphertextBlob: base64(6145) }, tooLong("at 'ciphertextBlob'", 6144)],
  ['ReEncrypt', { DestinationKeyId: KeyId }, isNull("null at 'ciphertextBlob'")],
  ['ReEncrypt', { CiphertextBlob: ok }, isNull("null at 'destinationKeyId'")],
  ['Sign', { KeyId, Message: ok }, isNull("null at 'signingAlgorithm'")],
  ['DescribeKey', {}, isNull("null at 'keyId'")],
  ['ScheduleKeyDeletion', {}, isNull("null at 'keyId'")],
  ['CreateAlias', { AliasName: 'alias/a' }, isNull("null at 'targetKeyId'")],
  ['UntagResource', { KeyId }, isNull("null at 'tagKeys'")],
  [
    'GenerateRandom',
    { NumberOfBytes: 0 },
    one("'0' at 'numberOfBytes'", 'Member must have value greater than or equal to 1'),
  ],
  [
    'GenerateRandom',
    { NumberOfBytes: 1025 },
    one("'1025' at 'numberOfBytes'", 'Member must have value less than or equal to 1024'),
  ],
  [
    'EnableKeyRotation',
    { KeyId, RotationPeriodInDays: 89 },
    one("'89' at 'rotationPeriodInDays'", 'Member must have value greater than or equal to 90'),
  ],
  [
    'EnableKeyRotation',
    { KeyId, RotationPeriodInDays: 2561 },
    one("'2561' at 'rotationPeriodInDays'", 'Member must have value less than or equal to 2560'),
  ],
  [
    'DescribeKey',
    { KeyId: 'キー' },
    one(
      "'キー' at 'keyId'",
      String.raw`Member must satisfy regular expression pattern: ^\p{ASCII}+$`,
    ),
  ],
  [
    'GetPublicKey',
    { KeyId: '' },
    String.raw`2 validation errors detected: Value '' at 'keyId' failed to satisfy constraint: Member must have length greater than or equal to 1; Value '' at 'keyId' failed to satisfy constraint: Member must satisfy regular expression pattern: ^\p{ASCII}+$`,
  ],
  [
    'GenerateMac',
    { KeyId, Message: ok, MacAlgorithm: 'INVALID' },
    notIn(
      "'INVALID' at 'macAlgorithm'",
      '[HMAC_SHA_384, HMAC_SHA_256, HMAC_SHA_224, HMAC_SHA_512]',
    ),
  ],
  [
    'GenerateMac',
    { KeyId, Message: ok, MacAlgorithm: 'hmac_sha_256' },
    notIn(
      "'hmac_sha_256' at 'macAlgorithm'",
      '[HMAC_SHA_384, HMAC_SHA_256, HMAC_SHA_224, HMAC_SHA_512]',
    ),
  ],
  [
    'Sign',
    { KeyId, Message: ok, SigningAlgorithm: 'RSAES_OAEP_SHA_256' },
    notIn("'RSAES_OAEP_SHA_256' at 'signingAlgorithm'", signingAlgorithms),
  ],
  [
    'Sign',
    { KeyId, Message: ok, SigningAlgorithm: sign, MessageType: 'X' },
    notIn("'X' at 'messageType'", '[RAW, DIGEST, EXTERNAL_MU]'),
  ],
  [
    'Encrypt',
    { KeyId, Plaintext: ok, EncryptionAlgorithm: 'X' },
    notIn(
      "'X' at 'encryptionAlgorithm'",
      '[RSAES_OAEP_SHA_1, RSAES_OAEP_SHA_256, SM2PKE, SYMMETRIC_DEFAULT]',
    ),
  ],
  [
    'GenerateDataKey',
    { KeyId, KeySpec: 'RSA_2048' },
    notIn("'RSA_2048' at 'keySpec'", `[${keySpecs}]`),
  ],
  [
    'GenerateDataKeyWithoutPlaintext',
    { KeyId, KeySpec: 'AES_512' },
    notIn("'AES_512' at 'keySpec'", `[${keySpecs}]`),
  ],
  [
    'DeriveSharedSecret',
    { KeyId, PublicKey: ok, KeyAgreementAlgorithm: 'INVALID' },
    notIn("'INVALID' at 'keyAgreementAlgorithm'", '[ECDH]'),
  ],
  [
    'TagResource',
    { KeyId, Tags: [{ TagKey: 'k'.repeat(129), TagValue: '' }] },
    tooLong(`'${'k'.repeat(129)}' at 'tags.1.member.tagKey'`, 128),
  ],
  [
    'CreateKey',
    { Tags: [{ TagKey: 'k', TagValue: 'v'.repeat(257) }] },
    tooLong(`'${'v'.repeat(257)}' at 'tags.1.member.tagValue'`, 256),
  ],
  [
    'PutKeyPolicy',
    { KeyId, Policy: '{}', PolicyName: 'a b' },
    one("'a b' at 'policyName'", String.raw`Member must satisfy regular expression pattern: [\w]+`),
  ],
]

/** Inferred from the grammar, from sibling services or from the model's newest values. */
const inferred: readonly Case[] = [
  [
    'CreateKey',
    { KeyUsage: 'RANDOM' },
    notIn(
      "'RANDOM' at 'keyUsage'",
      '[ENCRYPT_DECRYPT, SIGN_VERIFY, GENERATE_VERIFY_MAC, KEY_AGREEMENT, ENCAPSULATE_DECAPSULATE]',
    ),
  ],
  [
    'CreateKey',
    { KeySpec: 'HMAC_random' },
    notIn("'HMAC_random' at 'keySpec'", `[${keySpecs}, ML_KEM_512, ML_KEM_768, ML_KEM_1024]`),
  ],
  [
    'Encapsulate',
    { KeyId, EncapsulationAlgorithm: 'ECDH' },
    notIn("'ECDH' at 'encapsulationAlgorithm'", '[ML_KEM]'),
  ],
  [
    'Decapsulate',
    { KeyId, EncapsulationAlgorithm: 'ML_KEM' },
    isNull("null at 'sharedSecretCiphertextBlob'"),
  ],
  [
    'GenerateDataKey',
    { KeyId, Recipient: { KeyEncryptionAlgorithm: 'X' } },
    notIn("'X' at 'recipient.keyEncryptionAlgorithm'", '[RSAES_OAEP_SHA_256]'),
  ],
  [
    'GenerateDataKey',
    { KeyId, Recipient: { AttestationDocument: '' } },
    tooShort("at 'recipient.attestationDocument'"),
  ],
  [
    'UntagResource',
    { KeyId, TagKeys: ['a', ''] },
    one(
      "'[a, ]' at 'tagKeys'",
      'Member must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1]',
    ),
  ],
  [
    'DescribeKey',
    { KeyId, GrantTokens: Array(11).fill('t') },
    tooLong("'[t, t, t, t, t, t, t, t, t, t, t]' at 'grantTokens'", 10),
  ],
  [
    'Decrypt',
    { CiphertextBlob: ok, DryRunModifiers: ['X'] },
    one(
      "'[X]' at 'dryRunModifiers'",
      'Member must satisfy constraint: [Member must satisfy enum value set: [IGNORE_CIPHERTEXT]]',
    ),
  ],
  ['Decrypt', { DryRunModifiers: ['IGNORE_CIPHERTEXT'] }, isNull("null at 'ciphertextBlob'")],
  ['Decrypt', { DryRun: true }, isNull("null at 'ciphertextBlob'")],
  [
    'ListAliases',
    { Limit: 101 },
    one("'101' at 'limit'", 'Member must have value less than or equal to 100'),
  ],
  [
    'ListResourceTags',
    { KeyId, Limit: 51 },
    one("'51' at 'limit'", 'Member must have value less than or equal to 50'),
  ],
  [
    'ListKeys',
    { Limit: 1001 },
    one("'1001' at 'limit'", 'Member must have value less than or equal to 1000'),
  ],
  [
    'ScheduleKeyDeletion',
    { KeyId, PendingWindowInDays: -1 },
    one("'-1' at 'pendingWindowInDays'", 'Member must have value greater than or equal to 1'),
  ],
  [
    'CreateCustomKeyStore',
    { CustomKeyStoreName: 'n', KeyStorePassword: 'short' },
    one("at 'keyStorePassword'", 'Member must have length greater than or equal to 7'),
  ],
  [
    'CreateCustomKeyStore',
    { CustomKeyStoreName: 'n', XksProxyAuthenticationCredential: { AccessKeyId: 'A'.repeat(20) } },
    isNull("at 'xksProxyAuthenticationCredential.rawSecretAccessKey'"),
  ],
  [
    'Encrypt',
    { KeyId, Plaintext: ok, EncryptionContext: { a: 'b', c: null } },
    one(
      "'{a=b, c=null}' at 'encryptionContext'",
      'Map value must satisfy constraint: [Member must not be null]',
    ),
  ],
  [
    'TagResource',
    { Tags: [{ TagKey: 'k', TagValue: 'v' }, { TagKey: '' }] },
    "3 validation errors detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null; Value '' at 'tags.2.member.tagKey' failed to satisfy constraint: Member must have length greater than or equal to 1; Value null at 'tags.2.member.tagValue' failed to satisfy constraint: Member must not be null",
  ],
]

for (const [name, document, text] of [...measured, ...inferred]) {
  const title = text.replace(/(.)\1{40,}/g, '$1…')
  test(`${name}: ${title}`, () => {
    assert.deepEqual(refusal(name, document), { code: 'ValidationException', text })
  })
}

const list = 'Start of list found where not expected'
const structure = 'Start of structure or map found where not expected.'

const mistyped: readonly Case[] = [
  ['Encrypt', { KeyId, Plaintext: { type: 'Buffer', data: [1] } }, structure],
  ['Encrypt', { KeyId, Plaintext: [1] }, list],
  ['DescribeKey', { KeyId: [KeyId] }, list],
  ['DescribeKey', { KeyId: {} }, structure],
  ['DescribeKey', { KeyId: 1 }, 'NUMBER_VALUE can not be converted to a String'],
  ['DescribeKey', { KeyId: true }, 'TRUE_VALUE can not be converted to a String'],
  ['DescribeKey', { KeyId: false }, 'FALSE_VALUE can not be converted to a String'],
  ['Sign', { MessageType: 1 }, 'NUMBER_VALUE can not be converted to a String'],
  ['ListKeys', { Limit: '1' }, 'STRING_VALUE can not be converted to an Integer'],
  ['ListKeys', { Limit: 1.5 }, 'NUMBER_VALUE can not be converted to an Integer'],
  ['ListKeys', { Limit: 2 ** 31 }, 'NUMBER_VALUE can not be converted to an Integer'],
  ['ListKeys', { Limit: [] }, list],
  ['Encrypt', { DryRun: 'true' }, 'STRING_VALUE can not be converted to a Boolean'],
  ['Encrypt', { DryRun: 1 }, 'NUMBER_VALUE can not be converted to a Boolean'],
  ['Encrypt', { Plaintext: 1 }, 'NUMBER_VALUE can not be converted to a Blob'],
  [
    'ImportKeyMaterial',
    { ValidTo: '2030-01-01T00:00:00Z' },
    'STRING_VALUE can not be converted to milliseconds since epoch',
  ],
  [
    'ImportKeyMaterial',
    { ValidTo: 1e300 },
    'NUMBER_VALUE can not be converted to milliseconds since epoch',
  ],
  ['DescribeKey', { GrantTokens: 't' }, 'Expected list or null'],
  ['DescribeKey', { GrantTokens: {} }, structure],
  ['DescribeKey', { GrantTokens: [['t']] }, list],
  ['Encrypt', { EncryptionContext: 'a' }, 'Expected map or null'],
  ['Encrypt', { EncryptionContext: ['a'] }, list],
  ['Encrypt', { EncryptionContext: { a: {} } }, structure],
  [
    'Encrypt',
    { EncryptionContext: { a: 2 ** 53 } },
    'NUMBER_VALUE can not be converted to a String',
  ],
  ['TagResource', { Tags: ['a'] }, 'Expected null'],
  ['TagResource', { Tags: [[]] }, list],
  ['GenerateRandom', { Recipient: 1 }, 'Expected null'],
  [
    'Decrypt',
    { CiphertextBlob: 'string' },
    "'string' can not be converted to a Blob: Base64 encoded length is expected a multiple of 4 bytes but found: 6",
  ],
  [
    'Decrypt',
    { CiphertextBlob: 'ab-_' },
    "'ab-_' can not be converted to a Blob: Invalid Base64 character: '-'",
  ],
  [
    'Decrypt',
    { CiphertextBlob: 'YQ==YQ==' },
    "'YQ==YQ==' can not be converted to a Blob: Invalid Base64 character: '='",
  ],
  [
    'Decrypt',
    { CiphertextBlob: 'YR==' },
    "'YR==' can not be converted to a Blob: Invalid last non-pad Base64 character dectected",
  ],
  [
    'Encrypt',
    { Plaintext: 'secret' },
    'Value can not be converted to a Blob: Base64 encoded length is expected a multiple of 4 bytes but found: 6',
  ],
  [
    'Encrypt',
    { Plaintext: 'se-_' },
    'Value can not be converted to a Blob: Invalid Base64 character',
  ],
]

for (const [name, document, text] of mistyped) {
  test(`${name} ${JSON.stringify(document)}: ${text}`, () => {
    assert.deepEqual(refusal(name, document), { code: 'SerializationException', text })
  })
}

const silent = { code: 'SerializationException', text: undefined }

test('a lone surrogate is refused wherever it stands', () => {
  const lone = '\ud800'
  assert.deepEqual(refusal('DescribeKey', { KeyId: lone }), silent)
  assert.deepEqual(refusal('Encrypt', { EncryptionContext: { [lone]: 'a' } }), silent)
  assert.deepEqual(refusal('Encrypt', { EncryptionContext: { a: lone } }), silent)
  assert.deepEqual(refusal('Decrypt', { CiphertextBlob: lone.repeat(4) }), silent)
  assert.deepEqual(refusal('TagResource', { Tags: [{ TagKey: lone }] }), silent)
})

test('a body that is not a JSON object in UTF-8 is a SerializationException', () => {
  const body = (text: string): Uint8Array => Buffer.from(text)
  assert.deepEqual(
    thrown(() => parseDocument(body('{"KeyId":'))),
    silent,
  )
  assert.deepEqual(
    thrown(() => parseDocument(body('\ufeff{}'))),
    silent,
  )
  assert.deepEqual(
    thrown(() => parseDocument(body('null'))),
    silent,
  )
  assert.deepEqual(
    thrown(() => parseDocument(body('['.repeat(1e6)))),
    silent,
  )
  assert.deepEqual(
    thrown(() => parseDocument(Buffer.from('{"KeyId":"\xff"}', 'latin1'))),
    silent,
  )
  assert.deepEqual(
    thrown(() => parseDocument(body('[]'))),
    { ...silent, text: list },
  )
  assert.deepEqual(
    thrown(() => parseDocument(body('1'))),
    { ...silent, text: 'Expected null' },
  )
  assert.deepEqual(
    thrown(() => check('ListKeys', undefined)),
    { ...silent, text: 'Expected null' },
  )
  assert.deepEqual(parseDocument(body('')), {})
  assert.deepEqual(parseDocument(body(' {} ')), {})
})

test('the request holds the known members that are there, and no other', () => {
  const document = { KeyId, keyId: 'x', Plaintext: 'YWI=', GrantTokens: null, Other: [{}] }
  const request = check('Encrypt', document)
  assert.deepEqual(request, { KeyId, Plaintext: Buffer.from('ab') })
  assert.deepEqual(check('ListKeys', {}), {})
  assert.deepEqual(check('DescribeKey', { KeyId, GrantTokens: [null, 't'] }), {
    KeyId,
    GrantTokens: ['t'],
  })
})

test('the bytes of a blob have their own memory', () => {
  const { Plaintext } = check('Encrypt', { KeyId, Plaintext: 'YWI=' })
  assert.equal(Plaintext.buffer.byteLength, 2)
})

test('an encryption context is a Map, its numbers and booleans are text', () => {
  const text = '{"EncryptionContext":{"a":1,"b":true,"c":-0.5,"__proto__":"p","toString":"t"}}'
  const document = parseDocument(Buffer.from(text))
  const request = check('Decrypt', { ...Object(document), CiphertextBlob: ok })
  const expected = [
    ['a', '1'],
    ['b', 'true'],
    ['c', '-0.5'],
    ['__proto__', 'p'],
    ['toString', 't'],
  ]
  assert.ok(request.EncryptionContext instanceof Map)
  assert.deepEqual([...request.EncryptionContext], expected)
})

test('__proto__ brings no members, and of two members of one name the last counts', () => {
  const inherited = parseDocument(Buffer.from(`{"__proto__":{"KeyId":"${KeyId}"}}`))
  assert.deepEqual(refusal('DescribeKey', inherited).text, isNull("null at 'keyId'"))
  const twice = parseDocument(Buffer.from('{"KeyId":"a","KeyId":"b"}'))
  assert.deepEqual(check('DescribeKey', twice), { KeyId: 'b' })
})

test('a dry run that ignores the ciphertext may leave it out', () => {
  const DryRunModifiers = ['IGNORE_CIPHERTEXT']
  const request = { DryRun: true, DryRunModifiers }
  assert.deepEqual(check('Decrypt', request), request)
  assert.ok(check('ReEncrypt', { ...request, DestinationKeyId: KeyId }))
})

test('SYMMETRIC_DEFAULT passes as a signing algorithm, AES_128 as a data key', () => {
  assert.ok(check('Sign', { KeyId, Message: ok, SigningAlgorithm: 'SYMMETRIC_DEFAULT' }))
  assert.ok(check('GenerateDataKey', { KeyId, KeySpec: 'AES_128' }))
})

test('timestamps are seconds with decimals', () => {
  const document = { KeyId, ImportToken: ok, EncryptedKeyMaterial: ok, ValidTo: 1893456000.25 }
  assert.equal(check('ImportKeyMaterial', document).ValidTo, 1893456000.25)
})

test('patterns match the whole value, and white space is what Java takes for it', () => {
  const describes = (KeyMaterialDescription: string): string | undefined =>
    refusal('ImportKeyMaterial', {
      KeyId,
      ImportToken: ok,
      EncryptedKeyMaterial: ok,
      KeyMaterialDescription,
    }).text
  assert.equal(describes('a b\tc\n'), undefined)
  assert.match(describes('a\u00a0b') ?? '', /regular expression pattern/)
  assert.match(refusal('CreateAlias', { AliasName: 'alias/a\n' }).text ?? '', /'aliasName'/)
  assert.match(refusal('CreateKey', { XksKeyId: 'a b' }).text ?? '', /'xksKeyId'/)
  assert.deepEqual(check('CreateKey', { XksKeyId: 'a-b_c.d' }), { XksKeyId: 'a-b_c.d' })
  const paths = ['/kms/xks/v1', '/a/b/kms/xks/v12']
  for (const XksProxyUriPath of paths) {
    assert.ok(check('UpdateCustomKeyStore', { CustomKeyStoreId: 'c', XksProxyUriPath }))
  }
  const service = { KeyId, Operations: ['Decrypt'], GranteeServicePrincipal: 'ec2.amazonaws.com' }
  assert.ok(check('CreateGrant', service))
})

test('no pattern takes long over a megabyte', () => {
  for (const unit of ['a', '/a', 'a-', 'a.', '/kms/xks/v1', 'com.amazonaws.vpce.']) {
    const text = unit.repeat(1_000_000 / unit.length)
    for (const name of operations) {
      const patterned = Object.entries(shapes[name]).filter(([, shape]) => 'pattern' in shape)
      refusal(name, Object.fromEntries(patterned.map(([member]) => [member, text])))
    }
  }
})

test('a megabyte of empty tags is answered with a hundred complaints', () => {
  const { text } = refusal('TagResource', { KeyId, Tags: Array(300_000).fill({}) })
  assert.match(text ?? '', /^10\d validation errors detected: /)
})

const operations: readonly OperationName[] = Object.keys(shapes).filter(
  (name): name is OperationName => name in shapes,
)

test('whatever the document, the answer is a request or one of the two exceptions', () => {
  const any = fc.constantFrom(...operations).chain((name) => {
    const leaf = fc.oneof(
      fc.jsonValue(),
      fc.base64String(),
      fc.constantFrom(ok, KeyId, 'alias/a', '__proto__', '\udc00', Infinity),
    )
    const members = fc.constantFrom(...Object.keys(shapes[name]), 'TagKey', '__proto__')
    const flat = fc.dictionary(members, leaf)
    const deep = fc.dictionary(members, fc.oneof(leaf, flat, fc.array(fc.oneof(leaf, flat))))
    return fc.tuple(fc.constant(name), fc.oneof({ weight: 9, arbitrary: deep }, fc.jsonValue()))
  })
  const property = fc.property(any, ([name, document]) => {
    const { code } = refusal(name, document)
    assert.ok(code === '' || code === 'SerializationException' || code === 'ValidationException')
  })
  fc.assert(property, { numRuns: 1000 })
})

test('whatever the bytes, parsing throws nothing but SerializationException', () => {
  const bytes = fc.oneof(
    fc.uint8Array(),
    fc.json().map((text) => Buffer.from(text)),
  )
  const property = fc.property(bytes, (body) => {
    const { code } = thrown(() => parseDocument(body))
    assert.ok(code === '' || code === 'SerializationException')
  })
  fc.assert(property)
})

test('any bytes come through base64 unchanged', () => {
  const property = fc.property(fc.uint8Array({ minLength: 1, maxLength: 4096 }), (bytes) => {
    const Plaintext = Buffer.from(bytes).toString('base64')
    assert.deepEqual(check('Encrypt', { KeyId, Plaintext }).Plaintext, Buffer.from(bytes))
  })
  fc.assert(property)
})

test('the content of a sensitive member is never in a message', () => {
  const places: readonly (readonly [OperationName, (secret: unknown) => object])[] = [
    ['Encrypt', (Plaintext) => ({ Plaintext })],
    ['Sign', (Message) => ({ Message })],
    ['Verify', (Message) => ({ Message })],
    ['GenerateMac', (Message) => ({ Message })],
    ['VerifyMac', (Message) => ({ Message })],
    ['CreateCustomKeyStore', (KeyStorePassword) => ({ KeyStorePassword })],
    ['UpdateCustomKeyStore', (KeyStorePassword) => ({ KeyStorePassword })],
    [
      'CreateCustomKeyStore',
      (secret) => ({
        XksProxyAuthenticationCredential: { AccessKeyId: secret, RawSecretAccessKey: secret },
      }),
    ],
  ]
  const secret = fc
    .oneof(fc.string({ unit: 'binary', maxLength: 80 }), fc.base64String({ maxLength: 80 }))
    .map((text) => `S3cr3t${text}`)
  const value = (text: string): fc.Arbitrary<unknown> =>
    fc.constantFrom<unknown>(text, [text], { [text]: text }, `${text}=`, text.repeat(1000))
  const any = secret.chain((text) => fc.tuple(fc.constant(text), value(text)))
  const property = fc.property(fc.constantFrom(...places), any, ([name, place], [text, shown]) => {
    const error = refusal(name, place(shown))
    assert.ok(!JSON.stringify(error).includes('S3cr3t'), text)
  })
  fc.assert(property, { numRuns: 500 })
})

interface Refusal {
  /** Empty when there was none. */
  readonly code: string
  readonly text: string | undefined
}

function refusal(name: OperationName, document: unknown): Refusal {
  return thrown(() => check(name, document))
}

function thrown(run: () => unknown): Refusal {
  try {
    run()
  } catch (error) {
    if (!(error instanceof KmsError)) throw error
    assert.equal(error.status, 400)
    return { code: error.code, text: error.text }
  }
  return { code: '', text: undefined }
}
