import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  DecapsulateCommand,
  type DecapsulateCommandInput,
  EncapsulateCommand,
  type EncapsulationAlgorithmSpec,
} from '@aws-sdk/client-kms'
import { recordOf, recordOfRefused, recordText, resource } from '../support/record.ts'
import { deniedAcrossAccounts, dryRun, emptyKeyId, violated } from '../support/sentences.ts'
import { refused, startService } from '../support/service.ts'
import {
  absentId,
  aliasSpecKey,
  createSpecKey,
  deleteSpecKey,
  disableSpecKey,
  sharedKeys,
  usageRefusal,
} from '../support/spec-keys.ts'

const trent = await startService()
const kms = trent.client()
const keyOf = sharedKeys(kms)
const key = await keyOf('ML_KEM_768', 'ENCAPSULATE_DECAPSULATE')
const { secret, ciphertext } = await encapsulated(key.id)

/** With the ML_KEM_768 key of this file and a ciphertext of its own, unless others are named. */
const decapsulate = (input: Partial<DecapsulateCommandInput> = {}) =>
  kms.send(
    new DecapsulateCommand({
      KeyId: key.id,
      SharedSecretCiphertextBlob: ciphertext,
      EncapsulationAlgorithm: 'ML_KEM',
      ...input,
    }),
  )

async function encapsulated(KeyId: string): Promise<{ secret: Buffer; ciphertext: Buffer }> {
  const made = await kms.send(new EncapsulateCommand({ KeyId, EncapsulationAlgorithm: 'ML_KEM' }))
  return {
    secret: Buffer.from(made.SharedSecret ?? []),
    ciphertext: Buffer.from(made.SharedSecretCiphertextBlob ?? []),
  }
}

describe('Decapsulate: shape', () => {
  test('an unknown EncapsulationAlgorithm is refused with the list of one', async () => {
    await refused(
      decapsulate({ EncapsulationAlgorithm: 'ml_kem' as EncapsulationAlgorithmSpec }),
      'ValidationException',
      violated("'ml_kem' at 'encapsulationAlgorithm': satisfy enum value set: [ML_KEM]"),
    )
  })

  for (const [member, name] of [
    ['KeyId', 'keyId'],
    ['SharedSecretCiphertextBlob', 'sharedSecretCiphertextBlob'],
    ['EncapsulationAlgorithm', 'encapsulationAlgorithm'],
  ] as const) {
    test(`a missing ${member} is null at ${name}`, async () => {
      await refused(
        decapsulate({ [member]: undefined }),
        'ValidationException',
        violated(`null at '${name}': not be null`),
      )
    })
  }

  for (const [length, constraint] of [
    [0, 'greater than or equal to 1'],
    [6145, 'less than or equal to 6144'],
  ] as const) {
    test(`a ciphertext of ${length} bytes is refused without being shown, before any key is looked up`, async () => {
      await refused(
        decapsulate({ KeyId: absentId, SharedSecretCiphertextBlob: Buffer.alloc(length) }),
        'ValidationException',
        violated(`at 'sharedSecretCiphertextBlob': have length ${constraint}`),
      )
    })
  }

  test('an empty KeyId fails the length first and the pattern second', async () => {
    await refused(decapsulate({ KeyId: '' }), 'ValidationException', emptyKeyId('keyId'))
  })
})

describe('Decapsulate: permission', () => {
  test("another account's key is refused alike whether or not there is one", async () => {
    const theirs = trent.client({ account: await trent.createAccount() })
    const kind = { spec: 'ML_KEM_512', usage: 'ENCAPSULATE_DECAPSULATE' } as const
    const foreign = await createSpecKey(theirs, kind)
    for (const KeyId of [foreign.arn, foreign.arn.replace(foreign.id, absentId)]) {
      await refused(
        decapsulate({ KeyId }),
        'AccessDeniedException',
        deniedAcrossAccounts(trent.accountId, 'kms:Decapsulate'),
      )
    }
  })

  test('a grant token that nobody gave is an InvalidGrantTokenException', async () => {
    await refused(decapsulate({ GrantTokens: ['token'] }), 'InvalidGrantTokenException', undefined)
  })
})

