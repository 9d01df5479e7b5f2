/**
 * What the record shows of each operation: one row for each, checked against the SDK's own members. A member that is
 * not named here is not recorded, and the types refuse to name one that is secret.
 */
import type { OperationName, Request, Response } from '../api/types.ts'

/** Members that never reach the record, by name, wherever they occur. */
export const SENSITIVE = [
  'Plaintext',
  'Message',
  'Mac',
  'Signature',
  'CiphertextBlob',
  'CiphertextForRecipient',
  'PrivateKeyPlaintext',
  'PrivateKeyCiphertextBlob',
  'SharedSecret',
  'SharedSecretCiphertextBlob',
  'PublicKey',
  'ImportToken',
  'EncryptedKeyMaterial',
  'GrantToken',
  'GrantTokens',
  'Recipient',
  'KeyStorePassword',
  'XksProxyAuthenticationCredential',
  'RawSecretAccessKey',
] as const

type Sensitive = (typeof SENSITIVE)[number]

/** The members of a request or response that a row may name: neither sensitive by name nor bytes by type. */
export type Shown<T> = T extends object
  ? {
      [Member in keyof T & string]-?: Member extends Sensitive
        ? never
        : NonNullable<T[Member]> extends Uint8Array
          ? never
          : Member
    }[keyof T & string]
  : never

/** The members of additionalEventData; `EventNotes.additional` may hold more, only the row's are shown. */
export type AdditionalName =
  | 'keyMaterialId'
  | 'sourceKeyMaterialId'
  | 'destinationKeyMaterialId'
  | 'recipient'
  | 'customKeyStoreId'
  | 'customKeyStoreName'
  | 'clusterId'
  | 'xksKeyId'
  | 'backingKey'
  | 'grantId'

/** One row. In `response`, `keyArn` stands for `keyId: <the resolved key's ARN>`. */
export interface Recorded<Name extends OperationName> {
  readonly readOnly: boolean
  readonly request: readonly Shown<Request<Name>>[]
  readonly response: readonly ('keyArn' | Shown<Response<Name>>)[]
  readonly additional: readonly AdditionalName[]
}

const crypto = ['keyMaterialId', 'recipient', 'customKeyStoreId', 'xksKeyId'] as const
const store = ['customKeyStoreName', 'clusterId'] as const

const read = <const Member extends string>(...request: Member[]) =>
  ({ readOnly: true, request, response: [], additional: [] }) as const
const use = <const Member extends string>(...request: Member[]) =>
  ({ readOnly: true, request, response: [], additional: crypto }) as const
const change = <const Member extends string>(...request: Member[]) =>
  ({ readOnly: false, request, response: ['keyArn'], additional: [] }) as const

