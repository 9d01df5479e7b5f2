/**
 * Every kind of key that takes imported material, and a use of it that shows the material to be the one we made.
 */
import assert from 'node:assert/strict'
import {
  constants,
  createHmac,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  verify,
} from 'node:crypto'
import {
  DecryptCommand,
  EncryptCommand,
  GenerateMacCommand,
  GetPublicKeyCommand,
  type KeySpec,
  type KeyUsageType,
  type KMSClient,
  type MacAlgorithmSpec,
  SignCommand,
  type SigningAlgorithmSpec,
} from '@aws-sdk/client-kms'

/** One kind of key, and how OpenSSL calls what it is made of. */
export interface ImportedKind {
  readonly spec: KeySpec
  readonly usage: KeyUsageType
  /** Of raw material, how many bytes it has. */
  readonly bytes?: number
  /** Of a private key, the bits of its modulus or the name of its curve. */
  readonly bits?: number
  readonly curve?: string
  readonly signing?: SigningAlgorithmSpec
}

/** The table. */
export const importedKinds: readonly ImportedKind[] = [
  { spec: 'SYMMETRIC_DEFAULT', usage: 'ENCRYPT_DECRYPT', bytes: 32 },
  { spec: 'HMAC_224', usage: 'GENERATE_VERIFY_MAC', bytes: 28 },
  { spec: 'HMAC_256', usage: 'GENERATE_VERIFY_MAC', bytes: 32 },
  { spec: 'HMAC_384', usage: 'GENERATE_VERIFY_MAC', bytes: 48 },
  { spec: 'HMAC_512', usage: 'GENERATE_VERIFY_MAC', bytes: 64 },
  { spec: 'RSA_2048', usage: 'SIGN_VERIFY', bits: 2048, signing: 'RSASSA_PSS_SHA_256' },
  { spec: 'RSA_3072', usage: 'SIGN_VERIFY', bits: 3072, signing: 'RSASSA_PSS_SHA_256' },
  { spec: 'RSA_4096', usage: 'SIGN_VERIFY', bits: 4096, signing: 'RSASSA_PSS_SHA_256' },
  { spec: 'ECC_NIST_P256', usage: 'SIGN_VERIFY', curve: 'P-256', signing: 'ECDSA_SHA_256' },
  { spec: 'ECC_NIST_P384', usage: 'SIGN_VERIFY', curve: 'P-384', signing: 'ECDSA_SHA_384' },
  { spec: 'ECC_NIST_P521', usage: 'SIGN_VERIFY', curve: 'P-521', signing: 'ECDSA_SHA_512' },
  { spec: 'ECC_SECG_P256K1', usage: 'SIGN_VERIFY', curve: 'secp256k1', signing: 'ECDSA_SHA_256' },
  {
    spec: 'ECC_NIST_EDWARDS25519',
    usage: 'SIGN_VERIFY',
    curve: 'ED25519',
    signing: 'ED25519_SHA_512',
  },
]

const message = Buffer.from('message')

/** Asserts that a key works with the material, by doing outside what it does. */
export async function assertMaterial(
  kms: KMSClient,
  { keyId, kind, material }: { keyId: string; kind: ImportedKind; material: Buffer },
): Promise<void> {
  if (kind.usage === 'ENCRYPT_DECRYPT') return assertDecrypts(kms, keyId)
  if (kind.usage === 'GENERATE_VERIFY_MAC') return assertMac(kms, keyId, { kind, material })
  const key = createPrivateKey({ key: material, format: 'der', type: 'pkcs8' })
  const publicKey = createPublicKey(key)
  const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: keyId }))
  assert.deepEqual(Buffer.from(PublicKey ?? []), publicKey.export({ format: 'der', type: 'spki' }))
  const { Signature } = await kms.send(
    new SignCommand({ KeyId: keyId, Message: message, SigningAlgorithm: kind.signing }),
  )
  assert.ok(verifies(publicKey, kind.signing ?? '', Signature ?? new Uint8Array()))
}

async function assertDecrypts(kms: KMSClient, KeyId: string): Promise<void> {
  const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: message }))
  const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob }))
  assert.deepEqual(Plaintext, new Uint8Array(message))
}

async function assertMac(
  kms: KMSClient,
  KeyId: string,
  { kind, material }: { kind: ImportedKind; material: Buffer },
): Promise<void> {
  const bits = kind.spec.slice('HMAC_'.length)
  const MacAlgorithm = `HMAC_SHA_${bits}` as MacAlgorithmSpec
  const { Mac } = await kms.send(new GenerateMacCommand({ KeyId, Message: message, MacAlgorithm }))
  const expected = createHmac(`sha${bits}`, material).update(message).digest()
  assert.deepEqual(Buffer.from(Mac ?? []), expected)
}

function verifies(key: KeyObject, algorithm: string, signature: Uint8Array): boolean {
  if (algorithm.startsWith('ED25519')) return verify(null, message, key, signature)
  const hash = `sha${algorithm.slice(-3)}`
  if (!algorithm.includes('PSS')) return verify(hash, message, key, signature)
  const pss = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
  return verify(hash, message, pss, signature)
}
