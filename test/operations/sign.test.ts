import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  type MessageType,
  SignCommand,
  type SignCommandInput,
  type SigningAlgorithmSpec,
  VerifyCommand,
} from '@aws-sdk/client-kms'
import { sendDocument } from '../support/documents.ts'
import { recordOf, recordOfRefused, recordText, resource } from '../support/record.ts'
import { deniedAcrossAccounts, dryRun, emptyKeyId, violated } from '../support/sentences.ts'
import { refused, startService } from '../support/service.ts'
import {
  absentId,
  algorithmRefusal,
  aliasSpecKey,
  createSpecKey,
  deleteSpecKey,
  disableSpecKey,
  printedSigningAlgorithms,
  sharedKeys,
  signingWays,
  usageRefusal,
} from '../support/spec-keys.ts'

const trent = await startService()
const kms = trent.client()
const keyOf = sharedKeys(kms)
const key = await keyOf('ECC_NIST_P256', 'SIGN_VERIFY')
const Message = Buffer.from('the message')

/** With the P-256 key of this file unless another is named. */
const sign = (input: Partial<SignCommandInput>) =>
  kms.send(new SignCommand({ KeyId: key.id, Message, SigningAlgorithm: 'ECDSA_SHA_256', ...input }))

describe('Sign: shape', () => {
  test('a missing message is sensitive enough that not even null is shown', async () => {
    await refused(
      sign({ Message: undefined }),
      'ValidationException',
      "1 validation error detected: Value at 'message' failed to satisfy constraint: Member must not be null",
    )
  })

  for (const [length, constraint] of [
    [0, 'greater than or equal to 1'],
    [4097, 'less than or equal to 4096'],
  ] as const) {
    test(`a message of ${length} bytes is refused without being shown, before any key is looked up`, async () => {
      await refused(
        sign({ KeyId: absentId, Message: Buffer.alloc(length, 'm') }),
        'ValidationException',
        violated(`at 'message': have length ${constraint}`),
      )
    })
  }

  test('a missing SigningAlgorithm is null at signingAlgorithm', async () => {
    await refused(
      sign({ SigningAlgorithm: undefined }),
      'ValidationException',
      violated("null at 'signingAlgorithm': not be null"),
    )
  })

  test('a missing KeyId is null at keyId', async () => {
    await refused(
      sign({ KeyId: undefined }),
      'ValidationException',
      violated("null at 'keyId': not be null"),
    )
  })

  test('an empty KeyId fails the length first and the pattern second', async () => {
    await refused(sign({ KeyId: '' }), 'ValidationException', emptyKeyId('keyId'))
  })

  for (const algorithm of ['RSAES_OAEP_SHA_256', 'HMAC_SHA_256', 'ECDH', 'ecdsa_sha_256']) {
    test(`the SigningAlgorithm ${algorithm} is refused with the list as AWS prints it`, async () => {
      await refused(
        sign({ SigningAlgorithm: algorithm as SigningAlgorithmSpec }),
        'ValidationException',
        violated(
          `'${algorithm}' at 'signingAlgorithm': satisfy enum value set: ${printedSigningAlgorithms}`,
        ),
      )
    })
  }

  test('an unknown MessageType is refused with the list as AWS prints it', async () => {
    await refused(
      sign({ KeyId: absentId, MessageType: 'HASH' as MessageType }),
      'ValidationException',
      violated("'HASH' at 'messageType': satisfy enum value set: [RAW, DIGEST, EXTERNAL_MU]"),
    )
  })

  test('a request of nothing misses three members', async () => {
    const answer = await sendDocument(trent, 'Sign', {})
    const { message } = JSON.parse(answer.body) as { readonly message: string }
    assert.match(message, /^3 validation errors detected: /)
    for (const entry of [
      "Value null at 'keyId' ",
      "Value at 'message' ",
      "Value null at 'signingAlgorithm' ",
    ]) {
      assert.ok(message.includes(`${entry}failed to satisfy constraint: Member must not be null`))
    }
  })
})

describe('Sign: permission', () => {
  test("another account's key is refused alike whether or not there is one", async () => {
    const theirs = trent.client({ account: await trent.createAccount() })
    const foreign = await createSpecKey(theirs, { spec: 'ECC_NIST_P256', usage: 'SIGN_VERIFY' })
    const named = await aliasSpecKey(theirs, 'alias/Theirs', foreign)
    for (const KeyId of [
      foreign.arn,
      foreign.arn.replace(foreign.id, absentId),
      named,
      `${named}Not`,
    ]) {
      await refused(
        sign({ KeyId }),
        'AccessDeniedException',
        deniedAcrossAccounts(trent.accountId, 'kms:Sign'),
      )
    }
  })

  test('a grant token that nobody gave is an InvalidGrantTokenException', async () => {
    await refused(sign({ GrantTokens: ['token'] }), 'InvalidGrantTokenException', undefined)
  })
})

