import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  GenerateMacCommand,
  type MacAlgorithmSpec,
  VerifyMacCommand,
  type VerifyMacCommandInput,
} from '@aws-sdk/client-kms'
import { sendDocument } from '../support/documents.ts'
import { recordOf, recordOfRefused, recordText, resource } from '../support/record.ts'
import { deniedAcrossAccounts, dryRun, violated } from '../support/sentences.ts'
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
import { assertRefused } from '../support/wire.ts'

const trent = await startService()
const kms = trent.client()
const keyOf = sharedKeys(kms)
const key = await keyOf('HMAC_256', 'GENERATE_VERIFY_MAC')
const Message = Buffer.from('the message')
const Mac = await macOf(key.id, 'HMAC_SHA_256')
const printed = '[HMAC_SHA_384, HMAC_SHA_256, HMAC_SHA_224, HMAC_SHA_512]'

/** With the HMAC_256 key of this file and the MAC of its message, unless others are named. */
const verify = (input: Partial<VerifyMacCommandInput> = {}) =>
  kms.send(
    new VerifyMacCommand({ KeyId: key.id, Message, Mac, MacAlgorithm: 'HMAC_SHA_256', ...input }),
  )

async function macOf(KeyId: string, MacAlgorithm: MacAlgorithmSpec): Promise<Buffer> {
  const made = await kms.send(new GenerateMacCommand({ KeyId, Message, MacAlgorithm }))
  return Buffer.from(made.Mac ?? [])
}

describe('VerifyMac: shape', () => {
  test('a missing message is sensitive enough that not even null is shown', async () => {
    await refused(
      verify({ Message: undefined }),
      'ValidationException',
      violated("at 'message': not be null"),
    )
  })

  test('a missing MAC is not sensitive: null is shown', async () => {
    await refused(
      verify({ Mac: undefined }),
      'ValidationException',
      "1 validation error detected: Value null at 'mac' failed to satisfy constraint: Member must not be null",
    )
  })

  for (const [member, length, constraint] of [
    ['Mac', 0, 'greater than or equal to 1'],
    ['Mac', 6145, 'less than or equal to 6144'],
    ['Message', 0, 'greater than or equal to 1'],
    ['Message', 4097, 'less than or equal to 4096'],
  ] as const) {
    test(`a ${member} of ${length} bytes is refused without being shown, before any key is looked up`, async () => {
      await refused(
        verify({ KeyId: absentId, [member]: Buffer.alloc(length, 'm') }),
        'ValidationException',
        violated(`at '${member.toLowerCase()}': have length ${constraint}`),
      )
    })
  }

  test('a missing MacAlgorithm is null at macAlgorithm', async () => {
    await refused(
      verify({ MacAlgorithm: undefined }),
      'ValidationException',
      violated("null at 'macAlgorithm': not be null"),
    )
  })

  test('an unknown MacAlgorithm is refused with the list as AWS prints it', async () => {
    await refused(
      verify({ MacAlgorithm: 'INVALID' as MacAlgorithmSpec }),
      'ValidationException',
      violated(`'INVALID' at 'macAlgorithm': satisfy enum value set: ${printed}`),
    )
  })
})

describe('VerifyMac: permission', () => {
  test("another account's key is refused alike whether or not there is one", async () => {
    const theirs = trent.client({ account: await trent.createAccount() })
    const foreign = await createSpecKey(theirs, { spec: 'HMAC_256', usage: 'GENERATE_VERIFY_MAC' })
    for (const KeyId of [foreign.arn, foreign.arn.replace(foreign.id, absentId)]) {
      await refused(
        verify({ KeyId }),
        'AccessDeniedException',
        deniedAcrossAccounts(trent.accountId, 'kms:VerifyMac'),
      )
    }
  })

  test('a grant token that nobody gave is an InvalidGrantTokenException', async () => {
    await refused(verify({ GrantTokens: ['token'] }), 'InvalidGrantTokenException', undefined)
  })
})

describe('VerifyMac: state', () => {
  for (const [spec, usage] of [
    ['SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT'],
    ['ECC_NIST_P256', 'SIGN_VERIFY'],
    ['ECC_NIST_P256', 'KEY_AGREEMENT'],
  ] as const) {
    test(`a ${spec} key's usage is ${usage}, which is not valid for VerifyMac`, async () => {
      const other = await keyOf(spec, usage)
      await refused(
        verify({ KeyId: other.id }),
        'InvalidKeyUsageException',
        usageRefusal(other, usage, 'VerifyMac'),
      )
    })
  }

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
        await refused(verify({ KeyId: id, MacAlgorithm }), code, `${arn} ${text}`)
      }
    })
  }
})

