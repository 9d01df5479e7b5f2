import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { describe as group, test } from 'node:test'
import {
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DecryptCommand,
  EncryptCommand,
  GetPublicKeyCommand,
  type KeyMetadata,
  type KeySpec,
  type KeyUsageType,
} from '@aws-sdk/client-kms'
import { describe, makeKey } from '../support/made-keys.ts'
import { recordOf, resource } from '../support/record.ts'
import { refused, startService } from '../support/service.ts'

const trent = await startService()
const kms = trent.client()

type AlgorithmMember = keyof KeyMetadata & `${string}Algorithms`

/** One usage of a key spec: the algorithms as AWS lists them, and the length of the public key, if there is one. */
interface Kind {
  readonly usage: KeyUsageType
  readonly member: AlgorithmMember
  readonly algorithms: readonly string[]
  readonly publicKey?: number
}

const rsa = (publicKey: number): readonly Kind[] => [
  {
    usage: 'ENCRYPT_DECRYPT',
    member: 'EncryptionAlgorithms',
    algorithms: ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'],
    publicKey,
  },
  {
    usage: 'SIGN_VERIFY',
    member: 'SigningAlgorithms',
    algorithms: [
      'RSASSA_PKCS1_V1_5_SHA_256',
      'RSASSA_PKCS1_V1_5_SHA_384',
      'RSASSA_PKCS1_V1_5_SHA_512',
      'RSASSA_PSS_SHA_256',
      'RSASSA_PSS_SHA_384',
      'RSASSA_PSS_SHA_512',
    ],
    publicKey,
  },
]

const signing = (publicKey: number, ...algorithms: string[]): Kind => ({
  usage: 'SIGN_VERIFY',
  member: 'SigningAlgorithms',
  algorithms,
  publicKey,
})

const agreement = (publicKey: number): Kind => ({
  usage: 'KEY_AGREEMENT',
  member: 'KeyAgreementAlgorithms',
  algorithms: ['ECDH'],
  publicKey,
})

const encapsulation = (publicKey: number): readonly Kind[] => [
  {
    usage: 'ENCAPSULATE_DECAPSULATE',
    member: 'EncapsulationAlgorithms',
    algorithms: ['ML_KEM'],
    publicKey,
  },
]

const mac = (bits: number): readonly Kind[] => [
  { usage: 'GENERATE_VERIFY_MAC', member: 'MacAlgorithms', algorithms: [`HMAC_SHA_${bits}`] },
]

const symmetric: readonly Kind[] = [
  {
    usage: 'ENCRYPT_DECRYPT',
    member: 'EncryptionAlgorithms',
    algorithms: ['SYMMETRIC_DEFAULT'],
  },
]

const specs: Readonly<Record<Exclude<KeySpec, 'SM2'>, readonly Kind[]>> = {
  SYMMETRIC_DEFAULT: symmetric,
  RSA_2048: rsa(294),
  RSA_3072: rsa(422),
  RSA_4096: rsa(550),
  ECC_NIST_P256: [signing(91, 'ECDSA_SHA_256'), agreement(91)],
  ECC_NIST_P384: [signing(120, 'ECDSA_SHA_384'), agreement(120)],
  ECC_NIST_P521: [signing(158, 'ECDSA_SHA_512'), agreement(158)],
  ECC_SECG_P256K1: [signing(88, 'ECDSA_SHA_256')],
  ECC_NIST_EDWARDS25519: [signing(44, 'ED25519_SHA_512', 'ED25519_PH_SHA_512')],
  HMAC_224: mac(224),
  HMAC_256: mac(256),
  HMAC_384: mac(384),
  HMAC_512: mac(512),
  ML_DSA_44: [signing(1334, 'ML_DSA_SHAKE_256')],
  ML_DSA_65: [signing(1974, 'ML_DSA_SHAKE_256')],
  ML_DSA_87: [signing(2614, 'ML_DSA_SHAKE_256')],
  ML_KEM_512: encapsulation(822),
  ML_KEM_768: encapsulation(1206),
  ML_KEM_1024: encapsulation(1590),
}

