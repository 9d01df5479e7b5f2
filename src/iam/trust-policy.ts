/**
 * Trust policies as they are shown.
 */
import type { Reader } from '../database/database.ts'
import type { IdentityRow } from '../database/iam-identities.ts'
import { shownPolicy } from '../policies/shown-policy.ts'
import { encodeDocument } from './encode-document.ts'

/** The AssumeRolePolicyDocument member of a role. */
export async function shownTrustPolicy(
  reader: Reader,
  partition: string,
  { trustPolicy = '', trustPins = new Map() }: IdentityRow,
): Promise<string> {
  const stored = { text: trustPolicy, pins: trustPins }
  return encodeDocument(await shownPolicy(reader, stored, partition))
}
