/**
 * DryRun of the operations that use a key: every check is made, and nothing else is done.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  DecryptCommand,
  type DecryptCommandInput,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  GetKeyLastUsageCommand,
  ReEncryptCommand,
  type ReEncryptCommandInput,
} from '@aws-sdk/client-kms'
import { absentId, disable, makeKey, scheduleDeletion } from '../support/test-keys.ts'
import { recordOfRefused, resource } from '../support/record.ts'
import {
  deniedAcrossAccounts,
  deniedCiphertext,
  dryRun,
  eitherLength,
  emptyKeyId,
  incorrectKey,
  violated,
} from '../support/sentences.ts'
import { refused, startService } from '../support/service.ts'

const trent = await startService()
const kms = trent.client()
const key = await makeKey(kms)
const off = await makeKey(kms)
const leaving = await makeKey(kms)
const Plaintext = Buffer.from('plain')
const blobs = await Promise.all(
  [key, off, leaving].map(({ id }) => kms.send(new EncryptCommand({ KeyId: id, Plaintext }))),
)
const [CiphertextBlob, offBlob, leavingBlob] = blobs.map((each) => each.CiphertextBlob)
await disable(kms, off)
await scheduleDeletion(kms, leaving)
const foreign = await makeKey(trent.client({ account: await trent.createAccount() }))

const modifiers: Pick<DecryptCommandInput, 'DryRun' | 'DryRunModifiers'> = {
  DryRun: true,
  DryRunModifiers: ['IGNORE_CIPHERTEXT'],
}

/** An operation on the key that `KeyId` names, dry or not, and its action in refusals. */
interface Case {
  readonly action: string
  readonly run: (KeyId: string, DryRun: boolean | undefined) => Promise<unknown>
}

const cases: Readonly<Record<string, Case>> = {
  Encrypt: {
    action: 'kms:Encrypt',
    run: (KeyId, DryRun) => kms.send(new EncryptCommand({ KeyId, Plaintext, DryRun })),
  },
  GenerateDataKey: {
    action: 'kms:GenerateDataKey',
    run: (KeyId, DryRun) =>
      kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256', DryRun })),
  },
  GenerateDataKeyWithoutPlaintext: {
    action: 'kms:GenerateDataKeyWithoutPlaintext',
    run: (KeyId, DryRun) =>
      kms.send(new GenerateDataKeyWithoutPlaintextCommand({ KeyId, KeySpec: 'AES_256', DryRun })),
  },
  Decrypt: {
    action: 'kms:Decrypt',
    run: (KeyId, DryRun) => {
      const blob = KeyId === off.id ? offBlob : KeyId === leaving.id ? leavingBlob : CiphertextBlob
      return kms.send(new DecryptCommand({ CiphertextBlob: blob, KeyId, DryRun }))
    },
  },
  'ReEncrypt to a destination': {
    action: 'kms:ReEncryptTo',
    run: (DestinationKeyId, DryRun) =>
      kms.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId, DryRun })),
  },
}

for (const [name, { action, run }] of Object.entries(cases)) {
  describe(name, () => {
    test('the request would have succeeded, but the DryRun option is set', async () => {
      await refused(
        run(key.id, true),
        'DryRunOperationException',
        'The request would have succeeded, but the DryRun option is set.',
      )
    })

    test('a DryRun of false is none', async () => {
      await run(key.id, false)
      await run(key.id, undefined)
    })

    test('a dry run of a key that does not exist is a NotFoundException', async () => {
      await refused(
        run(absentId, true),
        'NotFoundException',
        `Key '${key.arn.replace(key.id, absentId)}' does not exist`,
      )
    })

    test('a dry run of a disabled key is a DisabledException', async () => {
      await refused(run(off.id, true), 'DisabledException', `${off.arn} is disabled.`)
    })

    test('a dry run of a key pending deletion is a KMSInvalidStateException', async () => {
      await refused(
        run(leaving.id, true),
        'KMSInvalidStateException',
        `${leaving.arn} is pending deletion.`,
      )
    })

    test("a dry run of another account's key is an AccessDeniedException", async () => {
      await refused(
        run(foreign.arn, true),
        'AccessDeniedException',
        deniedAcrossAccounts(trent.accountId, action),
      )
    })
  })
}

