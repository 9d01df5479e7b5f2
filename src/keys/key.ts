/**
 * A KMS key as Trent holds it, and the KeyMetadata that AWS shows of it. Times are milliseconds since 1970.
 */
import { keyArn } from '../api/arn.ts'
import type { KeyManager, KeyMetadata, KeySpec, KeyState, KeyUsage, Origin } from '../api/types.ts'
import { algorithmsOf } from '../crypto/key-specs.ts'

/** A key's row. Region, account and partition are part of its identity. */
export interface Key {
  readonly region: string
  readonly account: string
  readonly id: string
  readonly arn: string
  readonly createdAt: number
  readonly description: string
  readonly spec: KeySpec
  readonly usage: KeyUsage
  readonly origin: Origin
  readonly state: KeyState
  readonly manager: KeyManager
  readonly multiRegion: boolean
  /** When the key is to be deleted; set in the state PendingDeletion alone. */
  readonly deletionAt: number | undefined
  readonly pendingWindowInDays: number | undefined
  /** The id of the material that encrypts; symmetric encryption keys alone show it. */
  readonly currentMaterialId: string | undefined
}

/** A new key's identity and defaults; what is not given is what CreateKey defaults to. */
export function newKey(
  scope: { readonly account: string; readonly region: string },
  given: Partial<Key> & Pick<Key, 'id' | 'createdAt'>,
): Key {
  return {
    ...scope,
    arn: keyArn(scope, given.id),
    description: '',
    spec: 'SYMMETRIC_DEFAULT',
    usage: 'ENCRYPT_DECRYPT',
    origin: 'AWS_KMS',
    state: 'Enabled',
    manager: 'CUSTOMER',
    multiRegion: false,
    deletionAt: undefined,
    pendingWindowInDays: undefined,
    currentMaterialId: undefined,
    ...given,
  }
}

/** Milliseconds as the API's timestamps: seconds with up to three decimals. */
export function seconds(milliseconds: number): number {
  return milliseconds / 1000
}

/** What DescribeKey and CreateKey show of a key. */
export function keyMetadata(key: Key): KeyMetadata {
  const algorithms = algorithmsOf(key.spec, key.usage)
  return {
    AWSAccountId: key.account,
    KeyId: key.id,
    Arn: key.arn,
    CreationDate: seconds(key.createdAt),
    Enabled: key.state === 'Enabled',
    Description: key.description,
    KeyUsage: key.usage,
    KeyState: key.state,
    ...(key.deletionAt !== undefined && { DeletionDate: seconds(key.deletionAt) }),
    Origin: key.origin,
    KeyManager: key.manager,
    CustomerMasterKeySpec: key.spec as KeyMetadata['CustomerMasterKeySpec'],
    KeySpec: key.spec,
    ...(key.usage === 'ENCRYPT_DECRYPT' && {
      EncryptionAlgorithms: algorithms as KeyMetadata['EncryptionAlgorithms'],
    }),
    ...(key.usage === 'SIGN_VERIFY' && {
      SigningAlgorithms: algorithms as KeyMetadata['SigningAlgorithms'],
    }),
    ...(key.usage === 'GENERATE_VERIFY_MAC' && {
      MacAlgorithms: algorithms as KeyMetadata['MacAlgorithms'],
    }),
    ...(key.usage === 'KEY_AGREEMENT' && {
      KeyAgreementAlgorithms: algorithms as KeyMetadata['KeyAgreementAlgorithms'],
    }),
    MultiRegion: key.multiRegion,
    ...(key.currentMaterialId !== undefined && { CurrentKeyMaterialId: key.currentMaterialId }),
  }
}
