/**
 * What AWS answers in each key state, for every operation (Developer Guide, "Key states of AWS KMS keys", as measured): the
 * table, as data.
 */
import type { KeyState, OperationName } from '../../src/api/types.ts'
import type { Kind, Subject } from './key-subjects.ts'

/** How an operation answers: it is served, or refused with the sentence of this name. */
export type Outcome =
  | 'served'
  | 'is disabled'
  | 'is pending deletion'
  | 'is pending replica deletion'
  | 'is pending import'
  | 'is unavailable'
  | 'is creating'
  | 'is updating'
  | 'is not pending deletion'
  /** The origin is not valid for the operation. */
  | 'has another origin'
  /** No key that the operation is for is ever in this state. */
  | 'never'
  /** Of keys in custom key stores, of which there are none yet. */
  | 'later'

/** One outcome for each state. */
export type Outcomes = Readonly<Record<KeyState, Outcome>>

/** An operation on a key. */
export interface Row {
  readonly kind: Kind
  readonly request: (subject: Subject) => Readonly<Record<string, unknown>>
  /** The member that names the key; the requests for absent and foreign keys are made by it. */
  readonly member: string
  readonly states: Outcomes
  readonly dryRun?: boolean
  /** What policies call it, where that is not the operation's name. */
  readonly action?: string
  /** How many events a call makes: two where another region has one, too. */
  readonly events?: number
}

/** An operation that concerns no key by a member of its request. */
export interface Other {
  readonly request: (account: string) => Readonly<Record<string, unknown>>
  /** What it is refused with once the caller may: custom key stores are yet to be built. */
  readonly refusal?: { readonly __type: string; readonly message?: string }
}

const served: Outcomes = {
  Enabled: 'served',
  Disabled: 'served',
  PendingDeletion: 'served',
  PendingReplicaDeletion: 'served',
  PendingImport: 'served',
  Unavailable: 'served',
  Creating: 'served',
  Updating: 'served',
}

/** Operations on a description: refused only on the way out. */
const unlessGoing: Outcomes = {
  ...served,
  PendingDeletion: 'is pending deletion',
  PendingReplicaDeletion: 'is pending replica deletion',
}

/** Cryptographic operations. */
const use: Outcomes = {
  ...unlessGoing,
  Disabled: 'is disabled',
  PendingImport: 'is pending import',
  Unavailable: 'is unavailable',
  Creating: 'is creating',
}

/** Cryptographic operations on keys that no custom key store can hold. */
const useHere: Outcomes = { ...use, Unavailable: 'never' }

const switching: Outcomes = {
  ...unlessGoing,
  PendingImport: 'is pending import',
  Creating: 'is creating',
  Updating: 'is updating',
}

/** The origin is looked at after these states and before PendingImport. */
const rotating: Outcomes = {
  ...use,
  PendingImport: 'has another origin',
  Unavailable: 'has another origin',
}

const cancelling: Outcomes = {
  Enabled: 'is not pending deletion',
  Disabled: 'is not pending deletion',
  PendingDeletion: 'served',
  PendingReplicaDeletion: 'served',
  PendingImport: 'is not pending deletion',
  Unavailable: 'is not pending deletion',
  Creating: 'is not pending deletion',
  Updating: 'is not pending deletion',
}

const importing: Outcomes = {
  ...unlessGoing,
  Unavailable: 'has another origin',
  Creating: 'is creating',
}

const rootOf = (account: string | undefined): string => `arn:aws:iam::${account}:root`
const bytes = (length: number): string => Buffer.alloc(length, 7).toString('base64')
const keyId = ({ id }: Subject) => ({ KeyId: id })
const named = { kind: 'symmetric', request: keyId, member: 'KeyId' } as const

