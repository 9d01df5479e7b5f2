/**
 * What a request of each operation has when a case says nothing else: the key `<key>`, and whatever must be there.
 */
import { generateKeyPairSync } from 'node:crypto'
import type { OperationName } from '../../src/api/types.ts'
import type { Input } from './cases/case.ts'
import { Plaintext } from './cases/case.ts'

const KeyId = '<key>'
const AliasName = 'alias/<n>'
const signing = { KeyId, Message: Plaintext, SigningAlgorithm: 'ECDSA_SHA_256' }
const mac = { KeyId, Message: Plaintext, MacAlgorithm: 'HMAC_SHA_256' }
const pair = { KeyId, KeyPairSpec: 'ECC_NIST_P256' }
const peer: Uint8Array = generateKeyPairSync('ec', {
  namedCurve: 'prime256v1',
  publicKeyEncoding: { type: 'spki', format: 'der' },
  privateKeyEncoding: { type: 'pkcs8', format: 'der' },
}).publicKey

/** The members of a request of each operation. */
export const usualInput: { readonly [Name in OperationName]?: Input } = {
  CancelKeyDeletion: { KeyId },
  CreateAlias: { AliasName, TargetKeyId: KeyId },
  CreateGrant: { KeyId, GranteePrincipal: '<me>', Operations: ['Decrypt'] },
  CreateKey: {},
  Decapsulate: { KeyId, EncapsulationAlgorithm: 'ML_KEM' },
  Decrypt: { KeyId, CiphertextBlob: '<key.blob>' },
  DeleteAlias: { AliasName },
  DeleteImportedKeyMaterial: { KeyId },
  DeriveSharedSecret: { KeyId, KeyAgreementAlgorithm: 'ECDH', PublicKey: peer },
  DescribeCustomKeyStores: {},
  DescribeKey: { KeyId },
  DisableKey: { KeyId },
  DisableKeyRotation: { KeyId },
  EnableKey: { KeyId },
  EnableKeyRotation: { KeyId },
  Encapsulate: { KeyId, EncapsulationAlgorithm: 'ML_KEM' },
  Encrypt: { KeyId, Plaintext },
  GenerateDataKey: { KeyId, KeySpec: 'AES_256' },
  GenerateDataKeyPair: pair,
  GenerateDataKeyPairWithoutPlaintext: pair,
  GenerateDataKeyWithoutPlaintext: { KeyId, KeySpec: 'AES_256' },
  GenerateMac: mac,
  GenerateRandom: { NumberOfBytes: 16 },
  GetKeyLastUsage: { KeyId },
  GetKeyPolicy: { KeyId },
  GetKeyRotationStatus: { KeyId },
  GetParametersForImport: {
    KeyId,
    WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
    WrappingKeySpec: 'RSA_2048',
  },
  GetPublicKey: { KeyId },
  ImportKeyMaterial: { KeyId, ImportToken: Plaintext, EncryptedKeyMaterial: Plaintext },
  ListGrants: { KeyId },
  ListKeyPolicies: { KeyId },
  ListKeyRotations: { KeyId },
  ListResourceTags: { KeyId },
  ListRetirableGrants: { RetiringPrincipal: '<me>' },
  PutKeyPolicy: { KeyId },
  ReEncrypt: { CiphertextBlob: '<key.blob>', DestinationKeyId: '<other>' },
  ReplicateKey: { KeyId, ReplicaRegion: 'us-west-2' },
  RetireGrant: { KeyId, GrantId: '<grant>' },
  RevokeGrant: { KeyId, GrantId: '<grant>' },
  RotateKeyOnDemand: { KeyId },
  ScheduleKeyDeletion: { KeyId },
  Sign: signing,
  TagResource: { KeyId, Tags: [{ TagKey: 'team', TagValue: 'blue' }] },
  UntagResource: { KeyId, TagKeys: ['team'] },
  UpdateAlias: { AliasName, TargetKeyId: KeyId },
  UpdateKeyDescription: { KeyId, Description: 'another' },
  UpdatePrimaryRegion: { KeyId, PrimaryRegion: 'us-west-2' },
  Verify: signing,
  VerifyMac: mac,
}
