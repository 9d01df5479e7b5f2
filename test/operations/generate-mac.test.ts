import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  GenerateMacCommand,
  type GenerateMacCommandInput,
  type MacAlgorithmSpec,
  VerifyMacCommand,
} from '@aws-sdk/client-kms'
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
  sharedKeys,
  usageRefusal,
} from '../support/spec-keys.ts'

const trent = await startService()
const kms = trent.client()
const keyOf = sharedKeys(kms)
const key = await keyOf('HMAC_256', 'GENERATE_VERIFY_MAC')
const Message = Buffer.from('the message')
const printed = '[HMAC_SHA_384, HMAC_SHA_256, HMAC_SHA_224, HMAC_SHA_512]'

/** With the HMAC_256 key of this file unless another is named. */
const generate = (input: Partial<GenerateMacCommandInput> = {}) =>
  kms.send(
    new GenerateMacCommand({ KeyId: key.id, Message, MacAlgorithm: 'HMAC_SHA_256', ...input }),
  )

describe('GenerateMac: shape', () => {
  test('a missing message is sensitive enough that not even null is shown', async () => {
    await refused(
      generate({ Message: undefined }),
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
        generate({ KeyId: absentId, Message: Buffer.alloc(length, 'm') }),
        'ValidationException',
        violated(`at 'message': have length ${constraint}`),
      )
    })
  }

  test('a missing MacAlgorithm is null at macAlgorithm', async () => {
    await refused(
      generate({ MacAlgorithm: undefined }),
      'ValidationException',
      violated("null at 'macAlgorithm': not be null"),
    )
  })

  for (const algorithm of ['INVALID', 'hmac_sha_256', 'HMAC_SHA_1']) {
    test(`the MacAlgorithm ${algorithm} is refused with the list as AWS prints it`, async () => {
      await refused(
        generate({ MacAlgorithm: algorithm as MacAlgorithmSpec }),
        'ValidationException',
        violated(`'${algorithm}' at 'macAlgorithm': satisfy enum value set: ${printed}`),
      )
    })
  }

  test('an empty KeyId fails the length first and the pattern second', async () => {
    await refused(generate({ KeyId: '' }), 'ValidationException', emptyKeyId('keyId'))
  })
})

describe('GenerateMac: permission', () => {
  test("another account's key is refused alike whether or not there is one", async () => {
    const theirs = trent.client({ account: await trent.createAccount() })
    const foreign = await createSpecKey(theirs, { spec: 'HMAC_256', usage: 'GENERATE_VERIFY_MAC' })
    const named = await aliasSpecKey(theirs, 'alias/Theirs', foreign)
    for (const KeyId of [
      foreign.arn,
      foreign.arn.replace(foreign.id, absentId),
      named,
      `${named}Not`,
    ]) {
      await refused(
        generate({ KeyId }),
        'AccessDeniedException',
        deniedAcrossAccounts(trent.accountId, 'kms:GenerateMac'),
      )
    }
  })

  test('a grant token that nobody gave is an InvalidGrantTokenException', async () => {
    await refused(generate({ GrantTokens: ['token'] }), 'InvalidGrantTokenException', undefined)
  })
})

describe('GenerateMac: state', () => {
  for (const [spec, usage] of [
    ['SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT'],
    ['RSA_2048', 'SIGN_VERIFY'],
    ['ECC_NIST_P256', 'KEY_AGREEMENT'],
    ['ML_KEM_512', 'ENCAPSULATE_DECAPSULATE'],
  ] as const) {
    test(`a ${spec} key's usage is ${usage}, which is not valid for GenerateMac`, async () => {
      const other = await keyOf(spec, usage)
      await refused(
        generate({ KeyId: other.id }),
        'InvalidKeyUsageException',
        usageRefusal(other, usage, 'GenerateMac'),
      )
    })
  }

  test('the usage is looked at before the state', async () => {
    const off = await disableSpecKey(
      kms,
      await createSpecKey(kms, { spec: 'SYMMETRIC_DEFAULT', usage: 'ENCRYPT_DECRYPT' }),
    )
    await refused(
      generate({ KeyId: off.id }),
      'InvalidKeyUsageException',
      usageRefusal(off, 'ENCRYPT_DECRYPT', 'GenerateMac'),
    )
  })

  for (const [change, code, text, external] of [
    [disableSpecKey, 'DisabledException', 'is disabled.', false],
    [deleteSpecKey, 'KMSInvalidStateException', 'is pending deletion.', false],
    [undefined, 'KMSInvalidStateException', 'is pending import.', true],
  ] as const) {
    test(`a key that ${text} is refused for it, whatever the algorithm`, async () => {
      const kind = { spec: 'HMAC_256', usage: 'GENERATE_VERIFY_MAC', external } as const
      const { id, arn } = await createSpecKey(kms, kind)
      await change?.(kms, { id, arn })
      for (const MacAlgorithm of ['HMAC_SHA_256', 'HMAC_SHA_512'] as const) {
        await refused(generate({ KeyId: id, MacAlgorithm }), code, `${arn} ${text}`)
      }
    })
  }
})

