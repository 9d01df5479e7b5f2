import assert from 'node:assert/strict'
import { createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import {
  DeriveSharedSecretCommand,
  type DeriveSharedSecretCommandInput,
  type KeyAgreementAlgorithmSpec,
} from '@aws-sdk/client-kms'
import { sendDocument } from '../support/documents.ts'
import { recordOf, recordOfRefused, recordText, resource } from '../support/record.ts'
import { deniedAcrossAccounts, dryRun, emptyKeyId, violated } from '../support/sentences.ts'
import { refused, startService } from '../support/service.ts'
import {
  absentId,
  aliasSpecKey,
  createSpecKey,
  deleteSpecKey,
  disableSpecKey,
  publicKeyOf,
  sharedKeys,
  usageRefusal,
} from '../support/spec-keys.ts'
import { assertRefused } from '../support/wire.ts'

const trent = await startService()
const kms = trent.client()
const keyOf = sharedKeys(kms)
const key = await keyOf('ECC_NIST_P256', 'KEY_AGREEMENT')
const PublicKey = spkiOf('P-256')

/** With the P-256 key of this file and a peer on its curve, unless others are named. */
const derive = (input: Partial<DeriveSharedSecretCommandInput> = {}) =>
  kms.send(
    new DeriveSharedSecretCommand({
      KeyId: key.id,
      KeyAgreementAlgorithm: 'ECDH',
      PublicKey,
      ...input,
    }),
  )

function spkiOf(namedCurve: string): Buffer {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve })
  return publicKey.export({ format: 'der', type: 'spki' })
}

describe('DeriveSharedSecret: shape', () => {
  test('an unknown KeyAgreementAlgorithm is refused with the list of one', async () => {
    await refused(
      derive({ KeyAgreementAlgorithm: 'INVALID' as KeyAgreementAlgorithmSpec }),
      'ValidationException',
      "1 validation error detected: Value 'INVALID' at 'keyAgreementAlgorithm' failed to satisfy constraint: Member must satisfy enum value set: [ECDH]",
    )
  })

  for (const [member, name] of [
    ['KeyId', 'keyId'],
    ['KeyAgreementAlgorithm', 'keyAgreementAlgorithm'],
    ['PublicKey', 'publicKey'],
  ] as const) {
    test(`a missing ${member} is null at ${name}`, async () => {
      await refused(
        derive({ [member]: undefined }),
        'ValidationException',
        violated(`null at '${name}': not be null`),
      )
    })
  }

  for (const [length, constraint] of [
    [0, 'greater than or equal to 1'],
    [8193, 'less than or equal to 8192'],
  ] as const) {
    test(`a PublicKey of ${length} bytes is refused, before any key is looked up`, async () => {
      await refused(
        derive({ KeyId: absentId, PublicKey: Buffer.alloc(length) }),
        'ValidationException',
        violated(`at 'publicKey': have length ${constraint}`),
      )
    })
  }

  test('an empty KeyId fails the length first and the pattern second', async () => {
    await refused(derive({ KeyId: '' }), 'ValidationException', emptyKeyId('keyId'))
  })
})

describe('DeriveSharedSecret: permission', () => {
  test("another account's key is refused alike whether or not there is one", async () => {
    const theirs = trent.client({ account: await trent.createAccount() })
    const foreign = await createSpecKey(theirs, { spec: 'ECC_NIST_P256', usage: 'KEY_AGREEMENT' })
    for (const KeyId of [foreign.arn, foreign.arn.replace(foreign.id, absentId)]) {
      await refused(
        derive({ KeyId }),
        'AccessDeniedException',
        deniedAcrossAccounts(trent.accountId, 'kms:DeriveSharedSecret'),
      )
    }
  })

  test('a grant token that nobody gave is an InvalidGrantTokenException', async () => {
    await refused(derive({ GrantTokens: ['token'] }), 'InvalidGrantTokenException', undefined)
  })
})

describe('DeriveSharedSecret: state', () => {
  for (const [spec, usage] of [
    ['ECC_NIST_P256', 'SIGN_VERIFY'],
    ['RSA_2048', 'ENCRYPT_DECRYPT'],
    ['SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT'],
    ['HMAC_256', 'GENERATE_VERIFY_MAC'],
    ['ML_KEM_768', 'ENCAPSULATE_DECAPSULATE'],
  ] as const) {
    test(`a ${spec} key's usage is ${usage}, which is not valid for DeriveSharedSecret`, async () => {
      const other = await keyOf(spec, usage)
      await refused(
        derive({ KeyId: other.id }),
        'InvalidKeyUsageException',
        usageRefusal(other, usage, 'DeriveSharedSecret'),
      )
    })
  }

  test('the usage is looked at before the state', async () => {
    const off = await disableSpecKey(
      kms,
      await createSpecKey(kms, { spec: 'ECC_NIST_P256', usage: 'SIGN_VERIFY' }),
    )
    await refused(
      derive({ KeyId: off.id }),
      'InvalidKeyUsageException',
      usageRefusal(off, 'SIGN_VERIFY', 'DeriveSharedSecret'),
    )
  })

  for (const [change, code, text, external] of [
    [disableSpecKey, 'DisabledException', 'is disabled.', false],
    [deleteSpecKey, 'KMSInvalidStateException', 'is pending deletion.', false],
    [undefined, 'KMSInvalidStateException', 'is pending import.', true],
  ] as const) {
    test(`a key that ${text} is refused for it, before the public key is looked at`, async () => {
      const kind = { spec: 'ECC_NIST_P256', usage: 'KEY_AGREEMENT', external } as const
      const { id, arn } = await createSpecKey(kms, kind)
      await change?.(kms, { id, arn })
      for (const peer of [PublicKey, Buffer.of(1)]) {
        await refused(derive({ KeyId: id, PublicKey: peer }), code, `${arn} ${text}`)
      }
    })
  }
})

