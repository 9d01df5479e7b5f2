/**
 * Keys in the states that the tests of cryptographic operations need.
 */
import assert from 'node:assert/strict'
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DisableKeyCommand,
  type KMSClient,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'

/** A symmetric encryption key, by what tests name it by. */
export interface TestKey {
  readonly id: string
  readonly arn: string
  readonly materialId: string
}

/** Well-formed, and the id of no key. */
export const absentId = '00000000-0000-0000-0000-000000000000'

/** Creates a key. */
export async function makeKey(kms: KMSClient): Promise<TestKey> {
  const { KeyMetadata: key } = await kms.send(new CreateKeyCommand({}))
  const { KeyId, Arn, CurrentKeyMaterialId } = key ?? {}
  assert.ok(KeyId !== undefined && Arn !== undefined && CurrentKeyMaterialId !== undefined)
  return { id: KeyId, arn: Arn, materialId: CurrentKeyMaterialId }
}

/** Disables a key. */
export async function disable(kms: KMSClient, key: TestKey): Promise<TestKey> {
  await kms.send(new DisableKeyCommand({ KeyId: key.id }))
  return key
}

/** Schedules a key's deletion, seven days ahead. */
export async function scheduleDeletion(kms: KMSClient, key: TestKey): Promise<TestKey> {
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key.id, PendingWindowInDays: 7 }))
  return key
}

/** Points a new alias at a key, and answers the alias's ARN. */
export async function alias(kms: KMSClient, name: string, key: TestKey): Promise<string> {
  await kms.send(new CreateAliasCommand({ AliasName: name, TargetKeyId: key.id }))
  return key.arn.replace(/key\/.*$/, name)
}

/** Lets accounts, by their numbers, do everything with a key. */
export async function letIn(kms: KMSClient, KeyId: string, accounts: string[]): Promise<void> {
  const statement = {
    Effect: 'Allow',
    Principal: { AWS: accounts },
    Action: 'kms:*',
    Resource: '*',
  }
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: statement })
  await kms.send(new PutKeyPolicyCommand({ KeyId, Policy }))
}