describe('Dry runs and their checks', () => {
  test('the shape is checked', async () => {
    await refused(
      kms.send(new EncryptCommand({ KeyId: key.id, Plaintext: Buffer.alloc(4097), DryRun: true })),
      'ValidationException',
      violated("at 'plaintext': have length less than or equal to 4096"),
    )
  })

  test('the algorithm is checked', async () => {
    const EncryptionAlgorithm = 'RSAES_OAEP_SHA_256' as const
    const sentence = `Algorithm ${EncryptionAlgorithm} is incompatible with key spec SYMMETRIC_DEFAULT.`
    const request = { KeyId: key.id, EncryptionAlgorithm, DryRun: true }
    for (const call of [
      kms.send(new EncryptCommand({ ...request, Plaintext })),
      kms.send(new DecryptCommand({ ...request, CiphertextBlob })),
    ])
      await refused(call, 'InvalidKeyUsageException', sentence)
  })

  test("a data key's length is checked", async () => {
    await refused(
      kms.send(new GenerateDataKeyCommand({ KeyId: key.id, DryRun: true })),
      'ValidationException',
      eitherLength,
    )
  })

  test('the key of the ciphertext is checked', async () => {
    const other = await makeKey(kms)
    await refused(
      kms.send(new DecryptCommand({ CiphertextBlob, KeyId: other.id, DryRun: true })),
      'IncorrectKeyException',
      incorrectKey,
    )
    await refused(
      kms.send(new DecryptCommand({ CiphertextBlob: Buffer.from('rubbish'), DryRun: true })),
      'InvalidCiphertextException',
      undefined,
    )
  })

  test('without a KeyId, a ciphertext of nobody is refused', async () => {
    const blob = Buffer.from(CiphertextBlob ?? []).fill(7, 4, 20)
    await refused(
      kms.send(new DecryptCommand({ CiphertextBlob: blob, DryRun: true })),
      'AccessDeniedException',
      deniedCiphertext(trent.accountId, 'kms:Decrypt'),
    )
  })

  test('the source of a ReEncrypt is checked before its destination', async () => {
    await refused(
      kms.send(
        new ReEncryptCommand({ CiphertextBlob: offBlob, DestinationKeyId: absentId, DryRun: true }),
      ),
      'DisabledException',
      `${off.arn} is disabled.`,
    )
  })

  test('a dry run is no use of the key', async () => {
    const fresh = await makeKey(kms)
    const request = { KeyId: fresh.id, DryRun: true }
    await refused(
      kms.send(new EncryptCommand({ ...request, Plaintext })),
      'DryRunOperationException',
      dryRun,
    )
    const answer = await kms.send(new GetKeyLastUsageCommand({ KeyId: fresh.id }))
    assert.equal(answer.KeyLastUsage?.Operation, undefined)
  })

  test('a dry run is recorded, as the error that it is', async () => {
    const call = kms.send(
      new EncryptCommand({
        KeyId: key.id,
        Plaintext,
        EncryptionContext: { tenant: 'a' },
        DryRun: true,
      }),
    )
    const event = await recordOfRefused(trent, call)
    assert.equal(event.eventName, 'Encrypt')
    assert.equal(event.errorCode, 'DryRunOperationException')
    assert.equal(event.errorMessage, dryRun)
    assert.deepEqual(event.requestParameters?.['encryptionContext'], { tenant: 'a' })
    assert.deepEqual(event.resources, [resource(key.arn)])
    assert.equal(event.additionalEventData, undefined)
  })
})

