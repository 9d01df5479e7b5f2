import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import {
  type KeySpec,
  type MessageType,
  SignCommand,
  type SignCommandInput,
  type SigningAlgorithmSpec,
  VerifyCommand,
  type VerifyCommandInput,
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
  publicKeyOf,
  sharedKeys,
  type SigningWay,
  signingWays,
  usageRefusal,
} from '../support/spec-keys.ts'

const trent = await startService()
const kms = trent.client()
const keyOf = sharedKeys(kms)
const key = await keyOf('ECC_NIST_P256', 'SIGN_VERIFY')
const Message = Buffer.from('the message')
const Signature = await signatureOf({ KeyId: key.id, Message, SigningAlgorithm: 'ECDSA_SHA_256' })

/** With the P-256 key of this file and a signature of its message, unless others are named. */
const verify = (input: Partial<VerifyCommandInput>) =>
  kms.send(
    new VerifyCommand({
      KeyId: key.id,
      Message,
      Signature,
      SigningAlgorithm: 'ECDSA_SHA_256',
      ...input,
    }),
  )

async function signatureOf(input: SignCommandInput): Promise<Buffer> {
  const answer = await kms.send(new SignCommand(input))
  return Buffer.from(answer.Signature ?? [])
}

/** What a way signs, with the key of its spec. */
async function inputOf({ spec, algorithm, type, length }: SigningWay): Promise<SignCommandInput> {
  const { id } = await keyOf(spec, 'SIGN_VERIFY')
  return {
    KeyId: id,
    Message: Buffer.alloc(length ?? 100, 'm'),
    MessageType: type,
    SigningAlgorithm: algorithm,
  }
}

describe('Verify: shape', () => {
  test('a missing message is sensitive enough that not even null is shown', async () => {
    await refused(
      verify({ Message: undefined }),
      'ValidationException',
      violated("at 'message': not be null"),
    )
  })

  test('a missing signature is not sensitive: null is shown', async () => {
    await refused(
      verify({ Signature: undefined }),
      'ValidationException',
      "1 validation error detected: Value null at 'signature' failed to satisfy constraint: Member must not be null",
    )
  })

  for (const [length, constraint] of [
    [0, 'greater than or equal to 1'],
    [6145, 'less than or equal to 6144'],
  ] as const) {
    test(`a signature of ${length} bytes is refused without being shown, before any key is looked up`, async () => {
      await refused(
        verify({ KeyId: absentId, Signature: Buffer.alloc(length, 's') }),
        'ValidationException',
        violated(`at 'signature': have length ${constraint}`),
      )
    })
  }

  for (const [length, constraint] of [
    [0, 'greater than or equal to 1'],
    [4097, 'less than or equal to 4096'],
  ] as const) {
    test(`a message of ${length} bytes is refused without being shown, before any key is looked up`, async () => {
      await refused(
        verify({ KeyId: absentId, Message: Buffer.alloc(length, 'm') }),
        'ValidationException',
        violated(`at 'message': have length ${constraint}`),
      )
    })
  }

  test('a missing SigningAlgorithm is null at signingAlgorithm', async () => {
    await refused(
      verify({ SigningAlgorithm: undefined }),
      'ValidationException',
      violated("null at 'signingAlgorithm': not be null"),
    )
  })

  test('an unknown SigningAlgorithm is refused with the list as AWS prints it', async () => {
    await refused(
      verify({ SigningAlgorithm: 'RSAES_OAEP_SHA_256' as SigningAlgorithmSpec }),
      'ValidationException',
      violated(
        `'RSAES_OAEP_SHA_256' at 'signingAlgorithm': satisfy enum value set: ${printedSigningAlgorithms}`,
      ),
    )
  })

  test('an unknown MessageType is refused with the list as AWS prints it', async () => {
    await refused(
      verify({ MessageType: 'raw' as MessageType }),
      'ValidationException',
      violated("'raw' at 'messageType': satisfy enum value set: [RAW, DIGEST, EXTERNAL_MU]"),
    )
  })

  test('an empty KeyId fails the length first and the pattern second', async () => {
    await refused(verify({ KeyId: '' }), 'ValidationException', emptyKeyId('keyId'))
  })
})

describe('Verify: permission', () => {
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
        verify({ KeyId }),
        'AccessDeniedException',
        deniedAcrossAccounts(trent.accountId, 'kms:Verify'),
      )
    }
  })

  test('a grant token that nobody gave is an InvalidGrantTokenException', async () => {
    await refused(verify({ GrantTokens: ['token'] }), 'InvalidGrantTokenException', undefined)
  })
})