/** The operations that concern a key. */
export const keyOperations: { readonly [Name in OperationName]?: Row } = {
  CancelKeyDeletion: { ...named, states: cancelling },
  CreateAlias: {
    ...named,
    request: ({ id }) => ({ AliasName: `alias/more-${id}`, TargetKeyId: id }),
    member: 'TargetKeyId',
    states: unlessGoing,
  },
  CreateGrant: {
    ...named,
    request: ({ id, arn }) => ({
      KeyId: id,
      GranteePrincipal: rootOf(arn.split(':')[4]),
      Operations: ['Decrypt'],
    }),
    states: { ...use, Unavailable: 'served' },
    dryRun: true,
  },
  Decapsulate: {
    kind: 'kem',
    request: ({ id, proof }) => ({
      KeyId: id,
      SharedSecretCiphertextBlob: proof,
      EncapsulationAlgorithm: 'ML_KEM',
    }),
    member: 'KeyId',
    states: { ...useHere, PendingImport: 'never' },
    dryRun: true,
  },
  Decrypt: {
    ...named,
    request: ({ proof }) => ({ CiphertextBlob: proof }),
    states: use,
    dryRun: true,
  },
  DeleteImportedKeyMaterial: {
    ...named,
    kind: 'imported',
    states: { ...served, Unavailable: 'never', Creating: 'is creating', Updating: 'is updating' },
  },
  DeriveSharedSecret: {
    kind: 'agreement',
    request: ({ id, proof }) => ({ KeyId: id, KeyAgreementAlgorithm: 'ECDH', PublicKey: proof }),
    member: 'KeyId',
    states: useHere,
    dryRun: true,
  },
  DescribeKey: { ...named, states: served },
  DisableKey: { ...named, states: switching },
  DisableKeyRotation: { ...named, states: rotating },
  EnableKey: { ...named, states: switching },
  EnableKeyRotation: { ...named, states: rotating },
  Encapsulate: {
    kind: 'kem',
    request: ({ id }) => ({ KeyId: id, EncapsulationAlgorithm: 'ML_KEM' }),
    member: 'KeyId',
    states: { ...useHere, PendingImport: 'never' },
    dryRun: true,
  },
  Encrypt: {
    ...named,
    request: ({ id }) => ({ KeyId: id, Plaintext: bytes(32) }),
    states: use,
    dryRun: true,
  },
  GenerateDataKey: {
    ...named,
    request: ({ id }) => ({ KeyId: id, KeySpec: 'AES_256' }),
    states: use,
    dryRun: true,
  },
  GenerateDataKeyPair: {
    ...named,
    request: ({ id }) => ({ KeyId: id, KeyPairSpec: 'ECC_NIST_P256' }),
    states: { ...use, Unavailable: 'later' },
    dryRun: true,
  },
  GenerateDataKeyPairWithoutPlaintext: {
    ...named,
    request: ({ id }) => ({ KeyId: id, KeyPairSpec: 'ECC_NIST_P256' }),
    states: { ...use, Unavailable: 'later' },
    dryRun: true,
  },
  GenerateDataKeyWithoutPlaintext: {
    ...named,
    request: ({ id }) => ({ KeyId: id, NumberOfBytes: 32 }),
    states: use,
    dryRun: true,
  },
  GenerateMac: {
    kind: 'mac',
    request: ({ id }) => ({ KeyId: id, Message: bytes(32), MacAlgorithm: 'HMAC_SHA_256' }),
    member: 'KeyId',
    states: useHere,
    dryRun: true,
  },
  GetKeyLastUsage: { ...named, states: served },
  GetKeyPolicy: { ...named, states: served },
  GetKeyRotationStatus: {
    ...named,
    states: { ...served, PendingImport: 'has another origin', Unavailable: 'later' },
  },
  GetParametersForImport: {
    kind: 'imported',
    request: ({ id }) => ({
      KeyId: id,
      WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
      WrappingKeySpec: 'RSA_2048',
    }),
    member: 'KeyId',
    states: { ...importing, Updating: 'is updating' },
  },
  GetPublicKey: { ...named, kind: 'signing', states: { ...useHere, Disabled: 'served' } },
  ImportKeyMaterial: {
    kind: 'importing',
    request: ({ id, imports }) => ({
      KeyId: id,
      ...imports,
      ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
    }),
    member: 'KeyId',
    states: importing,
  },
  ListAliases: { ...named, states: served },
  ListGrants: { ...named, states: served },
  ListKeyPolicies: { ...named, states: served },
  ListKeyRotations: { ...named, states: { ...served, Unavailable: 'later' } },
  ListResourceTags: { ...named, states: served },
  PutKeyPolicy: {
    ...named,
    request: ({ id }) => ({
      KeyId: id,
      Policy: JSON.stringify({
        Version: '2012-10-17',
        Statement: { Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*' },
      }),
    }),
    states: served,
  },
  ReEncrypt: {
    ...named,
    request: ({ id, otherBlob }) => ({ CiphertextBlob: otherBlob, DestinationKeyId: id }),
    member: 'DestinationKeyId',
    states: use,
    dryRun: true,
    action: 'kms:ReEncryptTo',
  },
  ReplicateKey: {
    kind: 'primary',
    request: ({ id }) => ({ KeyId: id, ReplicaRegion: 'us-west-2' }),
    member: 'KeyId',
    states: { ...useHere, Updating: 'is updating' },
    events: 2,
  },
  RetireGrant: {
    kind: 'granted',
    request: ({ id, grant }) => ({ KeyId: id, GrantId: grant }),
    member: 'KeyId',
    states: served,
    dryRun: true,
  },
  RevokeGrant: {
    kind: 'granted',
    request: ({ id, grant }) => ({ KeyId: id, GrantId: grant }),
    member: 'KeyId',
    states: served,
    dryRun: true,
  },
  RotateKeyOnDemand: { ...named, states: { ...use, Unavailable: 'later' } },
  ScheduleKeyDeletion: { ...named, states: { ...unlessGoing, Updating: 'is updating' } },
  Sign: {
    kind: 'signing',
    request: ({ id }) => ({ KeyId: id, Message: bytes(32), SigningAlgorithm: 'ECDSA_SHA_256' }),
    member: 'KeyId',
    states: useHere,
    dryRun: true,
  },
  TagResource: {
    ...named,
    request: ({ id }) => ({ KeyId: id, Tags: [{ TagKey: 'a', TagValue: 'b' }] }),
    states: unlessGoing,
  },
  UntagResource: {
    ...named,
    request: ({ id }) => ({ KeyId: id, TagKeys: ['a'] }),
    states: unlessGoing,
  },
  UpdateAlias: {
    ...named,
    request: ({ id, otherAlias }) => ({ AliasName: otherAlias, TargetKeyId: id }),
    member: 'TargetKeyId',
    states: unlessGoing,
  },
  UpdateKeyDescription: {
    ...named,
    request: ({ id }) => ({ KeyId: id, Description: 'another' }),
    states: unlessGoing,
  },
  UpdatePrimaryRegion: {
    kind: 'primary',
    request: ({ id }) => ({ KeyId: id, PrimaryRegion: 'eu-west-1' }),
    member: 'KeyId',
    states: useHere,
    events: 2,
  },
  Verify: {
    kind: 'signing',
    request: ({ id, proof }) => ({
      KeyId: id,
      Message: bytes(32),
      Signature: proof,
      SigningAlgorithm: 'ECDSA_SHA_256',
    }),
    member: 'KeyId',
    states: useHere,
    dryRun: true,
  },
  VerifyMac: {
    kind: 'mac',
    request: ({ id, proof }) => ({
      KeyId: id,
      Message: bytes(32),
      Mac: proof,
      MacAlgorithm: 'HMAC_SHA_256',
    }),
    member: 'KeyId',
    states: useHere,
    dryRun: true,
  },
}

const noStore = { __type: 'CustomKeyStoreNotFoundException' }

/** All other operations. DeleteAlias is among them: it names its key by an alias alone, in whatever state that is. */
export const otherOperations: { readonly [Name in OperationName]?: Other } = {
  ConnectCustomKeyStore: { request: store, refusal: noStore },
  CreateCustomKeyStore: {
    request: () => ({ CustomKeyStoreName: 'a store' }),
    refusal: {
      __type: 'UnsupportedOperationException',
      message: 'CreateCustomKeyStore is not built yet.',
    },
  },
  CreateKey: { request: () => ({}) },
  DeleteAlias: { request: () => ({ AliasName: 'alias/to-delete' }) },
  DeleteCustomKeyStore: { request: store, refusal: noStore },
  DescribeCustomKeyStores: { request: () => ({}) },
  DisconnectCustomKeyStore: { request: store, refusal: noStore },
  GenerateRandom: { request: () => ({ NumberOfBytes: 32 }) },
  ListKeys: { request: () => ({}) },
  ListRetirableGrants: { request: (account) => ({ RetiringPrincipal: rootOf(account) }) },
  UpdateCustomKeyStore: { request: store, refusal: noStore },
}

function store(): Readonly<Record<string, unknown>> {
  return { CustomKeyStoreId: 'cks-1234567890abcdef0' }
}