describe('Sign: state', () => {
  for (const [spec, usage] of [
    ['SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT'],
    ['RSA_2048', 'ENCRYPT_DECRYPT'],
    ['HMAC_256', 'GENERATE_VERIFY_MAC'],
    ['ECC_NIST_P256', 'KEY_AGREEMENT'],
    ['ML_KEM_768', 'ENCAPSULATE_DECAPSULATE'],
  ] as const) {
    test(`a ${spec} key's usage is ${usage}, which is not valid for Sign`, async () => {
      const other = await keyOf(spec, usage)
      await refused(
        sign({ KeyId: other.id }),
        'InvalidKeyUsageException',
        usageRefusal(other, usage, 'Sign'),
      )
    })
  }

  test('the usage is looked at before the state', async () => {
    const [off, leaving] = await Promise.all(
      [disableSpecKey, deleteSpecKey].map(async (change) =>
        change(kms, await createSpecKey(kms, { spec: 'HMAC_256', usage: 'GENERATE_VERIFY_MAC' })),
      ),
    )
    for (const mac of [off, leaving]) {
      assert.ok(mac)
      await refused(
        sign({ KeyId: mac.id }),
        'InvalidKeyUsageException',
        usageRefusal(mac, 'GENERATE_VERIFY_MAC', 'Sign'),
      )
    }
  })

  test('a disabled key is disabled, whatever the algorithm', async () => {
    const off = await disableSpecKey(
      kms,
      await createSpecKey(kms, { spec: 'RSA_2048', usage: 'SIGN_VERIFY' }),
    )
    for (const SigningAlgorithm of ['RSASSA_PSS_SHA_256', 'ECDSA_SHA_256'] as const) {
      await refused(
        sign({ KeyId: off.id, SigningAlgorithm }),
        'DisabledException',
        `${off.arn} is disabled.`,
      )
    }
  })

  test('a key pending deletion is pending deletion, whatever the algorithm', async () => {
    const leaving = await deleteSpecKey(
      kms,
      await createSpecKey(kms, { spec: 'ECC_NIST_P256', usage: 'SIGN_VERIFY' }),
    )
    for (const SigningAlgorithm of ['ECDSA_SHA_256', 'ECDSA_SHA_384'] as const) {
      await refused(
        sign({ KeyId: leaving.id, SigningAlgorithm }),
        'KMSInvalidStateException',
        `${leaving.arn} is pending deletion.`,
      )
    }
  })

  test('a key without its imported material is pending import', async () => {
    const waiting = await createSpecKey(kms, {
      spec: 'ECC_NIST_P256',
      usage: 'SIGN_VERIFY',
      external: true,
    })
    await refused(
      sign({ KeyId: waiting.id }),
      'KMSInvalidStateException',
      `${waiting.arn} is pending import.`,
    )
  })

  test('the state is looked at before the length of the digest', async () => {
    const off = await disableSpecKey(
      kms,
      await createSpecKey(kms, { spec: 'ECC_NIST_P256', usage: 'SIGN_VERIFY' }),
    )
    await refused(
      sign({ KeyId: off.id, MessageType: 'DIGEST', Message: Buffer.alloc(20) }),
      'DisabledException',
      `${off.arn} is disabled.`,
    )
  })
})

describe('Sign: algorithm', () => {
  for (const [spec, algorithm] of [
    ['RSA_2048', 'ECDSA_SHA_256'],
    ['RSA_2048', 'SYMMETRIC_DEFAULT'],
    ['RSA_2048', 'SM2DSA'],
    ['ECC_NIST_P256', 'ECDSA_SHA_384'],
    ['ECC_NIST_P256', 'RSASSA_PSS_SHA_256'],
    ['ECC_NIST_P256', 'ED25519_PH_SHA_512'],
    ['ECC_NIST_P256', 'ML_DSA_SHAKE_256'],
    ['ECC_SECG_P256K1', 'ECDSA_SHA_512'],
    ['ECC_NIST_EDWARDS25519', 'ECDSA_SHA_512'],
    ['ML_DSA_44', 'ED25519_SHA_512'],
  ] as const) {
    test(`Algorithm ${algorithm} is incompatible with key spec ${spec}`, async () => {
      const { id } = await keyOf(spec, 'SIGN_VERIFY')
      await refused(
        sign({ KeyId: id, SigningAlgorithm: algorithm as SigningAlgorithmSpec }),
        'InvalidKeyUsageException',
        algorithmRefusal(algorithm, spec),
      )
    })
  }

  test('the algorithm is looked at before the length of the digest', async () => {
    await refused(
      sign({
        SigningAlgorithm: 'ECDSA_SHA_384',
        MessageType: 'DIGEST',
        Message: Buffer.alloc(20),
      }),
      'InvalidKeyUsageException',
      algorithmRefusal('ECDSA_SHA_384', 'ECC_NIST_P256'),
    )
  })
})