describe('Verify: state', () => {
  for (const [spec, usage] of [
    ['SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT'],
    ['RSA_2048', 'ENCRYPT_DECRYPT'],
    ['HMAC_256', 'GENERATE_VERIFY_MAC'],
    ['ECC_NIST_P256', 'KEY_AGREEMENT'],
    ['ML_KEM_512', 'ENCAPSULATE_DECAPSULATE'],
  ] as const) {
    test(`a ${spec} key's usage is ${usage}, which is not valid for Verify`, async () => {
      const other = await keyOf(spec, usage)
      await refused(
        verify({ KeyId: other.id }),
        'InvalidKeyUsageException',
        usageRefusal(other, usage, 'Verify'),
      )
    })
  }

  test('the usage is looked at before the state', async () => {
    const off = await disableSpecKey(
      kms,
      await createSpecKey(kms, { spec: 'HMAC_256', usage: 'GENERATE_VERIFY_MAC' }),
    )
    await refused(
      verify({ KeyId: off.id }),
      'InvalidKeyUsageException',
      usageRefusal(off, 'GENERATE_VERIFY_MAC', 'Verify'),
    )
  })

  for (const [change, code, text, external] of [
    [disableSpecKey, 'DisabledException', 'is disabled.', false],
    [deleteSpecKey, 'KMSInvalidStateException', 'is pending deletion.', false],
    [undefined, 'KMSInvalidStateException', 'is pending import.', true],
  ] as const) {
    test(`a key that ${text} is refused for it, whatever the algorithm and the digest`, async () => {
      const kind = { spec: 'ECC_NIST_P256', usage: 'SIGN_VERIFY', external } as const
      const { id, arn } = await createSpecKey(kms, kind)
      await change?.(kms, { id, arn })
      for (const input of [
        {},
        { SigningAlgorithm: 'ECDSA_SHA_384' },
        { MessageType: 'DIGEST', Message: Buffer.alloc(20) },
      ] as const) {
        await refused(verify({ KeyId: id, ...input }), code, `${arn} ${text}`)
      }
    })
  }
})

describe('Verify: algorithm and message type', () => {
  for (const [spec, algorithm] of [
    ['RSA_2048', 'ECDSA_SHA_256'],
    ['RSA_2048', 'SYMMETRIC_DEFAULT'],
    ['ECC_NIST_P256', 'ECDSA_SHA_384'],
    ['ECC_NIST_P256', 'RSASSA_PSS_SHA_256'],
    ['ECC_NIST_P256', 'ED25519_PH_SHA_512'],
    ['ECC_NIST_EDWARDS25519', 'ECDSA_SHA_512'],
    ['ML_DSA_65', 'SM2DSA'],
  ] as const) {
    test(`Algorithm ${algorithm} is incompatible with key spec ${spec}`, async () => {
      const { id } = await keyOf(spec, 'SIGN_VERIFY')
      await refused(
        verify({ KeyId: id, SigningAlgorithm: algorithm as SigningAlgorithmSpec }),
        'InvalidKeyUsageException',
        algorithmRefusal(algorithm, spec),
      )
    })
  }

  for (const [spec, algorithm, type, what] of [
    ['ML_DSA_44', 'ML_DSA_SHAKE_256', 'DIGEST', 'key spec ML_DSA_44'],
    ['ECC_NIST_EDWARDS25519', 'ED25519_PH_SHA_512', 'RAW', 'algorithm ED25519_PH_SHA_512'],
    ['ECC_NIST_EDWARDS25519', 'ED25519_SHA_512', 'DIGEST', 'algorithm ED25519_SHA_512'],
    ['ECC_NIST_P256', 'ECDSA_SHA_256', 'EXTERNAL_MU', 'algorithm ECDSA_SHA_256'],
  ] as const) {
    test(`Message type ${type} is incompatible with ${what}`, async () => {
      const { id } = await keyOf(spec, 'SIGN_VERIFY')
      await refused(
        verify({ KeyId: id, SigningAlgorithm: algorithm, MessageType: type }),
        'ValidationException',
        `Message type ${type} is incompatible with ${what}.`,
      )
    })
  }

  for (const [spec, algorithm, wrong] of [
    ['ECC_NIST_P256', 'ECDSA_SHA_256', 20],
    ['ECC_NIST_P256', 'ECDSA_SHA_256', 48],
    ['RSA_2048', 'RSASSA_PKCS1_V1_5_SHA_256', 20],
    ['RSA_2048', 'RSASSA_PKCS1_V1_5_SHA_384', 64],
    ['RSA_2048', 'RSASSA_PSS_SHA_384', 32],
    ['ECC_NIST_EDWARDS25519', 'ED25519_PH_SHA_512', 32],
  ] as const) {
    test(`Digest of ${wrong} bytes is invalid length for algorithm ${algorithm}, whatever the signature`, async () => {
      const { id } = await keyOf(spec, 'SIGN_VERIFY')
      await refused(
        verify({
          KeyId: id,
          SigningAlgorithm: algorithm,
          MessageType: 'DIGEST',
          Message: Buffer.alloc(wrong),
          Signature: Buffer.of(1),
        }),
        'ValidationException',
        `Digest is invalid length for algorithm ${algorithm}.`,
      )
    })
  }
})

