/**
 * One plausible request for each operation: what is built serves it.
 */
import type { OperationName } from '../../src/api/types.ts'
import { documentOf, type RawAnswer } from './wire.ts'

/** What the requests are about. The blob is a ciphertext under the key; the alias names it. */
export interface Subject {
  readonly keyId: string
  readonly alias: string
  readonly blob: string
  /** The account's root user, by its ARN. */
  readonly root?: string
}

/** A request, as JSON has it. */
export type Document = Readonly<Record<string, unknown>>

/** The id of the key that a CreateKey was answered with. */
export function keyIdOf(answer: RawAnswer): string {
  const { KeyMetadata } = documentOf(answer) as { readonly KeyMetadata: { readonly KeyId: string } }
  return KeyMetadata.KeyId
}

const bytes = (length: number): string => Buffer.alloc(length, 7).toString('base64')
const storeId = 'cks-1234567890abcdef0'
/** A principal that is not there. */
const nobody = 'arn:aws:iam::111122223333:root'
const recipient = {
  KeyEncryptionAlgorithm: 'RSAES_OAEP_SHA_256',
  AttestationDocument: bytes(100),
}

/** The table. */
export const plausible: { readonly [Name in OperationName]: (subject: Subject) => Document } = {
  CancelKeyDeletion: ({ keyId }) => ({ KeyId: keyId }),
  ConnectCustomKeyStore: () => ({ CustomKeyStoreId: storeId }),
  CreateAlias: ({ keyId, alias }) => ({ AliasName: `${alias}-more`, TargetKeyId: keyId }),
  CreateCustomKeyStore: () => ({ CustomKeyStoreName: 'store' }),
  CreateGrant: ({ keyId, root = nobody }) => ({
    KeyId: keyId,
    GranteePrincipal: root,
    Operations: ['Decrypt'],
  }),
  CreateKey: () => ({ Description: 'a key', Tags: [{ TagKey: 'a', TagValue: 'b' }] }),
  Decapsulate: ({ keyId }) => ({
    KeyId: keyId,
    SharedSecretCiphertextBlob: bytes(1088),
    EncapsulationAlgorithm: 'ML_KEM',
  }),
  Decrypt: ({ blob }) => ({ CiphertextBlob: blob }),
  DeleteAlias: ({ alias }) => ({ AliasName: alias }),
  DeleteCustomKeyStore: () => ({ CustomKeyStoreId: storeId }),
  DeleteImportedKeyMaterial: ({ keyId }) => ({ KeyId: keyId }),
  DeriveSharedSecret: ({ keyId }) => ({
    KeyId: keyId,
    KeyAgreementAlgorithm: 'ECDH',
    PublicKey: bytes(91),
  }),
  DescribeCustomKeyStores: () => ({}),
  DescribeKey: ({ keyId }) => ({ KeyId: keyId }),
  DisableKey: ({ keyId }) => ({ KeyId: keyId }),
  DisableKeyRotation: ({ keyId }) => ({ KeyId: keyId }),
  DisconnectCustomKeyStore: () => ({ CustomKeyStoreId: storeId }),
  EnableKey: ({ keyId }) => ({ KeyId: keyId }),
  EnableKeyRotation: ({ keyId }) => ({ KeyId: keyId }),
  Encapsulate: ({ keyId }) => ({ KeyId: keyId, EncapsulationAlgorithm: 'ML_KEM' }),
  Encrypt: ({ keyId }) => ({ KeyId: keyId, Plaintext: bytes(32), EncryptionContext: { a: 'b' } }),
  GenerateDataKey: ({ keyId }) => ({ KeyId: keyId, KeySpec: 'AES_256' }),
  GenerateDataKeyPair: ({ keyId }) => ({ KeyId: keyId, KeyPairSpec: 'ECC_NIST_P256' }),
  GenerateDataKeyPairWithoutPlaintext: ({ keyId }) => ({
    KeyId: keyId,
    KeyPairSpec: 'ECC_NIST_P256',
  }),
  GenerateDataKeyWithoutPlaintext: ({ keyId }) => ({ KeyId: keyId, NumberOfBytes: 32 }),
  GenerateMac: ({ keyId }) => ({ KeyId: keyId, Message: bytes(32), MacAlgorithm: 'HMAC_SHA_256' }),
  GenerateRandom: () => ({ NumberOfBytes: 32 }),
  GetKeyLastUsage: ({ keyId }) => ({ KeyId: keyId }),
  GetKeyPolicy: ({ keyId }) => ({ KeyId: keyId, PolicyName: 'default' }),
  GetKeyRotationStatus: ({ keyId }) => ({ KeyId: keyId }),
  GetParametersForImport: ({ keyId }) => ({
    KeyId: keyId,
    WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
    WrappingKeySpec: 'RSA_2048',
  }),
  GetPublicKey: ({ keyId }) => ({ KeyId: keyId }),
  ImportKeyMaterial: ({ keyId }) => ({
    KeyId: keyId,
    ImportToken: bytes(100),
    EncryptedKeyMaterial: bytes(256),
    ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
  }),
  ListAliases: ({ keyId }) => ({ KeyId: keyId }),
  ListGrants: ({ keyId }) => ({ KeyId: keyId }),
  ListKeyPolicies: ({ keyId }) => ({ KeyId: keyId }),
  ListKeyRotations: ({ keyId }) => ({ KeyId: keyId }),
  ListKeys: () => ({ Limit: 10 }),
  ListResourceTags: ({ keyId }) => ({ KeyId: keyId }),
  ListRetirableGrants: ({ root = nobody }) => ({ RetiringPrincipal: root }),
  PutKeyPolicy: ({ keyId }) => ({
    KeyId: keyId,
    BypassPolicyLockoutSafetyCheck: true,
    Policy: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*' }],
    }),
  }),
  ReEncrypt: ({ keyId, blob }) => ({ CiphertextBlob: blob, DestinationKeyId: keyId }),
  ReplicateKey: ({ keyId }) => ({ KeyId: keyId, ReplicaRegion: 'eu-west-1' }),
  RetireGrant: ({ keyId }) => ({ KeyId: keyId, GrantId: 'a'.repeat(64) }),
  RevokeGrant: ({ keyId }) => ({ KeyId: keyId, GrantId: 'a'.repeat(64) }),
  RotateKeyOnDemand: ({ keyId }) => ({ KeyId: keyId }),
  ScheduleKeyDeletion: ({ keyId }) => ({ KeyId: keyId, PendingWindowInDays: 7 }),
  Sign: ({ keyId }) => ({
    KeyId: keyId,
    Message: bytes(32),
    SigningAlgorithm: 'ECDSA_SHA_256',
  }),
  TagResource: ({ keyId }) => ({ KeyId: keyId, Tags: [{ TagKey: 'c', TagValue: 'd' }] }),
  UntagResource: ({ keyId }) => ({ KeyId: keyId, TagKeys: ['c'] }),
  UpdateAlias: ({ keyId, alias }) => ({ AliasName: alias, TargetKeyId: keyId }),
  UpdateCustomKeyStore: () => ({ CustomKeyStoreId: storeId, NewCustomKeyStoreName: 'other' }),
  UpdateKeyDescription: ({ keyId }) => ({ KeyId: keyId, Description: 'another' }),
  UpdatePrimaryRegion: ({ keyId }) => ({ KeyId: keyId, PrimaryRegion: 'eu-west-1' }),
  Verify: ({ keyId }) => ({
    KeyId: keyId,
    Message: bytes(32),
    Signature: bytes(70),
    SigningAlgorithm: 'ECDSA_SHA_256',
  }),
  VerifyMac: ({ keyId }) => ({
    KeyId: keyId,
    Message: bytes(32),
    Mac: bytes(32),
    MacAlgorithm: 'HMAC_SHA_256',
  }),
}

/** A value for each member that is in the model of built operations and not built yet. */
export const unbuiltValues: Readonly<Record<string, unknown>> = {
  Recipient: recipient,
}
