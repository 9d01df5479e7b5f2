/**
 * Trust policies as they are shown: a user or role that was renamed goes by its present ARN, and one that was deleted by
 * its unique id, as nobody else is trusted in its place.
 */
import type { Reader } from '../database/database.ts'
import type { IdentityRow } from '../database/iam-identities.ts'
import { findPrincipalById } from '../database/iam-principals.ts'
import { identityArn } from '../identities/arns.ts'
import { encodeDocument } from './encode-document.ts'

/** The AssumeRolePolicyDocument member of a role. */
export async function shownTrustPolicy(
  reader: Reader,
  partition: string,
  { trustPolicy = '', trustPins = new Map() }: IdentityRow,
): Promise<string> {
  let text = trustPolicy
  for (const [arn, id] of trustPins) {
    const now = await findPrincipalById(reader, id)
    const shown = now === undefined ? id : identityArn(partition, now)
    if (shown !== arn) text = text.replaceAll(JSON.stringify(arn), JSON.stringify(shown))
  }
  return encodeDocument(text)
}