describe('Verify: behaviour', () => {
  test('the answer is key ARN, true and the algorithm', async () => {
    const { $metadata: _, ...answer } = await verify({})
    assert.deepEqual(answer, {
      KeyId: key.arn,
      SignatureValid: true,
      SigningAlgorithm: 'ECDSA_SHA_256',
    })
  })

  for (const way of signingWays) {
    if (way.spec === 'RSA_3072' || way.spec === 'RSA_4096') continue
    const { spec, algorithm, type } = way
    test(`${spec}, ${algorithm}, ${type}: any other signature is a KMSInvalidSignatureException`, async () => {
      const input = await inputOf(way)
      const signature = await signatureOf(input)
      const changed = Buffer.from(signature)
      changed.writeUInt8((changed.at(-1) ?? 0) ^ 1, changed.length - 1)
      const ofAnother = await signatureOf({
        ...input,
        Message: Buffer.alloc(input.Message?.length ?? 0, 'o'),
      })
      for (const Signature of [
        changed,
        ofAnother,
        signature.subarray(0, -1),
        Buffer.concat([signature, Buffer.of(0)]),
        Buffer.concat([Buffer.of(0), signature]),
        Buffer.alloc(signature.length),
        Buffer.alloc(10),
        Buffer.of(1),
        Buffer.alloc(6144, 'a'),
      ]) {
        await refused(verify({ ...input, Signature }), 'KMSInvalidSignatureException', undefined)
      }
      await verify({ ...input, Signature: signature })
    })
  }

  test("another key's signature is none of this key's", async () => {
    const { id } = await createSpecKey(kms, { spec: 'ECC_NIST_P256', usage: 'SIGN_VERIFY' })
    await refused(verify({ KeyId: id }), 'KMSInvalidSignatureException', undefined)
  })

  test('a signature by another algorithm of the same key is none', async () => {
    const { id: KeyId } = await keyOf('RSA_2048', 'SIGN_VERIFY')
    const by: readonly SigningAlgorithmSpec[] = [
      'RSASSA_PKCS1_V1_5_SHA_256',
      'RSASSA_PKCS1_V1_5_SHA_512',
      'RSASSA_PSS_SHA_256',
      'RSASSA_PSS_SHA_512',
    ]
    for (const one of by) {
      const made = await signatureOf({ KeyId, Message, SigningAlgorithm: one })
      for (const other of by.filter((each) => each !== one)) {
        await refused(
          verify({ KeyId, Signature: made, SigningAlgorithm: other }),
          'KMSInvalidSignatureException',
          undefined,
        )
      }
    }
  })

  test('a message of which the signature is not is refused without a message', async () => {
    const answer = await sendDocument(trent, 'Verify', {
      KeyId: key.id,
      Message: 'AAAA',
      Signature: Signature.toString('base64'),
      SigningAlgorithm: 'ECDSA_SHA_256',
    })
    assert.equal(answer.status, 400)
    assert.deepEqual(JSON.parse(answer.body), { __type: 'KMSInvalidSignatureException' })
  })

  for (const { spec, algorithm, type, length } of signingWays) {
    if (type !== 'DIGEST' || algorithm === 'ED25519_PH_SHA_512' || spec === 'RSA_4096') continue
    test(`${spec}, ${algorithm}: a message and its digest are the same, either way`, async () => {
      const { id: KeyId } = await keyOf(spec, 'SIGN_VERIFY')
      const digest = createHash(`sha${(length ?? 0) * 8}`)
        .update(Message)
        .digest()
      await assertSame({ KeyId, SigningAlgorithm: algorithm }, 'DIGEST', digest)
    })
  }

  for (const spec of ['ML_DSA_44', 'ML_DSA_65', 'ML_DSA_87'] as const) {
    test(`${spec}: a message and its mu of FIPS 204 are the same, either way`, async () => {
      const { id: KeyId } = await keyOf(spec, 'SIGN_VERIFY')
      await assertSame(
        { KeyId, SigningAlgorithm: 'ML_DSA_SHAKE_256' },
        'EXTERNAL_MU',
        await muOf(spec),
      )
    })
  }

  test('a digest signed as a message is not the digest of the message', async () => {
    const digest = createHash('sha256').update(Message).digest()
    await refused(verify({ Message: digest }), 'KMSInvalidSignatureException', undefined)
    const { id: KeyId } = await keyOf('ECC_NIST_EDWARDS25519', 'SIGN_VERIFY')
    const hash = Buffer.alloc(64, 7)
    const pure = { KeyId, Message: hash, SigningAlgorithm: 'ED25519_SHA_512' } as const
    await refused(
      verify({
        ...pure,
        Signature: await signatureOf(pure),
        SigningAlgorithm: 'ED25519_PH_SHA_512',
        MessageType: 'DIGEST',
      }),
      'KMSInvalidSignatureException',
      undefined,
    )
  })

  test('the key may be named by id, ARN, alias and alias ARN', async () => {
    const named = await aliasSpecKey(kms, 'alias/Verifier', key)
    for (const KeyId of [key.id, key.arn, 'alias/Verifier', named]) {
      assert.equal((await verify({ KeyId })).KeyId, key.arn)
    }
  })

  test('a dry run verifies nothing, and is refused as the call would be', async () => {
    for (const made of [Signature, Buffer.of(1)]) {
      await refused(verify({ DryRun: true, Signature: made }), 'DryRunOperationException', dryRun)
    }
    await refused(
      verify({ DryRun: true, SigningAlgorithm: 'ECDSA_SHA_512' }),
      'InvalidKeyUsageException',
      algorithmRefusal('ECDSA_SHA_512', 'ECC_NIST_P256'),
    )
  })
})