describe('VerifyMac: behaviour', () => {
  for (const bits of [224, 256, 384, 512] as const) {
    const algorithm = `HMAC_SHA_${bits}` as const
    test(`HMAC_${bits}: the answer is key ARN, true and the algorithm`, async () => {
      const { id, arn } = await keyOf(`HMAC_${bits}`, 'GENERATE_VERIFY_MAC')
      const made = await macOf(id, algorithm)
      const { $metadata: _, ...answer } = await verify({
        KeyId: id,
        Mac: made,
        MacAlgorithm: algorithm,
      })
      assert.deepEqual(answer, { KeyId: arn, MacValid: true, MacAlgorithm: algorithm })
    })
  }

  for (const [spec, algorithm] of [
    ['HMAC_256', 'HMAC_SHA_512'],
    ['HMAC_256', 'HMAC_SHA_384'],
    ['HMAC_512', 'HMAC_SHA_224'],
  ] as const) {
    test(`Algorithm ${algorithm} is incompatible with key spec ${spec}, whatever the MAC`, async () => {
      const { id } = await keyOf(spec, 'GENERATE_VERIFY_MAC')
      await refused(
        verify({ KeyId: id, MacAlgorithm: algorithm, Mac: Buffer.of(1) }),
        'InvalidKeyUsageException',
        algorithmRefusal(algorithm, spec),
      )
    })
  }

  test('any other MAC is a KMSInvalidMacException, of whatever length', async () => {
    const changed = Buffer.from(Mac)
    changed.writeUInt8((changed[31] ?? 0) ^ 1, 31)
    for (const other of [
      changed,
      Mac.subarray(0, 31),
      Buffer.concat([Mac, Buffer.of(0)]),
      Buffer.alloc(32),
      Buffer.of(1),
      Buffer.alloc(6144, 'a'),
    ]) {
      await refused(verify({ Mac: other }), 'KMSInvalidMacException', undefined)
    }
    await refused(verify({ Message: Buffer.from('another') }), 'KMSInvalidMacException', undefined)
  })

  test("another key's MAC is a KMSInvalidMacException without a message", async () => {
    const { id } = await createSpecKey(kms, { spec: 'HMAC_256', usage: 'GENERATE_VERIFY_MAC' })
    const answer = await sendDocument(trent, 'VerifyMac', {
      KeyId: id,
      Message: Message.toString('base64'),
      Mac: Mac.toString('base64'),
      MacAlgorithm: 'HMAC_SHA_256',
    })
    assertRefused(answer, 'KMSInvalidMacException')
  })

  test('the key may be named by id, ARN, alias and alias ARN', async () => {
    const named = await aliasSpecKey(kms, 'alias/Mac', key)
    for (const KeyId of [key.id, key.arn, 'alias/Mac', named]) {
      assert.equal((await verify({ KeyId })).KeyId, key.arn)
    }
  })

  test('a malformed key id is a NotFoundException', async () => {
    await refused(verify({ KeyId: 'key_id' }), 'NotFoundException', "Invalid keyId 'key_id'")
  })

  test('a dry run compares nothing, and is refused as the call would be', async () => {
    for (const made of [Mac, Buffer.of(1)]) {
      await refused(verify({ DryRun: true, Mac: made }), 'DryRunOperationException', dryRun)
    }
    await refused(
      verify({ DryRun: true, MacAlgorithm: 'HMAC_SHA_224' }),
      'InvalidKeyUsageException',
      algorithmRefusal('HMAC_SHA_224', 'HMAC_256'),
    )
  })
})

describe('VerifyMac: record', () => {
  test('the event shows key and algorithm, and neither message nor MAC', async () => {
    const event = recordOf(trent, await verify({ KeyId: key.arn }))
    assert.equal(event.eventName, 'VerifyMac')
    assert.equal(event.readOnly, true)
    assert.deepEqual(event.requestParameters, { keyId: key.arn, macAlgorithm: 'HMAC_SHA_256' })
    assert.equal(event.responseElements, null)
    assert.deepEqual(event.resources, [resource(key.arn)])
    const text = recordText(trent.data)
    for (const bytes of [Message, Mac]) assert.ok(!text.includes(bytes.toString('base64')))
  })

  test('a MAC that does not hold is an event with its errorCode and no errorMessage', async () => {
    const event = await recordOfRefused(trent, verify({ Mac: Buffer.of(1) }))
    assert.equal(event.errorCode, 'KMSInvalidMacException')
    assert.equal(event.errorMessage, undefined)
    assert.deepEqual(event.resources, [resource(key.arn)])
  })
})