describe('GenerateMac: behaviour', () => {
  for (const bits of [224, 256, 384, 512] as const) {
    const spec = `HMAC_${bits}` as const
    const own = `HMAC_SHA_${bits}` as const

    test(`${spec}: a MAC of ${bits / 8} bytes, the algorithm and the key ARN, and VerifyMac agrees`, async () => {
      const { id: KeyId, arn } = await keyOf(spec, 'GENERATE_VERIFY_MAC')
      const { $metadata: _, ...answer } = await generate({ KeyId, MacAlgorithm: own })
      const { Mac } = answer
      assert.equal(Mac?.length, bits / 8)
      assert.deepEqual(answer, { Mac, MacAlgorithm: own, KeyId: arn })
      const verified = await kms.send(
        new VerifyMacCommand({ KeyId, Message, Mac, MacAlgorithm: own }),
      )
      assert.equal(verified.MacValid, true)
    })

    for (const other of [224, 256, 384, 512].filter((each) => each !== bits)) {
      test(`Algorithm HMAC_SHA_${other} is incompatible with key spec ${spec}`, async () => {
        const { id } = await keyOf(spec, 'GENERATE_VERIFY_MAC')
        await refused(
          generate({ KeyId: id, MacAlgorithm: `HMAC_SHA_${other}` as MacAlgorithmSpec }),
          'InvalidKeyUsageException',
          algorithmRefusal(`HMAC_SHA_${other}`, spec),
        )
      })
    }
  }

  test('the same message has the same MAC, another message and another key another', async () => {
    const macOf = async (input: Partial<GenerateMacCommandInput>) =>
      Buffer.from((await generate(input)).Mac ?? []).toString('hex')
    const mac = await macOf({})
    assert.equal(await macOf({}), mac)
    assert.notEqual(await macOf({ Message: Buffer.from('the messagf') }), mac)
    const other = await createSpecKey(kms, { spec: 'HMAC_256', usage: 'GENERATE_VERIFY_MAC' })
    assert.notEqual(await macOf({ KeyId: other.id }), mac)
  })

  test('a message may have 1 to 4096 bytes', async () => {
    for (const length of [1, 4096]) await generate({ Message: Buffer.alloc(length) })
  })

  test('the key may be named by id, ARN, alias and alias ARN', async () => {
    const named = await aliasSpecKey(kms, 'alias/Mac', key)
    for (const KeyId of [key.id, key.arn, 'alias/Mac', named]) {
      assert.equal((await generate({ KeyId })).KeyId, key.arn)
    }
  })

  test('a malformed key id is a NotFoundException', async () => {
    await refused(generate({ KeyId: 'key_id' }), 'NotFoundException', "Invalid keyId 'key_id'")
  })

  test('a dry run makes no MAC, and is refused as the call would be', async () => {
    await refused(generate({ DryRun: true }), 'DryRunOperationException', dryRun)
    await refused(
      generate({ DryRun: true, MacAlgorithm: 'HMAC_SHA_512' }),
      'InvalidKeyUsageException',
      algorithmRefusal('HMAC_SHA_512', 'HMAC_256'),
    )
  })
})

describe('GenerateMac: record', () => {
  test('the event shows key and algorithm, and neither message nor MAC', async () => {
    const secret = Buffer.from('a message not for the record')
    const answer = await generate({ KeyId: key.arn, Message: secret })
    const event = recordOf(trent, answer)
    assert.equal(event.eventName, 'GenerateMac')
    assert.equal(event.readOnly, true)
    assert.deepEqual(event.requestParameters, { keyId: key.arn, macAlgorithm: 'HMAC_SHA_256' })
    assert.equal(event.responseElements, null)
    assert.equal(event.additionalEventData, undefined)
    assert.deepEqual(event.resources, [resource(key.arn)])
    const text = recordText(trent.data)
    for (const bytes of [secret, Buffer.from(answer.Mac ?? [])]) {
      assert.ok(!text.includes(bytes.toString('base64')))
    }
  })

  test('a refused algorithm has its errorCode, errorMessage and resource', async () => {
    const event = await recordOfRefused(trent, generate({ MacAlgorithm: 'HMAC_SHA_512' }))
    assert.equal(event.errorCode, 'InvalidKeyUsageException')
    assert.equal(event.errorMessage, algorithmRefusal('HMAC_SHA_512', 'HMAC_256'))
    assert.deepEqual(event.resources, [resource(key.arn)])
  })
})
