/**
 * The named shapes of the KMS model: what a value of each type may be, written once and shared by
 * the operations of `shapes.ts`. Patterns and enum lists are kept as the service prints them.
 */
import type * as kms from '@aws-sdk/client-kms'

/** Lengths are counted in UTF-16 code units; the pattern has to match the whole value. */
export interface StringShape {
  readonly type: 'string'
  readonly min?: number
  readonly max?: number
  readonly pattern?: string
  readonly sensitive?: true
}

export interface EnumShape<Value extends string = string> {
  readonly type: 'enum'
  /** The values that pass, in the order in which the service lists them. */
  readonly enum: readonly Value[]
  /** The list that the service prints, where that is not the list of values that pass. */
  readonly printed?: readonly string[]
  /** Values of a wider type that pass here unprinted and are refused later, by the operation. */
  readonly accepts?: readonly string[]
}

/** A 32-bit integer between `min` and `max`. */
export interface IntegerShape {
  readonly type: 'integer'
  readonly min?: number
  readonly max?: number
}

export interface BooleanShape {
  readonly type: 'boolean'
}

export interface TimestampShape {
  readonly type: 'timestamp'
}

/** Lengths are counted in decoded bytes. */
export interface BlobShape {
  readonly type: 'blob'
  readonly min?: number
  readonly max?: number
  readonly sensitive?: true
}

export interface ListShape<Item = Shape> {
  readonly type: 'list'
  readonly min?: number
  readonly max?: number
  readonly item: Item
}

/** From string to string: KMS has no other map. */
export interface MapShape {
  readonly type: 'map'
}

export interface StructureShape<T = unknown> {
  readonly type: 'structure'
  readonly members: unknown extends T ? Members : InputShape<T>
}

export type Shape =
  | StringShape
  | EnumShape
  | IntegerShape
  | BooleanShape
  | TimestampShape
  | BlobShape
  | ListShape
  | MapShape
  | StructureShape

/** The member may be left out only when every other member named here has (or holds) that value. */
export type RequiredUnless = Readonly<Record<string, string | boolean>>

interface Presence {
  readonly required?: true
  readonly requiredUnless?: RequiredUnless
}

/** The members of a structure in the order in which their failures are reported. */
export type Members = Readonly<Record<string, Shape & Presence>>

/** The shape that a type of the SDK demands. */
export type ShapeOf<T> = [T] extends [Uint8Array]
  ? BlobShape
  : [T] extends [Date]
    ? TimestampShape
    : [T] extends [boolean]
      ? BooleanShape
      : [T] extends [number]
        ? IntegerShape
        : [T] extends [string]
          ? string extends T
            ? StringShape
            : EnumShape<T>
          : [T] extends [readonly (infer Item)[]]
            ? ListShape<ShapeOf<Item>>
            : string extends keyof T
              ? MapShape
              : StructureShape<T>

/**
 * The members that a structure of the SDK demands: all of them, each of its kind, and `required`
 * exactly where the SDK's own type has no question mark.
 */
export type InputShape<T> = {
  readonly [Member in keyof T]-?: ShapeOf<NonNullable<T[Member]>> &
    (object extends Pick<T, Member>
      ? { readonly required?: never; readonly requiredUnless?: RequiredUnless }
      : { readonly required: true })
}

/** The shape as a member that has to be there. */
export const required = <S extends Shape>(shape: S): S & { readonly required: true } => ({
  ...shape,
  required: true,
})

export const KeyIdType = {
  type: 'string',
  min: 1,
  max: 2048,
  pattern: String.raw`^\p{ASCII}+$`,
} as const satisfies StringShape

export const AliasNameType = {
  type: 'string',
  min: 1,
  max: 256,
  pattern: '^[a-zA-Z0-9:/_-]+$',
} as const satisfies StringShape