describe('Sign: message type', () => {
  for (const [spec, algorithm, type, what] of [
    ['ML_DSA_44', 'ML_DSA_SHAKE_256', 'DIGEST', 'key spec ML_DSA_44'],
    ['ML_DSA_87', 'ML_DSA_SHAKE_256', 'DIGEST', 'key spec ML_DSA_87'],
    ['ECC_NIST_EDWARDS25519', 'ED25519_PH_SHA_512', 'RAW', 'algorithm ED25519_PH_SHA_512'],
    ['ECC_NIST_EDWARDS25519', 'ED25519_SHA_512', 'DIGEST', 'algorithm ED25519_SHA_512'],
    ['ECC_NIST_EDWARDS25519', 'ED25519_SHA_512', 'EXTERNAL_MU', 'algorithm ED25519_SHA_512'],
    ['ECC_NIST_P256', 'ECDSA_SHA_256', 'EXTERNAL_MU', 'algorithm ECDSA_SHA_256'],
    ['RSA_2048', 'RSASSA_PSS_SHA_512', 'EXTERNAL_MU', 'algorithm RSASSA_PSS_SHA_512'],
  ] as const) {
    test(`Message type ${type} is incompatible with ${what}`, async () => {
      const { id } = await keyOf(spec, 'SIGN_VERIFY')
      await refused(
        sign({
          KeyId: id,
          SigningAlgorithm: algorithm,
          MessageType: type,
          Message: Buffer.alloc(64),
        }),
        'ValidationException',
        `Message type ${type} is incompatible with ${what}.`,
      )
    })
  }

  test('a missing MessageType is RAW, also where that is refused', async () => {
    const { id } = await keyOf('ECC_NIST_EDWARDS25519', 'SIGN_VERIFY')
    await refused(
      sign({ KeyId: id, SigningAlgorithm: 'ED25519_PH_SHA_512' }),
      'ValidationException',
      'Message type RAW is incompatible with algorithm ED25519_PH_SHA_512.',
    )
  })

  test('the message type is looked at before the length of the digest', async () => {
    const { id } = await keyOf('ECC_NIST_EDWARDS25519', 'SIGN_VERIFY')
    await refused(
      sign({
        KeyId: id,
        SigningAlgorithm: 'ED25519_SHA_512',
        MessageType: 'DIGEST',
        Message: Buffer.alloc(20),
      }),
      'ValidationException',
      'Message type DIGEST is incompatible with algorithm ED25519_SHA_512.',
    )
  })

  for (const { spec, algorithm, type, length } of signingWays) {
    if (length === undefined || spec === 'RSA_3072' || spec === 'RSA_4096') continue
    test(`${spec}: ${type} is invalid length for algorithm ${algorithm} unless ${length} bytes`, async () => {
      const { id } = await keyOf(spec, 'SIGN_VERIFY')
      for (const wrong of [1, 20, 28, 32, 48, 64, 65, 4096].filter((each) => each !== length)) {
        await refused(
          sign({
            KeyId: id,
            SigningAlgorithm: algorithm,
            MessageType: type,
            Message: Buffer.alloc(wrong),
          }),
          'ValidationException',
          `Digest is invalid length for algorithm ${algorithm}.`,
        )
      }
    })
  }
})