describe('DeriveSharedSecret: behaviour', () => {
  for (const [spec, curve, length] of [
    ['ECC_NIST_P256', 'P-256', 32],
    ['ECC_NIST_P384', 'P-384', 48],
    ['ECC_NIST_P521', 'P-521', 66],
  ] as const) {
    test(`${spec}: two keys derive the same secret of ${length} bytes`, async () => {
      const one = await keyOf(spec, 'KEY_AGREEMENT')
      const other = await createSpecKey(kms, { spec, usage: 'KEY_AGREEMENT' })
      const { $metadata: _, ...answer } = await derive({
        KeyId: one.id,
        PublicKey: await publicKeyOf(kms, other),
      })
      const { SharedSecret } = answer
      assert.equal(SharedSecret?.length, length)
      assert.deepEqual(answer, {
        KeyId: one.arn,
        SharedSecret,
        KeyAgreementAlgorithm: 'ECDH',
        KeyOrigin: 'AWS_KMS',
      })
      const mirrored = await derive({ KeyId: other.id, PublicKey: await publicKeyOf(kms, one) })
      assert.deepEqual(mirrored.SharedSecret, SharedSecret)
    })

    test(`${spec}: a peer with a key pair of its own derives the same secret`, async () => {
      const { id, arn } = await keyOf(spec, 'KEY_AGREEMENT')
      const peer = generateKeyPairSync('ec', { namedCurve: curve })
      const { SharedSecret } = await derive({
        KeyId: id,
        PublicKey: peer.publicKey.export({ format: 'der', type: 'spki' }),
      })
      const ours = createPublicKey({
        key: await publicKeyOf(kms, { id, arn }),
        format: 'der',
        type: 'spki',
      })
      const theirs = diffieHellman({ privateKey: peer.privateKey, publicKey: ours })
      assert.deepEqual(Buffer.from(SharedSecret ?? []), theirs)
    })
  }

  test('a public key that is none of the curve is a ValidationException without a message', async () => {
    const { publicKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 1024 })
    const { publicKey: x25519 } = generateKeyPairSync('x25519')
    const offCurve = Buffer.from(PublicKey)
    offCurve.writeUInt8((offCurve.at(-1) ?? 0) ^ 1, offCurve.length - 1)
    for (const peer of [
      Buffer.of(1),
      Buffer.from('INVALID'),
      Buffer.from(PublicKey.toString('base64')),
      PublicKey.subarray(26),
      PublicKey.subarray(0, -1),
      Buffer.concat([PublicKey, Buffer.of(0)]),
      offCurve,
      Buffer.concat([PublicKey.subarray(0, 27), Buffer.alloc(64)]),
      spkiOf('P-384'),
      spkiOf('secp256k1'),
      rsa.export({ format: 'der', type: 'spki' }),
      x25519.export({ format: 'der', type: 'spki' }),
      Buffer.alloc(8192, 0x30),
    ]) {
      const answer = await sendDocument(trent, 'DeriveSharedSecret', {
        KeyId: key.id,
        KeyAgreementAlgorithm: 'ECDH',
        PublicKey: peer.toString('base64'),
      })
      assertRefused(answer, 'ValidationException')
    }
  })

  test('the key may be named by id, ARN, alias and alias ARN', async () => {
    const named = await aliasSpecKey(kms, 'alias/Agreeing', key)
    for (const KeyId of [key.id, key.arn, 'alias/Agreeing', named]) {
      assert.equal((await derive({ KeyId })).KeyId, key.arn)
    }
  })

  test('a key that does not exist is a NotFoundException', async () => {
    await refused(
      derive({ KeyId: absentId }),
      'NotFoundException',
      `Key '${key.arn.replace(key.id, absentId)}' does not exist`,
    )
  })

  test('a dry run derives nothing, and does not look at the public key', async () => {
    for (const peer of [PublicKey, Buffer.of(1)]) {
      await refused(derive({ DryRun: true, PublicKey: peer }), 'DryRunOperationException', dryRun)
    }
  })
})

describe('DeriveSharedSecret: record', () => {
  test('the event shows key and algorithm, and neither public key nor secret', async () => {
    const answer = await derive({ KeyId: key.arn })
    const event = recordOf(trent, answer)
    assert.equal(event.eventName, 'DeriveSharedSecret')
    assert.equal(event.readOnly, true)
    assert.deepEqual(event.requestParameters, { keyId: key.arn, keyAgreementAlgorithm: 'ECDH' })
    assert.equal(event.responseElements, null)
    assert.equal(event.additionalEventData, undefined)
    assert.deepEqual(event.resources, [resource(key.arn)])
    const text = recordText(trent.data)
    for (const bytes of [PublicKey, Buffer.from(answer.SharedSecret ?? [])]) {
      assert.ok(!text.includes(bytes.toString('base64')))
    }
  })

  test('a public key that is none is an event with its errorCode and resource', async () => {
    const event = await recordOfRefused(trent, derive({ PublicKey: Buffer.of(1) }))
    assert.equal(event.errorCode, 'ValidationException')
    assert.equal(event.errorMessage, undefined)
    assert.deepEqual(event.resources, [resource(key.arn)])
  })
})