/** Of grant constraints: the ARN of a resource, with its account. */
export const SourceArnType = {
  type: 'string',
  min: 20,
  max: 512,
  pattern: '^arn:aws[a-z0-9-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:.+$',
} as const satisfies StringShape

export const AccountIdType = {
  type: 'string',
  min: 12,
  max: 12,
  pattern: '[0-9]{12}',
} as const satisfies StringShape

export const BackingKeyIdType = {
  type: 'string',
  min: 64,
  max: 64,
  pattern: '^[a-f0-9]+$',
} as const satisfies StringShape

export const DescriptionType = { type: 'string', min: 0, max: 8192 } as const satisfies StringShape

export const GrantIdType = { type: 'string', min: 1, max: 128 } as const satisfies StringShape

export const GrantNameType = {
  type: 'string',
  min: 1,
  max: 256,
  pattern: '^[a-zA-Z0-9:/_-]+$',
} as const satisfies StringShape

export const GrantTokenType = { type: 'string', min: 1, max: 8192 } as const satisfies StringShape

export const KeyMaterialDescriptionType = {
  type: 'string',
  min: 0,
  max: 256,
  pattern: String.raw`^[a-zA-Z0-9:/_\s.-]+$`,
} as const satisfies StringShape

export const MarkerType = {
  type: 'string',
  min: 1,
  max: 1024,
  pattern: String.raw`[\u0020-\u00FF]*`,
} as const satisfies StringShape

export const PolicyNameType = {
  type: 'string',
  min: 1,
  max: 128,
  pattern: String.raw`[\w]+`,
} as const satisfies StringShape

export const PolicyType = {
  type: 'string',
  min: 1,
  max: 131_072,
  pattern: String.raw`[\u0009\u000A\u000D\u0020-\u00FF]+`,
} as const satisfies StringShape

export const PrincipalIdType = {
  type: 'string',
  min: 1,
  max: 256,
  pattern: String.raw`^[\w+=,.@:/-]+$`,
} as const satisfies StringShape

export const ServicePrincipalType = {
  type: 'string',
  min: 1,
  max: 128,
  pattern: String.raw`^([A-Za-z0-9\-]+)\.([A-Za-z0-9\-]+)(\.[A-Za-z0-9\-]+)+$`,
} as const satisfies StringShape

export const RegionType = {
  type: 'string',
  min: 1,
  max: 32,
  pattern: String.raw`^([a-z]+-){2,3}\d+$`,
} as const satisfies StringShape

export const TagKeyType = { type: 'string', min: 1, max: 128 } as const satisfies StringShape

export const TagValueType = { type: 'string', min: 0, max: 256 } as const satisfies StringShape

export const CustomKeyStoreIdType = {
  type: 'string',
  min: 1,
  max: 64,
} as const satisfies StringShape

export const CustomKeyStoreNameType = {
  type: 'string',
  min: 1,
  max: 256,
} as const satisfies StringShape

export const CloudHsmClusterIdType = {
  type: 'string',
  min: 19,
  max: 24,
  pattern: 'cluster-[2-7a-zA-Z]{11,16}',
} as const satisfies StringShape

export const TrustAnchorCertificateType = {
  type: 'string',
  min: 1,
  max: 5000,
} as const satisfies StringShape

export const KeyStorePasswordType = {
  type: 'string',
  min: 7,
  max: 32,
  sensitive: true,
} as const satisfies StringShape

export const XksKeyIdType = {
  type: 'string',
  min: 1,
  max: 128,
  pattern: '^[a-zA-Z0-9-_.]+$',
} as const satisfies StringShape

export const XksProxyUriEndpointType = {
  type: 'string',
  min: 10,
  max: 128,
  pattern: '^https://[a-zA-Z0-9.-]+$',
} as const satisfies StringShape

export const XksProxyUriPathType = {
  type: 'string',
  min: 10,
  max: 128,
  pattern: String.raw`^(/[a-zA-Z0-9\/_-]+/kms/xks/v\d{1,2})$|^(/kms/xks/v\d{1,2})$`,
} as const satisfies StringShape