const usages: readonly KeyUsageType[] = [
  'ENCRYPT_DECRYPT',
  'SIGN_VERIFY',
  'GENERATE_VERIFY_MAC',
  'KEY_AGREEMENT',
  'ENCAPSULATE_DECAPSULATE',
]

const kinds = Object.entries(specs) as [Exclude<KeySpec, 'SM2'>, readonly Kind[]][]
const create = (input: CreateKeyCommandInput) => kms.send(new CreateKeyCommand(input))

/** The members that every new key of a spec and usage has; an EXTERNAL one waits for its material. */
function metadataOf(
  key: KeyMetadata,
  spec: KeySpec,
  { usage, member, algorithms }: Kind,
): KeyMetadata {
  const external = key.Origin === 'EXTERNAL'
  return {
    AWSAccountId: trent.accountId,
    KeyId: key.KeyId,
    Arn: `arn:aws:kms:us-east-1:${trent.accountId}:key/${key.KeyId}`,
    CreationDate: new Date(trent.clock.now()),
    Enabled: !external,
    Description: '',
    KeyUsage: usage,
    KeyState: external ? 'PendingImport' : 'Enabled',
    Origin: external ? 'EXTERNAL' : 'AWS_KMS',
    KeyManager: 'CUSTOMER',
    CustomerMasterKeySpec: spec as KeyMetadata['CustomerMasterKeySpec'],
    KeySpec: spec,
    [member]: algorithms,
    MultiRegion: false,
    ...(spec === 'SYMMETRIC_DEFAULT' &&
      !external && { CurrentKeyMaterialId: key.CurrentKeyMaterialId }),
  }
}

group('CreateKey: every key spec', () => {
  for (const [spec, made] of kinds) {
    for (const kind of made) {
      test(`${spec}, ${kind.usage}: the metadata, the same by DescribeKey`, async () => {
        const key = await makeKey(kms, { KeySpec: spec, KeyUsage: kind.usage })
        assert.deepEqual({ ...key }, metadataOf(key, spec, kind))
        assert.equal(
          /^[0-9a-f]{64}$/.test(key.CurrentKeyMaterialId ?? ''),
          kind.publicKey === undefined && spec === 'SYMMETRIC_DEFAULT',
        )
        assert.deepEqual(await describe(kms, key.Arn), key)
        if (kind.publicKey !== undefined) await assertPublicKey(key, kind, kind.publicKey)
      })
    }

    test(`${spec}: KeyUsage and KeySpec that do not go together are refused`, async () => {
      for (const usage of usages) {
        if (made.some((kind) => kind.usage === usage)) continue
        await refused(
          create({ KeySpec: spec, KeyUsage: usage }),
          'ValidationException',
          `KeyUsage ${usage} is not compatible with KeySpec ${spec}`,
        )
      }
    })

    if (spec !== 'SYMMETRIC_DEFAULT') {
      test(`${spec}: you must specify a KeyUsage value`, async () => {
        await refused(
          create({ KeySpec: spec }),
          'ValidationException',
          'You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.',
        )
      })
    }
  }

  /** GetPublicKey answers the spec's own SubjectPublicKeyInfo and the algorithms of the metadata. */
  async function assertPublicKey(key: KeyMetadata, kind: Kind, length: number): Promise<void> {
    const shown = await kms.send(new GetPublicKeyCommand({ KeyId: key.KeyId }))
    const spki = Buffer.from(shown.PublicKey ?? [])
    assert.equal(spki.length, length)
    const read = createPublicKey({ key: spki, format: 'der', type: 'spki' })
    assert.deepEqual(read.export({ format: 'der', type: 'spki' }), spki)
    assert.deepEqual(
      [shown.KeyId, shown.KeySpec, shown.KeyUsage],
      [key.Arn, key.KeySpec, kind.usage],
    )
    assert.deepEqual({ ...shown }[kind.member as 'SigningAlgorithms'], kind.algorithms)
  }
})

