/**
 * Multi-Region keys: a primary, its replicas, and what a region shows of each.
 */
import assert from 'node:assert/strict'
import {
  type CreateKeyCommandInput,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  type KMSClient,
  ListKeyRotationsCommand,
  ReplicateKeyCommand,
  type ReplicateKeyCommandInput,
  type RotationsListEntry,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import { makeKey, type MadeKey } from './made-keys.ts'

/** Creates a primary key. */
export function makePrimary(kms: KMSClient, input: CreateKeyCommandInput = {}): Promise<MadeKey> {
  return makeKey(kms, { ...input, MultiRegion: true })
}

/** Makes the replica of a primary in another region. */
export async function replicate(
  kms: KMSClient,
  primary: MadeKey,
  region: string,
  input: Partial<ReplicateKeyCommandInput> = {},
): Promise<void> {
  await kms.send(new ReplicateKeyCommand({ KeyId: primary.KeyId, ReplicaRegion: region, ...input }))
}

/** The ARN of the related key in a region. */
export function arnIn(region: string, key: MadeKey): string {
  return `arn:aws:kms:${region}:${key.AWSAccountId}:key/${key.KeyId}`
}

/** How MultiRegionConfiguration shows a related key. */
export function regional(region: string, key: MadeKey): { Arn: string; Region: string } {
  return { Arn: arnIn(region, key), Region: region }
}

/** The state of a key in a client's region. */
export async function stateOf(kms: KMSClient, KeyId: string): Promise<string | undefined> {
  return (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState
}

/** The id of the material that a key encrypts under in a client's region. */
export async function materialOf(kms: KMSClient, KeyId: string): Promise<string | undefined> {
  return (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.CurrentKeyMaterialId
}

/** All materials of a key in a client's region. */
export async function materialsOf(kms: KMSClient, KeyId: string): Promise<RotationsListEntry[]> {
  const { Rotations = [] } = await kms.send(
    new ListKeyRotationsCommand({ KeyId, IncludeKeyMaterial: 'ALL_KEY_MATERIAL' }),
  )
  return Rotations
}

/** Encrypts a word. */
export async function encryptWord(
  kms: KMSClient,
  KeyId: string,
  word: string,
): Promise<Uint8Array | undefined> {
  const { CiphertextBlob } = await kms.send(
    new EncryptCommand({ KeyId, Plaintext: Buffer.from(word) }),
  )
  return CiphertextBlob
}

/** Asserts that a blob decrypts in a client's region, without a KeyId, to a word. */
export async function assertDecrypts(
  kms: KMSClient,
  CiphertextBlob: Uint8Array | undefined,
  word: string,
): Promise<void> {
  const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob }))
  assert.equal(Buffer.from(Plaintext ?? []).toString(), word)
}

/** Schedules the deletion of a key in a client's region, in seven days. */
export async function scheduleDeletion(kms: KMSClient, KeyId: string): Promise<void> {
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }))
}