export const XksProxyVpcEndpointServiceNameType = {
  type: 'string',
  min: 20,
  max: 64,
  pattern: String.raw`^(com|eu)\.amazonaws\.vpce\.([a-z]+-){2,3}\d+\.vpce-svc-[0-9a-z]+$`,
} as const satisfies StringShape

export const BooleanType = { type: 'boolean' } as const satisfies BooleanShape

export const DateType = { type: 'timestamp' } as const satisfies TimestampShape

export const EncryptionContextType = { type: 'map' } as const satisfies MapShape

/** Of the list operations whose page may hold 1000. */
export const LimitType = { type: 'integer', min: 1, max: 1000 } as const satisfies IntegerShape

/** Of ListAliases, ListGrants and ListRetirableGrants, whose pages are documented to hold 100. */
export const LimitUpTo100 = { type: 'integer', min: 1, max: 100 } as const satisfies IntegerShape

/** Of ListResourceTags, whose page is documented to hold 50. */
export const LimitUpTo50 = { type: 'integer', min: 1, max: 50 } as const satisfies IntegerShape

export const NumberOfBytesType = {
  type: 'integer',
  min: 1,
  max: 1024,
} as const satisfies IntegerShape

/** The model's range; ScheduleKeyDeletion itself narrows it to 7 to 30, in a sentence of its own. */
export const PendingWindowInDaysType = {
  type: 'integer',
  min: 1,
  max: 365,
} as const satisfies IntegerShape

export const RotationPeriodInDaysType = {
  type: 'integer',
  min: 90,
  max: 2560,
} as const satisfies IntegerShape

export const AttestationDocumentType = {
  type: 'blob',
  min: 1,
  max: 262_144,
} as const satisfies BlobShape

export const CiphertextType = { type: 'blob', min: 1, max: 6144 } as const satisfies BlobShape

export const PlaintextType = {
  type: 'blob',
  min: 1,
  max: 4096,
  sensitive: true,
} as const satisfies BlobShape

export const PublicKeyType = { type: 'blob', min: 1, max: 8192 } as const satisfies BlobShape

export const AlgorithmSpec = {
  type: 'enum',
  enum: [
    'RSAES_OAEP_SHA_1',
    'RSAES_OAEP_SHA_256',
    'RSAES_PKCS1_V1_5',
    'RSA_AES_KEY_WRAP_SHA_1',
    'RSA_AES_KEY_WRAP_SHA_256',
    'SM2PKE',
  ],
} as const satisfies EnumShape<kms.AlgorithmSpec>

export const CustomKeyStoreType = {
  type: 'enum',
  enum: ['AWS_CLOUDHSM', 'EXTERNAL_KEY_STORE'],
} as const satisfies EnumShape<kms.CustomKeyStoreType>

export const CustomerMasterKeySpec = {
  type: 'enum',
  enum: [
    'RSA_2048',
    'RSA_3072',
    'RSA_4096',
    'ECC_NIST_P256',
    'ECC_NIST_P384',
    'ECC_NIST_P521',
    'ECC_SECG_P256K1',
    'SYMMETRIC_DEFAULT',
    'HMAC_224',
    'HMAC_256',
    'HMAC_384',
    'HMAC_512',
    'SM2',
  ],
} as const satisfies EnumShape<kms.CustomerMasterKeySpec>

const measuredKeySpecs = [
  'RSA_2048',
  'RSA_3072',
  'RSA_4096',
  'ECC_NIST_P256',
  'ECC_NIST_P384',
  'ECC_NIST_P521',
  'ECC_SECG_P256K1',
  'ECC_NIST_EDWARDS25519',
  'SYMMETRIC_DEFAULT',
  'HMAC_224',
  'HMAC_256',
  'HMAC_384',
  'HMAC_512',
  'SM2',
  'ML_DSA_44',
  'ML_DSA_65',
  'ML_DSA_87',
] as const

