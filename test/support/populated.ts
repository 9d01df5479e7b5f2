/**
 * A server with something of everything in it, and how to find out whether all of that is still there elsewhere.
 */
import assert from 'node:assert/strict'
import {
  CreateAliasCommand,
  CreateGrantCommand,
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DecryptCommand,
  DisableKeyCommand,
  EncryptCommand,
  GenerateMacCommand,
  type KMSClient,
  ListAliasesCommand,
  ListGrantsCommand,
  SignCommand,
  TagResourceCommand,
  VerifyCommand,
  VerifyMacCommand,
} from '@aws-sdk/client-kms'
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  GetUserPolicyCommand,
  IAMClient,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam'

const text = Buffer.from('a text to keep')
const description = 'a key\0 with a sign that no PostgreSQL takes'
const policy = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'kms:*', Resource: '*' }],
})

/** What was made. */
export interface Populated {
  readonly symmetric: string
  readonly signing: string
  readonly mac: string
  readonly disabled: string
  readonly grantId: string
  readonly accessKeyId: string
  readonly blob: Uint8Array
  readonly signature: Uint8Array
  readonly tag: Uint8Array
}

/** Clients of the first account. */
export interface Clients {
  readonly kms: KMSClient
  readonly iam: IAMClient
}

/** A client of IAM beside one of KMS. */
export async function iamBeside(kms: KMSClient, endpoint: string): Promise<IAMClient> {
  return new IAMClient({
    endpoint,
    region: 'us-east-1',
    credentials: await kms.config.credentials(),
    maxAttempts: 1,
  })
}

/** Makes keys of several kinds and uses them, an alias, a grant, a tag, and a user with a policy and an access key. */
export async function populate({ kms, iam }: Clients): Promise<Populated> {
  const newKey = async (input: CreateKeyCommandInput) =>
    (await kms.send(new CreateKeyCommand(input))).KeyMetadata?.KeyId ?? ''
  const symmetric = await newKey({ Description: description })
  const signing = await newKey({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' })
  const mac = await newKey({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' })
  const disabled = await newKey({})
  await kms.send(new CreateAliasCommand({ AliasName: 'alias/kept', TargetKeyId: symmetric }))
  const Tags = [{ TagKey: 'who', TagValue: 'somebody' }]
  await kms.send(new TagResourceCommand({ KeyId: symmetric, Tags }))
  const { User } = await iam.send(new CreateUserCommand({ UserName: 'alice' }))
  const UserName = 'alice'
  await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'all', PolicyDocument: policy }))
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }))
  const { GrantId } = await kms.send(
    new CreateGrantCommand({
      KeyId: symmetric,
      GranteePrincipal: User?.Arn,
      Operations: ['Decrypt'],
    }),
  )
  const encrypted = await kms.send(new EncryptCommand({ KeyId: symmetric, Plaintext: text }))
  const signed = await kms.send(
    new SignCommand({ KeyId: signing, Message: text, SigningAlgorithm: 'ECDSA_SHA_256' }),
  )
  const made = await kms.send(
    new GenerateMacCommand({ KeyId: mac, Message: text, MacAlgorithm: 'HMAC_SHA_256' }),
  )
  await kms.send(new DisableKeyCommand({ KeyId: disabled }))
  return {
    symmetric,
    signing,
    mac,
    disabled,
    grantId: GrantId ?? '',
    accessKeyId: AccessKey?.AccessKeyId ?? '',
    blob: encrypted.CiphertextBlob ?? text,
    signature: signed.Signature ?? text,
    tag: made.Mac ?? text,
  }
}

/** Asserts that everything is there and works. */
export async function assertPopulated({ kms, iam }: Clients, made: Populated): Promise<void> {
  const opened = await kms.send(new DecryptCommand({ CiphertextBlob: made.blob }))
  assert.deepEqual(Buffer.from(opened.Plaintext ?? []), text)
  const verified = await kms.send(
    new VerifyCommand({
      KeyId: made.signing,
      Message: text,
      Signature: made.signature,
      SigningAlgorithm: 'ECDSA_SHA_256',
    }),
  )
  assert.equal(verified.SignatureValid, true)
  const checked = await kms.send(
    new VerifyMacCommand({
      KeyId: made.mac,
      Message: text,
      Mac: made.tag,
      MacAlgorithm: 'HMAC_SHA_256',
    }),
  )
  assert.equal(checked.MacValid, true)
  await assert.rejects(
    kms.send(new EncryptCommand({ KeyId: made.disabled, Plaintext: text })),
    /is disabled/,
  )
  const { Aliases = [] } = await kms.send(new ListAliasesCommand({ KeyId: made.symmetric }))
  assert.deepEqual(
    Aliases.map(({ AliasName }) => AliasName),
    ['alias/kept'],
  )
  const { Grants = [] } = await kms.send(new ListGrantsCommand({ KeyId: made.symmetric }))
  assert.deepEqual(
    Grants.map(({ GrantId }) => GrantId),
    [made.grantId],
  )
  const { PolicyDocument = '' } = await iam.send(
    new GetUserPolicyCommand({ UserName: 'alice', PolicyName: 'all' }),
  )
  assert.equal(decodeURIComponent(PolicyDocument), policy)
}