describe('Verify: record', () => {
  test('the event shows key, message type and algorithm, and neither message nor signature', async () => {
    const event = recordOf(trent, await verify({ KeyId: key.arn, MessageType: 'RAW' }))
    assert.equal(event.eventName, 'Verify')
    assert.equal(event.readOnly, true)
    assert.deepEqual(event.requestParameters, {
      keyId: key.arn,
      messageType: 'RAW',
      signingAlgorithm: 'ECDSA_SHA_256',
    })
    assert.equal(event.responseElements, null)
    assert.equal(event.additionalEventData, undefined)
    assert.deepEqual(event.resources, [resource(key.arn)])
    const text = recordText(trent.data)
    for (const bytes of [Message, Signature]) assert.ok(!text.includes(bytes.toString('base64')))
  })

  test('a signature that does not hold is an event with its errorCode and no errorMessage', async () => {
    const event = await recordOfRefused(trent, verify({ Signature: Buffer.of(1) }))
    assert.equal(event.errorCode, 'KMSInvalidSignatureException')
    assert.equal(event.errorMessage, undefined)
    assert.deepEqual(event.resources, [resource(key.arn)])
  })
})

/** Signs the message and verifies what stands for it, and the other way round. */
async function assertSame(
  by: Pick<SignCommandInput, 'KeyId' | 'SigningAlgorithm'>,
  type: MessageType,
  standing: Buffer,
): Promise<void> {
  const raw = { ...by, Message, MessageType: 'RAW' } as const
  const ready = { ...by, Message: standing, MessageType: type }
  await verify({ ...ready, Signature: await signatureOf(raw) })
  await verify({ ...raw, Signature: await signatureOf(ready) })
}

/** FIPS 204 algorithm 2 line 10 and algorithm 7 line 6: mu of the message under the empty context. */
async function muOf(spec: KeySpec): Promise<Buffer> {
  const spki = await publicKeyOf(kms, await keyOf(spec, 'SIGN_VERIFY'))
  const shake = (...parts: readonly Uint8Array[]) =>
    createHash('shake256', { outputLength: 64 }).update(Buffer.concat(parts)).digest()
  return shake(shake(spki.subarray(22)), Buffer.alloc(2), Message)
}