export const KeySpec = {
  type: 'enum',
  enum: [...measuredKeySpecs, 'ML_KEM_512', 'ML_KEM_768', 'ML_KEM_1024'],
} as const satisfies EnumShape<kms.KeySpec>

/** The service refuses another data key spec with the list of the specs of KMS keys, none of which it takes. */
export const DataKeySpec = {
  type: 'enum',
  enum: ['AES_256', 'AES_128'],
  printed: measuredKeySpecs,
} as const satisfies EnumShape<kms.DataKeySpec>

export const DataKeyPairSpec = {
  type: 'enum',
  enum: [
    'RSA_2048',
    'RSA_3072',
    'RSA_4096',
    'ECC_NIST_P256',
    'ECC_NIST_P384',
    'ECC_NIST_P521',
    'ECC_SECG_P256K1',
    'SM2',
    'ECC_NIST_EDWARDS25519',
    'ML_KEM_512',
    'ML_KEM_768',
    'ML_KEM_1024',
  ],
} as const satisfies EnumShape<kms.DataKeyPairSpec>

export const DryRunModifierType = {
  type: 'enum',
  enum: ['IGNORE_CIPHERTEXT'],
} as const satisfies EnumShape<kms.DryRunModifierType>

export const EncapsulationAlgorithmSpec = {
  type: 'enum',
  enum: ['ML_KEM'],
} as const satisfies EnumShape<kms.EncapsulationAlgorithmSpec>

export const EncryptionAlgorithmSpec = {
  type: 'enum',
  enum: ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256', 'SM2PKE', 'SYMMETRIC_DEFAULT'],
} as const satisfies EnumShape<kms.EncryptionAlgorithmSpec>

export const ExpirationModelType = {
  type: 'enum',
  enum: ['KEY_MATERIAL_DOES_NOT_EXPIRE', 'KEY_MATERIAL_EXPIRES'],
} as const satisfies EnumShape<kms.ExpirationModelType>

export const GrantOperation = {
  type: 'enum',
  enum: [
    'Decrypt',
    'Encrypt',
    'GenerateDataKey',
    'GenerateDataKeyWithoutPlaintext',
    'ReEncryptFrom',
    'ReEncryptTo',
    'Sign',
    'Verify',
    'GetPublicKey',
    'CreateGrant',
    'RetireGrant',
    'DescribeKey',
    'GenerateDataKeyPair',
    'GenerateDataKeyPairWithoutPlaintext',
    'GenerateMac',
    'VerifyMac',
    'DeriveSharedSecret',
    'Encapsulate',
    'Decapsulate',
  ],
} as const satisfies EnumShape<kms.GrantOperation>

export const ImportType = {
  type: 'enum',
  enum: ['NEW_KEY_MATERIAL', 'EXISTING_KEY_MATERIAL'],
} as const satisfies EnumShape<kms.ImportType>

export const IncludeKeyMaterial = {
  type: 'enum',
  enum: ['ALL_KEY_MATERIAL', 'ROTATIONS_ONLY'],
} as const satisfies EnumShape<kms.IncludeKeyMaterial>

export const KeyAgreementAlgorithmSpec = {
  type: 'enum',
  enum: ['ECDH'],
} as const satisfies EnumShape<kms.KeyAgreementAlgorithmSpec>

export const KeyEncryptionMechanism = {
  type: 'enum',
  enum: ['RSAES_OAEP_SHA_256'],
} as const satisfies EnumShape<kms.KeyEncryptionMechanism>

export const KeyUsageType = {
  type: 'enum',
  enum: [
    'ENCRYPT_DECRYPT',
    'SIGN_VERIFY',
    'GENERATE_VERIFY_MAC',
    'KEY_AGREEMENT',
    'ENCAPSULATE_DECAPSULATE',
  ],
} as const satisfies EnumShape<kms.KeyUsageType>