/** The table. */
export const recorded: { readonly [Name in OperationName]: Recorded<Name> } = {
  Encrypt: use('KeyId', 'EncryptionAlgorithm', 'EncryptionContext'),
  Decrypt: use('KeyId', 'EncryptionAlgorithm', 'EncryptionContext'),
  ReEncrypt: {
    readOnly: true,
    request: [
      'SourceEncryptionAlgorithm',
      'SourceEncryptionContext',
      'SourceKeyId',
      'DestinationKeyId',
      'DestinationEncryptionAlgorithm',
      'DestinationEncryptionContext',
    ],
    response: [],
    additional: ['sourceKeyMaterialId', 'destinationKeyMaterialId'],
  },
  GenerateDataKey: use('KeyId', 'KeySpec', 'NumberOfBytes', 'EncryptionContext'),
  GenerateDataKeyWithoutPlaintext: use('KeyId', 'KeySpec', 'NumberOfBytes', 'EncryptionContext'),
  GenerateDataKeyPair: use('KeyPairSpec', 'KeyId', 'EncryptionContext'),
  GenerateDataKeyPairWithoutPlaintext: use('KeyPairSpec', 'KeyId', 'EncryptionContext'),
  GenerateRandom: { readOnly: true, request: [], response: [], additional: ['recipient'] },
  Sign: read('KeyId', 'MessageType', 'SigningAlgorithm'),
  Verify: read('KeyId', 'MessageType', 'SigningAlgorithm'),
  GenerateMac: read('KeyId', 'MacAlgorithm'),
  VerifyMac: read('KeyId', 'MacAlgorithm'),
  DeriveSharedSecret: {
    ...read('KeyId', 'KeyAgreementAlgorithm'),
    additional: ['recipient'],
  },
  Encapsulate: read('KeyId', 'EncapsulationAlgorithm'),
  Decapsulate: read('KeyId', 'EncapsulationAlgorithm'),

  CreateKey: {
    readOnly: false,
    request: [
      'Description',
      'Origin',
      'KeyUsage',
      'KeySpec',
      'CustomerMasterKeySpec',
      'MultiRegion',
      'BypassPolicyLockoutSafetyCheck',
      'Tags',
      'Policy',
      'CustomKeyStoreId',
      'XksKeyId',
    ],
    response: ['KeyMetadata'],
    additional: ['backingKey'],
  },
  ReplicateKey: {
    readOnly: false,
    request: [
      'KeyId',
      'ReplicaRegion',
      'Description',
      'BypassPolicyLockoutSafetyCheck',
      'Tags',
      'Policy',
    ],
    response: ['ReplicaKeyMetadata', 'ReplicaPolicy'],
    additional: [],
  },
  UpdatePrimaryRegion: change('KeyId', 'PrimaryRegion'),
  DescribeKey: read('KeyId'),
  ListKeys: read('Limit', 'Marker'),
  EnableKey: change('KeyId'),
  DisableKey: change('KeyId'),
  UpdateKeyDescription: change('KeyId', 'Description'),
  ScheduleKeyDeletion: {
    readOnly: false,
    request: ['KeyId', 'PendingWindowInDays'],
    response: ['KeyId', 'KeyState', 'DeletionDate', 'PendingWindowInDays'],
    additional: ['customKeyStoreId', 'clusterId'],
  },
  CancelKeyDeletion: change('KeyId'),
  GetPublicKey: read('KeyId'),
  GetKeyLastUsage: read('KeyId'),

  EnableKeyRotation: change('KeyId', 'RotationPeriodInDays'),
  DisableKeyRotation: change('KeyId'),
  RotateKeyOnDemand: change('KeyId'),
  GetKeyRotationStatus: read('KeyId'),
  ListKeyRotations: read('KeyId', 'IncludeKeyMaterial', 'Limit', 'Marker'),

  GetParametersForImport: read('KeyId', 'WrappingAlgorithm', 'WrappingKeySpec'),
  ImportKeyMaterial: {
    readOnly: false,
    request: [
      'KeyId',
      'ValidTo',
      'ExpirationModel',
      'ImportType',
      'KeyMaterialDescription',
      'KeyMaterialId',
    ],
    response: ['keyArn', 'KeyMaterialId'],
    additional: [],
  },
  DeleteImportedKeyMaterial: {
    readOnly: false,
    request: ['KeyId', 'KeyMaterialId'],
    response: ['keyArn', 'KeyMaterialId'],
    additional: [],
  },

  CreateAlias: change('AliasName', 'TargetKeyId'),
  UpdateAlias: change('AliasName', 'TargetKeyId'),
  DeleteAlias: change('AliasName'),
  ListAliases: read('KeyId', 'Limit', 'Marker'),

  CreateGrant: {
    readOnly: false,
    request: [
      'KeyId',
      'GranteePrincipal',
      'RetiringPrincipal',
      'GranteeServicePrincipal',
      'RetiringServicePrincipal',
      'Operations',
      'Constraints',
      'Name',
    ],
    response: ['GrantId', 'keyArn'],
    additional: [],
  },
  RetireGrant: { ...change('KeyId', 'GrantId'), additional: ['grantId'] },
  RevokeGrant: change('KeyId', 'GrantId'),
  ListGrants: read(
    'KeyId',
    'GrantId',
    'GranteePrincipal',
    'GranteeServicePrincipal',
    'Limit',
    'Marker',
  ),
  ListRetirableGrants: read('RetiringPrincipal', 'RetiringServicePrincipal', 'Limit', 'Marker'),

  PutKeyPolicy: change('KeyId', 'PolicyName', 'Policy', 'BypassPolicyLockoutSafetyCheck'),
  GetKeyPolicy: read('KeyId', 'PolicyName'),
  ListKeyPolicies: read('KeyId', 'Limit', 'Marker'),

  TagResource: change('KeyId', 'Tags'),
  UntagResource: change('KeyId', 'TagKeys'),
  ListResourceTags: read('KeyId', 'Limit', 'Marker'),

  CreateCustomKeyStore: {
    readOnly: false,
    request: [
      'CustomKeyStoreName',
      'CloudHsmClusterId',
      'TrustAnchorCertificate',
      'CustomKeyStoreType',
      'XksProxyUriEndpoint',
      'XksProxyUriPath',
      'XksProxyVpcEndpointServiceName',
      'XksProxyVpcEndpointServiceOwner',
      'XksProxyConnectivity',
    ],
    response: ['CustomKeyStoreId'],
    additional: store,
  },
  UpdateCustomKeyStore: {
    readOnly: false,
    request: [
      'CustomKeyStoreId',
      'NewCustomKeyStoreName',
      'CloudHsmClusterId',
      'XksProxyUriEndpoint',
      'XksProxyUriPath',
      'XksProxyVpcEndpointServiceName',
      'XksProxyVpcEndpointServiceOwner',
      'XksProxyConnectivity',
    ],
    response: [],
    additional: store,
  },
  ConnectCustomKeyStore: {
    readOnly: false,
    request: ['CustomKeyStoreId'],
    response: [],
    additional: store,
  },
  DisconnectCustomKeyStore: {
    readOnly: false,
    request: ['CustomKeyStoreId'],
    response: [],
    additional: store,
  },
  DeleteCustomKeyStore: {
    readOnly: false,
    request: ['CustomKeyStoreId'],
    response: [],
    additional: store,
  },
  DescribeCustomKeyStores: read('CustomKeyStoreId', 'CustomKeyStoreName', 'Limit', 'Marker'),
}
