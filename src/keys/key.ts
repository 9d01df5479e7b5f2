/**
 * A KMS key as Trent holds it, and the KeyMetadata that AWS shows of it. Times are milliseconds since 1970.
 */
import { keyArn } from '../api/arn.ts'
import type {
  ExpirationModel,
  KeyManager,
  KeyMetadata,
  KeySpec,
  KeyState,
  KeyUsage,
  Origin,
} from '../api/types.ts'
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
  /** The primary key's region; set on multi-Region keys alone. */
  readonly primaryRegion: string | undefined
  /** When the key is to be deleted; set in the state PendingDeletion alone. */
  readonly deletionAt: number | undefined
  readonly pendingWindowInDays: number | undefined
  /** The id of the material that is in use, or was last; symmetric encryption keys alone show it. */
  readonly currentMaterialId: string | undefined
  /** Automatic rotation, as EnableKeyRotation set it. */
  readonly rotationEnabled: boolean
  readonly rotationPeriodInDays: number | undefined
  readonly rotationNextAt: number | undefined
  /** Of imported material, while it is there: whether it expires, and the earliest time that any of it does. */
  readonly expirationModel: ExpirationModel | undefined
  readonly validTo: number | undefined
  /** Whether material was ever imported: from then on it can only be that material again. */
  readonly importedOnce: boolean
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
    primaryRegion: undefined,
    deletionAt: undefined,
    pendingWindowInDays: undefined,
    currentMaterialId: undefined,
    rotationEnabled: false,
    rotationPeriodInDays: undefined,
    rotationNextAt: undefined,
    expirationModel: undefined,
    validTo: undefined,
    importedOnce: false,
    ...given,
  }
}

/** Milliseconds as the API's timestamps: seconds with up to three decimals. */
export function seconds(milliseconds: number): number {
  return milliseconds / 1000
}

/** Whether a key is a primary: a multi-Region key in its primary region. */
export function isPrimary(key: Pick<Key, 'multiRegion' | 'primaryRegion' | 'region'>): boolean {
  return key.multiRegion && key.primaryRegion === key.region
}

/** Whether material that is to be imported is missing, wholly or in part. */
export function lacksMaterial(key: Key): boolean {
  return key.origin === 'EXTERNAL' && key.expirationModel === undefined
}

/** A key as it is at a moment: imported material that has expired is gone, whether or not the job has erased it yet. */
export function keyAt(key: Key, now: number): Key {
  if (key.validTo === undefined || key.validTo > now) return key
  const state = goingAwayStates.includes(key.state) ? key.state : 'PendingImport'
  return { ...key, state, expirationModel: undefined, validTo: undefined }
}

const goingAwayStates: readonly KeyState[] = ['PendingDeletion', 'PendingReplicaDeletion']

/**
 * What DescribeKey and CreateKey show of a key. `relatedRegions` are the regions that hold a multi-Region key, the
 * primary's among them.
 */
export function keyMetadata(
  key: Key,
  relatedRegions: readonly string[] = [key.region],
): KeyMetadata {
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
    ...(key.validTo !== undefined && { ValidTo: seconds(key.validTo) }),
    Origin: key.origin,
    ...(key.expirationModel !== undefined && { ExpirationModel: key.expirationModel }),
    KeyManager: key.manager,
    // The deprecated member shows the same value, also for specs that its own enum does not list.
    CustomerMasterKeySpec: key.spec as KeyMetadata['CustomerMasterKeySpec'],
    KeySpec: key.spec,
    ...algorithmMembers(key),
    MultiRegion: key.multiRegion,
    ...(key.multiRegion && {
      MultiRegionConfiguration: multiRegionConfiguration(key, relatedRegions),
    }),
    ...(key.state === 'PendingReplicaDeletion' && {
      PendingDeletionWindowInDays: key.pendingWindowInDays,
    }),
    ...(showsMaterialId(key) && { CurrentKeyMaterialId: key.currentMaterialId }),
  }
}

/** The one member that lists a key's algorithms; which one, its usage says. */
export function algorithmMembers(key: Pick<Key, 'spec' | 'usage'>): Partial<KeyMetadata> {
  const algorithms = algorithmsOf(key.spec, key.usage)
  return { [algorithmMember[key.usage]]: algorithms }
}

const algorithmMember: Readonly<Record<KeyUsage, keyof KeyMetadata>> = {
  ENCRYPT_DECRYPT: 'EncryptionAlgorithms',
  SIGN_VERIFY: 'SigningAlgorithms',
  GENERATE_VERIFY_MAC: 'MacAlgorithms',
  KEY_AGREEMENT: 'KeyAgreementAlgorithms',
  ENCAPSULATE_DECAPSULATE: 'EncapsulationAlgorithms',
}

/** Material ids are shown of symmetric encryption keys alone, and not before a replica has its material. */
function showsMaterialId(key: Key): boolean {
  return (
    key.spec === 'SYMMETRIC_DEFAULT' &&
    key.currentMaterialId !== undefined &&
    key.state !== 'Creating'
  )
}

function multiRegionConfiguration(
  key: Key,
  relatedRegions: readonly string[],
): KeyMetadata['MultiRegionConfiguration'] {
  const at = (region: string) => ({
    Arn: keyArn({ account: key.account, region }, key.id),
    Region: region,
  })
  const primary = key.primaryRegion ?? key.region
  return {
    MultiRegionKeyType: isPrimary(key) ? 'PRIMARY' : 'REPLICA',
    PrimaryKey: at(primary),
    ReplicaKeys: relatedRegions.filter((region) => region !== primary).map(at),
  }
}
