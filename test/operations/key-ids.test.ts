/**
 * How the operations that use a key find it: the four forms of a key identifier, and AWS's sentence for each other one.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  CreateAliasCommand,
  DecryptCommand,
  DeleteAliasCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  type KMSClient,
  ReEncryptCommand,
  UpdateAliasCommand,
} from '@aws-sdk/client-kms'
import { alias, disable, makeKey, type TestKey } from '../support/test-keys.ts'
import { incorrectKey } from '../support/sentences.ts'
import { refused, startService } from '../support/service.ts'

const trent = await startService({ regions: ['us-east-1', 'eu-west-1', 'cn-north-1'] })
const kms = trent.client()
const key = await makeKey(kms)
const other = await makeKey(kms)
const aliasArn = await alias(kms, 'alias/ExampleAlias', key)
const elsewhere = await makeKey(trent.client({ region: 'eu-west-1' }))
const CiphertextBlob = await blobOf(key)
const absent = '12345678-1234-1234-1234-123456789012'

async function blobOf(of: TestKey): Promise<Uint8Array> {
  const input = { KeyId: of.id, Plaintext: Buffer.from('plain') }
  const { CiphertextBlob: blob } = await kms.send(new EncryptCommand(input))
  return blob ?? assert.fail('no blob')
}

/** An operation with a member that names a key; it answers the ARN of the key that it used. */
type Use = (KeyId: string, client?: KMSClient) => Promise<string | undefined>

const encrypt: Use = async (KeyId, client = kms) => {
  const answer = await client.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') }))
  return answer.KeyId
}

const uses: Readonly<Record<string, Use>> = {
  Encrypt: encrypt,
  Decrypt: async (KeyId, client = kms) => {
    const answer = await client.send(new DecryptCommand({ KeyId, CiphertextBlob }))
    return answer.KeyId
  },
  'ReEncrypt from SourceKeyId': async (SourceKeyId, client = kms) => {
    const input = { CiphertextBlob, SourceKeyId, DestinationKeyId: other.id }
    const answer = await client.send(new ReEncryptCommand(input))
    return answer.SourceKeyId
  },
  'ReEncrypt to DestinationKeyId': async (DestinationKeyId, client = kms) => {
    const answer = await client.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId }))
    return answer.KeyId
  },
  GenerateDataKey: async (KeyId, client = kms) => {
    const answer = await client.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' }))
    return answer.KeyId
  },
  GenerateDataKeyWithoutPlaintext: async (KeyId, client = kms) => {
    const input = { KeyId, NumberOfBytes: 32 }
    const answer = await client.send(new GenerateDataKeyWithoutPlaintextCommand(input))
    return answer.KeyId
  },
}

/** An ARN of the caller's account; of a key unless `resource` says otherwise. */
function arn(resource: string, region = 'us-east-1', partition = 'aws'): string {
  return `arn:${partition}:kms:${region}:${trent.accountId}:${resource}`
}

for (const [name, use] of Object.entries(uses)) {
  const notFound = (keyId: string, text: string | RegExp) =>
    refused(use(keyId), 'NotFoundException', text)

  describe(name, () => {
    test('takes key id, key ARN, alias name and alias ARN alike, and answers the key ARN', async () => {
      for (const form of [key.id, key.arn, 'alias/ExampleAlias', aliasArn]) {
        assert.equal(await use(form), key.arn)
      }
    })

    test('Invalid keyId, in quotes, for what has no form of one', async () => {
      for (const id of [
        'foo',
        'not-a-uuid',
        'mrk-1234',
        'mrk-fake-key-id',
        absent.replaceAll('-', ''),
        `${absent} `,
        `{${absent}}`,
        `key/${absent}`,
        'Alias/ExampleAlias',
        '*',
        "' OR 1=1 --",
        '../../root.key',
      ])
        await notFound(id, `Invalid keyId '${id}'`)
    })

    test('a well-formed id that names nothing does not exist, by its full ARN', async () => {
      for (const id of [absent, 'mrk-1234567812341234123412345678901a']) {
        await notFound(id, `Key '${arn(`key/${id}`)}' does not exist`)
        await notFound(arn(`key/${id}`), `Key '${arn(`key/${id}`)}' does not exist`)
      }
    })

    test('an id in upper case is well-formed, echoed as it is, and no key’s', async () => {
      for (const id of ['786CA7CD-B74B-42B3-B887-902AD7AB6429', key.id.toUpperCase()]) {
        await notFound(id, `Key '${arn(`key/${id}`)}' does not exist`)
        await notFound(arn(`key/${id}`), `Key '${arn(`key/${id}`)}' does not exist`)
      }
    })

    test('Invalid keyId, without quotes, inside an ARN', async () => {
      await notFound(arn('key/foo'), 'Invalid keyId foo')
      await notFound(arn(`key/${absent}/more`), `Invalid keyId ${absent}/more`)
    })

    test('Invalid arn for a key ARN or alias ARN of another region, whether or not it is there', async () => {
      for (const resource of [`key/${elsewhere.id}`, `key/${absent}`, 'key/foo', 'alias/absent'])
        await notFound(arn(resource, 'eu-west-1'), 'Invalid arn eu-west-1')
      await notFound(arn(`key/${absent}`, 'mars-north-1'), 'Invalid arn mars-north-1')
    })

    test('Invalid arn for the ARN of another partition', async () => {
      await notFound(arn(`key/${key.id}`, 'cn-north-1', 'aws-cn'), 'Invalid arn cn-north-1')
      await notFound(arn(`key/${key.id}`, 'us-east-1', 'aws-cn'), /^Invalid arn /)
    })

    test('Invalid arn for what begins as an ARN and is none of KMS', async () => {
      for (const text of [
        'arn:',
        'arn:aws:kms',
        `arn:aws:kms:us-east-1:${trent.accountId}`,
        arn(key.id),
        arn(''),
        arn(`grant/${key.id}`),
        `arn:aws:s3:us-east-1:${trent.accountId}:key/${key.id}`,
        `arn:aws:kms:us-east-1::key/${key.id}`,
        `arn:aws:kms:us-east-1:1234:key/${key.id}`,
        `arn::kms:us-east-1:${trent.accountId}:key/${key.id}`,
      ])
        await notFound(text, /^Invalid arn /)
    })

    test('a key of another region does not exist here, by its id', async () => {
      await notFound(elsewhere.id, `Key '${arn(`key/${elsewhere.id}`)}' does not exist`)
    })

    test('an alias that does not exist is not found, by its full ARN and with a full stop', async () => {
      for (const alias of ['alias/DoesNotExist', 'alias/aws/not-a-service', 'alias/examplealias'])
        for (const form of [alias, arn(alias)])
          await notFound(form, `Alias ${arn(alias)} is not found.`)
    })

    test('a key id longer than any is looked up all the same', async () => {
      const id = 'k'.repeat(2048)
      await notFound(id, `Invalid keyId '${id}'`)
    })
  })
}