describe('Decrypt with IGNORE_CIPHERTEXT', () => {
  const decrypt = (input: Partial<DecryptCommandInput>) =>
    kms.send(new DecryptCommand({ CiphertextBlob: undefined, ...modifiers, ...input }))

  test('needs no CiphertextBlob', async () => {
    await refused(decrypt({ KeyId: key.id }), 'DryRunOperationException', dryRun)
  })

  test('does not look at a CiphertextBlob', async () => {
    for (const blob of [CiphertextBlob, offBlob, Buffer.from('rubbish')])
      await refused(
        decrypt({ KeyId: key.arn, CiphertextBlob: blob }),
        'DryRunOperationException',
        dryRun,
      )
  })

  test('looks at the length of a CiphertextBlob that is there', async () => {
    await refused(
      decrypt({ KeyId: key.arn, CiphertextBlob: Buffer.alloc(6145) }),
      'ValidationException',
      violated("at 'ciphertextBlob': have length less than or equal to 6144"),
    )
  })

  test('KeyId must not be null', async () => {
    for (const blob of [undefined, CiphertextBlob])
      await refused(
        decrypt({ CiphertextBlob: blob }),
        'ValidationException',
        'KeyId must not be null',
      )
  })

  test('an empty KeyId is none', async () => {
    await refused(decrypt({ KeyId: '' }), 'ValidationException', emptyKeyId('keyId'))
  })

  test('the state of the key is checked', async () => {
    await refused(decrypt({ KeyId: off.id }), 'DisabledException', `${off.arn} is disabled.`)
  })

  test("another account's key is an AccessDeniedException", async () => {
    await refused(
      decrypt({ KeyId: foreign.arn }),
      'AccessDeniedException',
      deniedAcrossAccounts(trent.accountId, 'kms:Decrypt'),
    )
  })

  test('the algorithm is checked', async () => {
    await refused(
      decrypt({ KeyId: key.id, EncryptionAlgorithm: 'RSAES_OAEP_SHA_1' }),
      'InvalidKeyUsageException',
      'Algorithm RSAES_OAEP_SHA_1 is incompatible with key spec SYMMETRIC_DEFAULT.',
    )
  })

  test('without DryRun it is refused, and nothing is decrypted', async () => {
    for (const DryRun of [false, undefined])
      await refused(
        decrypt({ KeyId: key.id, CiphertextBlob, DryRun }),
        'ValidationException',
        'DryRunModifiers can only be specified when DryRun is true.',
      )
  })

  test('without DryRun a CiphertextBlob must not be null', async () => {
    await refused(
      decrypt({ KeyId: key.id, DryRun: undefined }),
      'ValidationException',
      violated("null at 'ciphertextBlob': not be null"),
    )
  })

  test('a dry run without the modifier needs the CiphertextBlob', async () => {
    for (const DryRunModifiers of [[], undefined])
      await refused(
        decrypt({ KeyId: key.id, DryRunModifiers }),
        'ValidationException',
        violated("null at 'ciphertextBlob': not be null"),
      )
  })

  test('an unknown modifier is refused at the list', async () => {
    await refused(
      decrypt({
        KeyId: key.id,
        CiphertextBlob,
        DryRunModifiers: ['IGNORE_POLICY' as 'IGNORE_CIPHERTEXT'],
      }),
      'ValidationException',
      violated(
        "'[IGNORE_POLICY]' at 'dryRunModifiers': satisfy constraint: [Member must satisfy enum value set: [IGNORE_CIPHERTEXT]]",
      ),
    )
  })
})

describe('ReEncrypt with IGNORE_CIPHERTEXT', () => {
  const reEncrypt = (input: Partial<ReEncryptCommandInput>) =>
    kms.send(
      new ReEncryptCommand({
        CiphertextBlob: undefined,
        SourceKeyId: key.id,
        DestinationKeyId: key.id,
        ...modifiers,
        ...input,
      }),
    )

  test('needs no CiphertextBlob, and does not look at one', async () => {
    for (const blob of [undefined, offBlob, Buffer.from('rubbish')])
      await refused(reEncrypt({ CiphertextBlob: blob }), 'DryRunOperationException', dryRun)
  })

  test('a source must be named', async () => {
    await refused(
      reEncrypt({ SourceKeyId: undefined }),
      'ValidationException',
      /KeyId must not be null$/,
    )
  })

  test('both keys are checked, source first', async () => {
    await refused(
      reEncrypt({ SourceKeyId: off.id, DestinationKeyId: leaving.id }),
      'DisabledException',
      `${off.arn} is disabled.`,
    )
    await refused(
      reEncrypt({ DestinationKeyId: leaving.id }),
      'KMSInvalidStateException',
      `${leaving.arn} is pending deletion.`,
    )
  })

  test('the permission is asked for each key by its own action', async () => {
    await refused(
      reEncrypt({ SourceKeyId: foreign.arn }),
      'AccessDeniedException',
      deniedAcrossAccounts(trent.accountId, 'kms:ReEncryptFrom'),
    )
    await refused(
      reEncrypt({ DestinationKeyId: foreign.arn }),
      'AccessDeniedException',
      deniedAcrossAccounts(trent.accountId, 'kms:ReEncryptTo'),
    )
  })

  test('without DryRun it is refused, and nothing is encrypted', async () => {
    await refused(
      reEncrypt({ CiphertextBlob, DryRun: undefined }),
      'ValidationException',
      'DryRunModifiers can only be specified when DryRun is true.',
    )
  })
})