group('CreateKey: the kinds of keys', () => {
  test('SM2 is not offered, for any usage', async () => {
    for (const KeyUsage of usages) {
      await refused(
        create({ KeySpec: 'SM2', KeyUsage }),
        'UnsupportedOperationException',
        'KeySpec SM2 is not supported in this Region',
      )
    }
    await refused(
      create({ CustomerMasterKeySpec: 'SM2', KeyUsage: 'SIGN_VERIFY' }),
      'UnsupportedOperationException',
      'KeySpec SM2 is not supported in this Region',
    )
  })

  test('CustomerMasterKeySpec makes the same key, and both members come back', async () => {
    const key = await makeKey(kms, {
      CustomerMasterKeySpec: 'ECC_NIST_P256',
      KeyUsage: 'SIGN_VERIFY',
    })
    assert.deepEqual({ ...key }, metadataOf(key, 'ECC_NIST_P256', signing(91, 'ECDSA_SHA_256')))
  })

  test('SYMMETRIC_DEFAULT is the default of KeySpec, ENCRYPT_DECRYPT of its KeyUsage', async () => {
    const key = await makeKey(kms, { KeySpec: 'SYMMETRIC_DEFAULT' })
    assert.equal(key.KeyUsage, 'ENCRYPT_DECRYPT')
    const other = await makeKey(kms, { KeyUsage: 'ENCRYPT_DECRYPT' })
    assert.equal(other.KeySpec, 'SYMMETRIC_DEFAULT')
  })

  for (const [spec, made] of kinds) {
    const kind = made[0]
    if (kind === undefined) continue
    if (spec.startsWith('ML_')) {
      test(`KeySpec ${spec} is not supported for Origin EXTERNAL`, async () => {
        await refused(
          create({ KeySpec: spec, KeyUsage: kind.usage, Origin: 'EXTERNAL' }),
          'ValidationException',
          `KeySpec ${spec} is not supported for Origin EXTERNAL`,
        )
      })
    } else {
      test(`${spec} with Origin EXTERNAL waits for its material`, async () => {
        const key = await makeKey(kms, {
          KeySpec: spec,
          KeyUsage: kind.usage,
          Origin: 'EXTERNAL',
        })
        assert.deepEqual({ ...key }, metadataOf(key, spec, kind))
      })
    }
  }

  test('a multi-Region key may be of any kind', async () => {
    for (const [KeySpec, KeyUsage] of [
      ['ECC_NIST_P256', 'SIGN_VERIFY'],
      ['HMAC_256', 'GENERATE_VERIFY_MAC'],
      ['ML_DSA_44', 'SIGN_VERIFY'],
    ] as const) {
      const key = await makeKey(kms, { KeySpec, KeyUsage, MultiRegion: true })
      assert.match(key.KeyId, /^mrk-[0-9a-f]{32}$/)
      assert.equal(key.MultiRegion, true)
      assert.equal(key.MultiRegionConfiguration?.MultiRegionKeyType, 'PRIMARY')
    }
  })

  test('two keys of a spec have materials of their own', async () => {
    const [one, other] = await Promise.all([makeKey(kms), makeKey(kms)])
    assert.notEqual(one.CurrentKeyMaterialId, other.CurrentKeyMaterialId)
    const made = await kms.send(
      new EncryptCommand({ KeyId: one.KeyId, Plaintext: Buffer.from('plain') }),
    )
    await refused(
      kms.send(new DecryptCommand({ KeyId: other.KeyId, CiphertextBlob: made.CiphertextBlob })),
      'IncorrectKeyException',
      'The key ID in the request does not identify a CMK that can perform this operation.',
    )
  })
})

group('CreateKey: record of asymmetric keys', () => {
  test('the event shows spec, usage and algorithms', async () => {
    const answer = await create({ KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY' })
    const arn = answer.KeyMetadata?.Arn ?? ''
    const event = recordOf(trent, answer)
    assert.equal(event.readOnly, false)
    assert.deepEqual(event.requestParameters, {
      keyUsage: 'SIGN_VERIFY',
      keySpec: 'ECC_NIST_EDWARDS25519',
    })
    const shown = (event.responseElements as { keyMetadata: Record<string, unknown> }).keyMetadata
    assert.equal(shown['keySpec'], 'ECC_NIST_EDWARDS25519')
    assert.deepEqual(shown['signingAlgorithms'], ['ED25519_SHA_512', 'ED25519_PH_SHA_512'])
    assert.equal(shown['currentKeyMaterialId'], undefined)
    assert.deepEqual(event.resources, [resource(arn)])
  })
})