export const MacAlgorithmSpec = {
  type: 'enum',
  enum: ['HMAC_SHA_384', 'HMAC_SHA_256', 'HMAC_SHA_224', 'HMAC_SHA_512'],
} as const satisfies EnumShape<kms.MacAlgorithmSpec>

export const MessageType = {
  type: 'enum',
  enum: ['RAW', 'DIGEST', 'EXTERNAL_MU'],
} as const satisfies EnumShape<kms.MessageType>

export const OriginType = {
  type: 'enum',
  enum: ['EXTERNAL', 'AWS_CLOUDHSM', 'AWS_KMS', 'EXTERNAL_KEY_STORE'],
} as const satisfies EnumShape<kms.OriginType>

/** SYMMETRIC_DEFAULT passes unprinted; Sign and Verify then find it incompatible with the key spec. */
export const SigningAlgorithmSpec = {
  type: 'enum',
  enum: [
    'RSASSA_PSS_SHA_256',
    'RSASSA_PSS_SHA_384',
    'RSASSA_PSS_SHA_512',
    'RSASSA_PKCS1_V1_5_SHA_256',
    'RSASSA_PKCS1_V1_5_SHA_384',
    'RSASSA_PKCS1_V1_5_SHA_512',
    'ECDSA_SHA_256',
    'ECDSA_SHA_384',
    'ECDSA_SHA_512',
    'ED25519_SHA_512',
    'ED25519_PH_SHA_512',
    'SM2DSA',
    'ML_DSA_SHAKE_256',
  ],
  accepts: ['SYMMETRIC_DEFAULT'],
} as const satisfies EnumShape<kms.SigningAlgorithmSpec>

export const WrappingKeySpec = {
  type: 'enum',
  enum: ['RSA_2048', 'RSA_3072', 'RSA_4096', 'SM2'],
} as const satisfies EnumShape<kms.WrappingKeySpec>

export const XksProxyConnectivityType = {
  type: 'enum',
  enum: ['PUBLIC_ENDPOINT', 'VPC_ENDPOINT_SERVICE'],
} as const satisfies EnumShape<kms.XksProxyConnectivityType>

export const GrantConstraints = {
  type: 'structure',
  members: {
    EncryptionContextSubset: EncryptionContextType,
    EncryptionContextEquals: EncryptionContextType,
    SourceArn: SourceArnType,
  },
} as const satisfies StructureShape<kms.GrantConstraints>

export const RecipientInfo = {
  type: 'structure',
  members: {
    KeyEncryptionAlgorithm: KeyEncryptionMechanism,
    AttestationDocument: AttestationDocumentType,
  },
} as const satisfies StructureShape<kms.RecipientInfo>

export const Tag = {
  type: 'structure',
  members: { TagKey: required(TagKeyType), TagValue: required(TagValueType) },
} as const satisfies StructureShape<kms.Tag>

export const XksProxyAuthenticationCredentialType = {
  type: 'structure',
  members: {
    AccessKeyId: required({
      type: 'string',
      min: 20,
      max: 30,
      pattern: '^[A-Z2-7]+$',
      sensitive: true,
    }),
    RawSecretAccessKey: required({
      type: 'string',
      min: 43,
      max: 64,
      pattern: String.raw`^[a-zA-Z0-9\/+=]+$`,
      sensitive: true,
    }),
  },
} as const satisfies StructureShape<kms.XksProxyAuthenticationCredentialType>

export const DryRunModifierList = {
  type: 'list',
  item: DryRunModifierType,
} as const satisfies ListShape

export const GrantOperationList = {
  type: 'list',
  item: GrantOperation,
} as const satisfies ListShape

export const GrantTokenList = {
  type: 'list',
  min: 0,
  max: 10,
  item: GrantTokenType,
} as const satisfies ListShape

export const TagKeyList = { type: 'list', item: TagKeyType } as const satisfies ListShape

export const TagList = { type: 'list', item: Tag } as const satisfies ListShape