describe('Aliases', () => {
  test('an alias that is pointed elsewhere names the other key from the next call on', async () => {
    await alias(kms, 'alias/Moves', key)
    assert.equal(await encrypt('alias/Moves'), key.arn)
    const blob = await blobOf(key)
    const moved = { AliasName: 'alias/Moves', TargetKeyId: other.id }
    await kms.send(new UpdateAliasCommand(moved))
    assert.equal(await encrypt('alias/Moves'), other.arn)
    await refused(
      kms.send(new DecryptCommand({ CiphertextBlob: blob, KeyId: 'alias/Moves' })),
      'IncorrectKeyException',
      incorrectKey,
    )
    const { KeyId } = await kms.send(new DecryptCommand({ CiphertextBlob: blob }))
    assert.equal(KeyId, key.arn)
  })

  test('a deleted alias is not found, and found again when it is made again', async () => {
    await alias(kms, 'alias/Goes', key)
    assert.equal(await encrypt('alias/Goes'), key.arn)
    await kms.send(new DeleteAliasCommand({ AliasName: 'alias/Goes' }))
    const text = `Alias ${arn('alias/Goes')} is not found.`
    await refused(encrypt('alias/Goes'), 'NotFoundException', text)
    await alias(kms, 'alias/Goes', other)
    assert.equal(await encrypt('alias/Goes'), other.arn)
  })

  test('an alias names the key of the region in which it is used', async () => {
    const there = trent.client({ region: 'eu-west-1' })
    const input = { AliasName: 'alias/ExampleAlias', TargetKeyId: elsewhere.id }
    await there.send(new CreateAliasCommand(input))
    assert.equal(await encrypt('alias/ExampleAlias', there), elsewhere.arn)
    assert.equal(await encrypt('alias/ExampleAlias'), key.arn)
  })

  test('an alias names the key of the account that uses it', async () => {
    const theirs = trent.client({ account: await trent.createAccount() })
    await refused(
      encrypt('alias/ExampleAlias', theirs),
      'NotFoundException',
      /^Alias arn:aws:kms:us-east-1:\d{12}:alias\/ExampleAlias is not found\.$/,
    )
    const foreign = await makeKey(theirs)
    await alias(theirs, 'alias/ExampleAlias', foreign)
    assert.equal(await encrypt('alias/ExampleAlias', theirs), foreign.arn)
    assert.equal(await encrypt('alias/ExampleAlias'), key.arn)
  })

  test('the sentence of a state names the key, not the alias', async () => {
    const off = await disable(kms, await makeKey(kms))
    await alias(kms, 'alias/Disabled', off)
    await refused(encrypt('alias/Disabled'), 'DisabledException', `${off.arn} is disabled.`)
  })
})

describe('Partitions', () => {
  test('a key in China has an ARN of aws-cn, and is found by it there alone', async () => {
    const there = trent.client({ region: 'cn-north-1' })
    const chinese = await makeKey(there)
    assert.equal(chinese.arn, arn(`key/${chinese.id}`, 'cn-north-1', 'aws-cn'))
    assert.equal(await encrypt(chinese.arn, there), chinese.arn)
    await refused(encrypt(chinese.arn), 'NotFoundException', 'Invalid arn cn-north-1')
    await refused(
      encrypt(chinese.arn.replace('aws-cn', 'aws'), there),
      'NotFoundException',
      /^Invalid arn /,
    )
  })
})