describe('Decapsulate: state', () => {
  for (const [spec, usage] of [
    ['SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT'],
    ['ECC_NIST_P256', 'KEY_AGREEMENT'],
    ['ML_DSA_44', 'SIGN_VERIFY'],
  ] as const) {
    test(`a ${spec} key's usage is ${usage}, which is not valid for Decapsulate`, async () => {
      const other = await keyOf(spec, usage)
      await refused(
        decapsulate({ KeyId: other.id }),
        'InvalidKeyUsageException',
        usageRefusal(other, usage, 'Decapsulate'),
      )
    })
  }

  for (const [change, code, text] of [
    [disableSpecKey, 'DisabledException', 'is disabled.'],
    [deleteSpecKey, 'KMSInvalidStateException', 'is pending deletion.'],
  ] as const) {
    test(`a key that ${text} is refused for it, before the ciphertext is tried`, async () => {
      const kind = { spec: 'ML_KEM_768', usage: 'ENCAPSULATE_DECAPSULATE' } as const
      const { id, arn } = await change(kms, await createSpecKey(kms, kind))
      for (const SharedSecretCiphertextBlob of [ciphertext, Buffer.of(1)]) {
        await refused(
          decapsulate({ KeyId: id, SharedSecretCiphertextBlob }),
          code,
          `${arn} ${text}`,
        )
      }
    })
  }
})

describe('Decapsulate: behaviour', () => {
  for (const spec of ['ML_KEM_512', 'ML_KEM_768', 'ML_KEM_1024'] as const) {
    test(`${spec}: the answer is key ARN, the secret that was encapsulated, and the algorithm`, async () => {
      const { id, arn } = await keyOf(spec, 'ENCAPSULATE_DECAPSULATE')
      const made = await encapsulated(id)
      const { $metadata: _, ...answer } = await decapsulate({
        KeyId: id,
        SharedSecretCiphertextBlob: made.ciphertext,
      })
      assert.deepEqual(answer, {
        KeyId: arn,
        SharedSecret: new Uint8Array(made.secret),
        EncapsulationAlgorithm: 'ML_KEM',
      })
    })
  }

  test('a ciphertext that was changed gives another secret, the same each time', async () => {
    const changed = Buffer.from(ciphertext)
    changed.writeUInt8((changed[0] ?? 0) ^ 1, 0)
    const secretOf = async () => {
      const answer = await decapsulate({ SharedSecretCiphertextBlob: changed })
      return Buffer.from(answer.SharedSecret ?? [])
    }
    const one = await secretOf()
    assert.equal(one.length, 32)
    assert.notDeepEqual(one, secret)
    assert.deepEqual(await secretOf(), one)
  })

  test("another key's ciphertext gives another secret", async () => {
    const other = await createSpecKey(kms, {
      spec: 'ML_KEM_768',
      usage: 'ENCAPSULATE_DECAPSULATE',
    })
    const { SharedSecret } = await decapsulate({ KeyId: other.id })
    assert.notDeepEqual(Buffer.from(SharedSecret ?? []), secret)
  })

  test('a ciphertext of another length is an InvalidCiphertextException', async () => {
    const { id } = await keyOf('ML_KEM_512', 'ENCAPSULATE_DECAPSULATE')
    for (const SharedSecretCiphertextBlob of [
      Buffer.of(1),
      ciphertext.subarray(0, -1),
      Buffer.concat([ciphertext, Buffer.of(0)]),
      (await encapsulated(id)).ciphertext,
      Buffer.alloc(6144),
    ]) {
      await refused(
        decapsulate({ SharedSecretCiphertextBlob }),
        'InvalidCiphertextException',
        undefined,
      )
    }
  })

  test('the key may be named by id, ARN, alias and alias ARN', async () => {
    const named = await aliasSpecKey(kms, 'alias/Kem', key)
    for (const KeyId of [key.id, key.arn, 'alias/Kem', named]) {
      assert.equal((await decapsulate({ KeyId })).KeyId, key.arn)
    }
  })

  test('a dry run decapsulates nothing, whatever the ciphertext', async () => {
    for (const SharedSecretCiphertextBlob of [ciphertext, Buffer.of(1)]) {
      await refused(
        decapsulate({ DryRun: true, SharedSecretCiphertextBlob }),
        'DryRunOperationException',
        dryRun,
      )
    }
  })
})

describe('Decapsulate: record', () => {
  test('the event shows key and algorithm, and neither secret nor ciphertext', async () => {
    const event = recordOf(trent, await decapsulate({ KeyId: key.arn }))
    assert.equal(event.eventName, 'Decapsulate')
    assert.equal(event.readOnly, true)
    assert.deepEqual(event.requestParameters, { keyId: key.arn, encapsulationAlgorithm: 'ML_KEM' })
    assert.equal(event.responseElements, null)
    assert.deepEqual(event.resources, [resource(key.arn)])
    const text = recordText(trent.data)
    for (const bytes of [secret, ciphertext]) assert.ok(!text.includes(bytes.toString('base64')))
  })

  test('a ciphertext of another length is an event with its errorCode and resource', async () => {
    const call = decapsulate({ SharedSecretCiphertextBlob: Buffer.of(1) })
    const event = await recordOfRefused(trent, call)
    assert.equal(event.errorCode, 'InvalidCiphertextException')
    assert.equal(event.errorMessage, undefined)
    assert.deepEqual(event.resources, [resource(key.arn)])
  })
})
