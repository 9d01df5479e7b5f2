/**
 * Keys of every spec and usage, in the states that the tests of their operations need, and what is known of each spec.
 */
import assert from 'node:assert/strict'
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DisableKeyCommand,
  GetPublicKeyCommand,
  type KeySpec,
  type KeyUsageType,
  type KMSClient,
  type MessageType,
  ScheduleKeyDeletionCommand,
  type SigningAlgorithmSpec,
} from '@aws-sdk/client-kms'

/** A key, by what tests name it by. */
export interface SpecKey {
  readonly id: string
  readonly arn: string
}

/** Well-formed, and the id of no key. */
export const absentId = '00000000-0000-0000-0000-000000000000'

/** Creates a key of a spec and usage; EXTERNAL ones wait for their material. */
export async function createSpecKey(
  kms: KMSClient,
  kind: { readonly spec: KeySpec; readonly usage: KeyUsageType; readonly external?: boolean },
): Promise<SpecKey> {
  const { KeyMetadata: key } = await kms.send(
    new CreateKeyCommand({
      KeySpec: kind.spec,
      KeyUsage: kind.usage,
      Origin: kind.external === true ? 'EXTERNAL' : 'AWS_KMS',
    }),
  )
  assert.ok(key?.KeyId !== undefined && key.Arn !== undefined)
  return { id: key.KeyId, arn: key.Arn }
}

/** The one key of each spec and usage that a file's tests share: made when it is first asked for. */
export function sharedKeys(kms: KMSClient) {
  const keys = new Map<string, Promise<SpecKey>>()
  return (spec: KeySpec, usage: KeyUsageType): Promise<SpecKey> => {
    const name = `${spec} ${usage}`
    const key = keys.get(name) ?? createSpecKey(kms, { spec, usage })
    keys.set(name, key)
    return key
  }
}

/** Disables a key. */
export async function disableSpecKey(kms: KMSClient, key: SpecKey): Promise<SpecKey> {
  await kms.send(new DisableKeyCommand({ KeyId: key.id }))
  return key
}

/** Schedules a key's deletion. */
export async function deleteSpecKey(kms: KMSClient, key: SpecKey): Promise<SpecKey> {
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key.id, PendingWindowInDays: 7 }))
  return key
}

/** Points a new alias at a key, and answers the alias's ARN. */
export async function aliasSpecKey(kms: KMSClient, name: string, key: SpecKey): Promise<string> {
  await kms.send(new CreateAliasCommand({ AliasName: name, TargetKeyId: key.id }))
  return key.arn.replace(/key\/.*$/, name)
}

/** The SubjectPublicKeyInfo that GetPublicKey answers. */
export async function publicKeyOf(kms: KMSClient, key: SpecKey): Promise<Buffer> {
  const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: key.id }))
  return Buffer.from(PublicKey ?? [])
}

/** The refusal of a key for its usage. */
export function usageRefusal(key: SpecKey, usage: KeyUsageType, operation: string): string {
  return `${key.arn} key usage is ${usage} which is not valid for ${operation}.`
}

/** The refusal of an algorithm that is none of the key's. */
export function algorithmRefusal(algorithm: string, spec: string): string {
  return `Algorithm ${algorithm} is incompatible with key spec ${spec}.`
}

/** The values that AWS prints for a signing algorithm. */
export const printedSigningAlgorithms =
  '[RSASSA_PSS_SHA_256, RSASSA_PSS_SHA_384, RSASSA_PSS_SHA_512, RSASSA_PKCS1_V1_5_SHA_256, RSASSA_PKCS1_V1_5_SHA_384, RSASSA_PKCS1_V1_5_SHA_512, ECDSA_SHA_256, ECDSA_SHA_384, ECDSA_SHA_512, ED25519_SHA_512, ED25519_PH_SHA_512, SM2DSA, ML_DSA_SHAKE_256]'

/** One way to sign: a key spec, an algorithm, a type of message and the only length it may have. */
export interface SigningWay {
  readonly spec: KeySpec
  readonly algorithm: SigningAlgorithmSpec
  readonly type: MessageType
  /** Undefined: any. */
  readonly length: number | undefined
  /** How long signatures are; of ECDSA's, which are DER, how long at most. */
  readonly signature: number
}

/** Every way to sign that the specification has. */
export const signingWays: readonly SigningWay[] = [
  ...(['RSA_2048', 'RSA_3072', 'RSA_4096'] as const).flatMap((spec) =>
    (['RSASSA_PKCS1_V1_5', 'RSASSA_PSS'] as const).flatMap((scheme) =>
      ([256, 384, 512] as const).flatMap((bits) =>
        hashed({
          spec,
          algorithm: `${scheme}_SHA_${bits}`,
          digest: bits / 8,
          signature: Number(spec.slice(4)) / 8,
        }),
      ),
    ),
  ),
  ...hashed({ spec: 'ECC_NIST_P256', algorithm: 'ECDSA_SHA_256', digest: 32, signature: 72 }),
  ...hashed({ spec: 'ECC_SECG_P256K1', algorithm: 'ECDSA_SHA_256', digest: 32, signature: 72 }),
  ...hashed({ spec: 'ECC_NIST_P384', algorithm: 'ECDSA_SHA_384', digest: 48, signature: 104 }),
  ...hashed({ spec: 'ECC_NIST_P521', algorithm: 'ECDSA_SHA_512', digest: 64, signature: 139 }),
  {
    spec: 'ECC_NIST_EDWARDS25519',
    algorithm: 'ED25519_SHA_512',
    type: 'RAW',
    length: undefined,
    signature: 64,
  },
  {
    spec: 'ECC_NIST_EDWARDS25519',
    algorithm: 'ED25519_PH_SHA_512',
    type: 'DIGEST',
    length: 64,
    signature: 64,
  },
  ...mlDsa('ML_DSA_44', 2420),
  ...mlDsa('ML_DSA_65', 3309),
  ...mlDsa('ML_DSA_87', 4627),
]

function hashed({
  digest,
  ...way
}: Omit<SigningWay, 'type' | 'length'> & { readonly digest: number }): SigningWay[] {
  return [
    { ...way, type: 'RAW', length: undefined },
    { ...way, type: 'DIGEST', length: digest },
  ]
}

function mlDsa(spec: KeySpec, signature: number): SigningWay[] {
  const way = { spec, algorithm: 'ML_DSA_SHAKE_256', signature } as const
  return [
    { ...way, type: 'RAW', length: undefined },
    { ...way, type: 'EXTERNAL_MU', length: 64 },
  ]
}
