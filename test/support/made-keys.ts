/**
 * Keys as KeyMetadata shows them, in the states that the tests of their management need.
 */
import assert from 'node:assert/strict'
import {
  CreateAliasCommand,
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DescribeKeyCommand,
  DisableKeyCommand,
  type KeyMetadata,
  type KMSClient,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'

/** A key's metadata, with the members that every key has. */
export type MadeKey = KeyMetadata & { readonly KeyId: string; readonly Arn: string }

/** Well-formed ids that name nothing. */
export const absentId = '12345678-1234-1234-1234-123456789012'
export const absentMultiRegionId = 'mrk-1234567812341234123412345678901a'

export const day = 86_400_000

/** Creates a key. */
export async function makeKey(kms: KMSClient, input: CreateKeyCommandInput = {}): Promise<MadeKey> {
  const { KeyMetadata: key } = await kms.send(new CreateKeyCommand(input))
  assert.ok(key?.KeyId !== undefined && key.Arn !== undefined)
  return { ...key, KeyId: key.KeyId, Arn: key.Arn }
}

/** Creates a key and disables it. */
export async function makeDisabledKey(kms: KMSClient): Promise<MadeKey> {
  const key = await makeKey(kms)
  await kms.send(new DisableKeyCommand({ KeyId: key.KeyId }))
  return key
}

/** Creates a key and schedules its deletion. */
export async function makePendingKey(
  kms: KMSClient,
  PendingWindowInDays?: number,
): Promise<MadeKey> {
  const key = await makeKey(kms)
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key.KeyId, PendingWindowInDays }))
  return key
}

/** Creates an alias. */
export async function makeAlias(kms: KMSClient, name: string, key: MadeKey): Promise<void> {
  await kms.send(new CreateAliasCommand({ AliasName: name, TargetKeyId: key.KeyId }))
}

/** What DescribeKey shows of a key now. */
export async function describe(kms: KMSClient, keyId: string): Promise<MadeKey> {
  const { KeyMetadata: key } = await kms.send(new DescribeKeyCommand({ KeyId: keyId }))
  assert.ok(key?.KeyId !== undefined && key.Arn !== undefined)
  return { ...key, KeyId: key.KeyId, Arn: key.Arn }
}

/** A region's ARN of something of an account: `key/<id>` or `alias/<name>`. */
export function arnOf(account: string, resource: string, region = 'us-east-1'): string {
  return `arn:aws:kms:${region}:${account}:${resource}`
}

/** Asserts that a change answered 200 and nothing else. */
export function assertEmpty(output: { readonly $metadata: { readonly httpStatusCode?: number } }) {
  assert.equal(output.$metadata.httpStatusCode, 200)
  assert.deepEqual(Object.keys(output), ['$metadata'])
}