describe('Sign: behaviour', () => {
  for (const { spec, algorithm, type, length, signature } of signingWays) {
    test(`${spec} signs ${type} with ${algorithm}, and Verify agrees`, async () => {
      const { id, arn } = await keyOf(spec, 'SIGN_VERIFY')
      const input = {
        KeyId: id,
        Message: Buffer.alloc(length ?? 100, 'm'),
        MessageType: type,
        SigningAlgorithm: algorithm,
      } as const
      const { $metadata: _, ...answer } = await sign(input)
      const { Signature } = answer
      assert.deepEqual(answer, { KeyId: arn, Signature, SigningAlgorithm: algorithm })
      if (algorithm.startsWith('ECDSA')) {
        assert.equal(Signature?.[0], 0x30)
        assert.ok(Signature.length <= signature)
      } else assert.equal(Signature?.length, signature)
      const verified = await kms.send(new VerifyCommand({ ...input, Signature }))
      assert.equal(verified.SignatureValid, true)
    })
  }

  test('a message may have 1 to 4096 bytes', async () => {
    for (const length of [1, 4096]) {
      const input = { KeyId: key.id, SigningAlgorithm: 'ECDSA_SHA_256' } as const
      const message = Buffer.alloc(length, 1)
      const { Signature } = await sign({ ...input, Message: message })
      await kms.send(new VerifyCommand({ ...input, Message: message, Signature }))
    }
  })

  test('RSASSA_PKCS1_V1_5 and Ed25519 sign alike each time, the others never', async () => {
    for (const [spec, algorithm, alike] of [
      ['RSA_2048', 'RSASSA_PKCS1_V1_5_SHA_256', true],
      ['ECC_NIST_EDWARDS25519', 'ED25519_SHA_512', true],
      ['RSA_2048', 'RSASSA_PSS_SHA_256', false],
      ['ECC_NIST_P256', 'ECDSA_SHA_256', false],
      ['ECC_SECG_P256K1', 'ECDSA_SHA_256', false],
      ['ML_DSA_65', 'ML_DSA_SHAKE_256', false],
    ] as const) {
      const { id } = await keyOf(spec, 'SIGN_VERIFY')
      const input = { KeyId: id, SigningAlgorithm: algorithm }
      const [one, other] = await Promise.all([sign(input), sign(input)])
      assert.ok(one.Signature && other.Signature)
      assert.equal(Buffer.from(one.Signature).equals(other.Signature), alike, algorithm)
    }
  })

  test('a digest by ECDSA is signed with another nonce each time', async () => {
    const input = { MessageType: 'DIGEST', Message: Buffer.alloc(32, 1) } as const
    const [one, other] = await Promise.all([sign(input), sign(input)])
    assert.notDeepEqual(one.Signature, other.Signature)
  })

  test('Ed25519 and Ed25519ph never sign alike', async () => {
    const { id } = await keyOf('ECC_NIST_EDWARDS25519', 'SIGN_VERIFY')
    const digest = Buffer.alloc(64, 7)
    const pure = await sign({ KeyId: id, Message: digest, SigningAlgorithm: 'ED25519_SHA_512' })
    const hashed = await sign({
      KeyId: id,
      Message: digest,
      MessageType: 'DIGEST',
      SigningAlgorithm: 'ED25519_PH_SHA_512',
    })
    assert.notDeepEqual(pure.Signature, hashed.Signature)
  })

  test('the key may be named by id, ARN, alias and alias ARN', async () => {
    const named = await aliasSpecKey(kms, 'alias/Signer', key)
    for (const KeyId of [key.id, key.arn, 'alias/Signer', named]) {
      assert.equal((await sign({ KeyId })).KeyId, key.arn)
    }
  })

  test('a key that does not exist is a NotFoundException', async () => {
    await refused(
      sign({ KeyId: absentId }),
      'NotFoundException',
      `Key '${key.arn.replace(key.id, absentId)}' does not exist`,
    )
    await refused(sign({ KeyId: 'key_id' }), 'NotFoundException', "Invalid keyId 'key_id'")
  })

  test('a dry run signs nothing, and is refused as the call would be', async () => {
    await refused(sign({ DryRun: true }), 'DryRunOperationException', dryRun)
    await refused(
      sign({ DryRun: true, MessageType: 'DIGEST' }),
      'ValidationException',
      'Digest is invalid length for algorithm ECDSA_SHA_256.',
    )
    assert.ok((await sign({ DryRun: false })).Signature)
  })
})

describe('Sign: record', () => {
  test('the event shows key, message type and algorithm, and neither message nor signature', async () => {
    const secret = Buffer.from('a message not for the record....')
    const answer = await sign({ KeyId: key.arn, Message: secret, MessageType: 'DIGEST' })
    const event = recordOf(trent, answer)
    assert.equal(event.eventName, 'Sign')
    assert.equal(event.readOnly, true)
    assert.deepEqual(event.requestParameters, {
      keyId: key.arn,
      messageType: 'DIGEST',
      signingAlgorithm: 'ECDSA_SHA_256',
    })
    assert.equal(event.responseElements, null)
    assert.equal(event.additionalEventData, undefined)
    assert.deepEqual(event.resources, [resource(key.arn)])
    const text = recordText(trent.data)
    for (const bytes of [secret, Buffer.from(answer.Signature ?? [])]) {
      assert.ok(!text.includes(bytes.toString('base64')))
    }
    assert.ok(!text.includes(secret.toString()))
  })

  test('a refused algorithm has its errorCode, errorMessage and resource', async () => {
    const event = await recordOfRefused(trent, sign({ SigningAlgorithm: 'ECDSA_SHA_512' }))
    assert.equal(event.errorCode, 'InvalidKeyUsageException')
    assert.equal(event.errorMessage, algorithmRefusal('ECDSA_SHA_512', 'ECC_NIST_P256'))
    assert.deepEqual(event.resources, [resource(key.arn)])
  })
})
