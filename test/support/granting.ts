/**
 * Grants by the SDK: what the tests of the five operations make and look at.
 */
import assert from 'node:assert/strict'
import {
  CreateGrantCommand,
  type CreateGrantCommandInput,
  type GrantListEntry,
  type KMSClient,
  ListGrantsCommand,
} from '@aws-sdk/client-kms'

/** What CreateGrant answers. */
export interface MadeGrant {
  readonly id: string
  readonly token: string
}

/** An account's root user, as grants name it. */
export const rootOf = (account: string) => `arn:aws:iam::${account}:root`

/** Creates a grant of DescribeKey, unless told otherwise. */
export async function makeGrant(
  kms: KMSClient,
  KeyId: string,
  input: Partial<CreateGrantCommandInput> & { readonly GranteePrincipal: string | undefined },
): Promise<MadeGrant> {
  const answer = await kms.send(
    new CreateGrantCommand({ KeyId, Operations: ['DescribeKey'], ...input }),
  )
  assert.ok(answer.GrantId !== undefined && answer.GrantToken !== undefined)
  return { id: answer.GrantId, token: answer.GrantToken }
}

/** The grants on a key, of which there are not many. */
export async function grantsOn(kms: KMSClient, KeyId: string): Promise<readonly GrantListEntry[]> {
  const answer = await kms.send(new ListGrantsCommand({ KeyId, Limit: 100 }))
  assert.equal(answer.Truncated, false)
  return answer.Grants ?? []
}

/** The ids of the grants on a key. */
export async function grantIdsOn(kms: KMSClient, KeyId: string): Promise<readonly string[]> {
  return (await grantsOn(kms, KeyId)).map(({ GrantId }) => String(GrantId))
}

/** A grant's id that is none's. */
export const absentGrant = '0'.repeat(64)

/** The refusal of an id that has not the form of one. */
export const badGrantId = 'The grant ID is not valid.'
