/**
 * Trust policies as they are shown: a user or role that was renamed goes by its present ARN, and one that was deleted by
 * its unique id, as nobody else is trusted in its place. Elsewhere in the text an ARN is a text like any other.
 */
import type { Reader } from '../database/database.ts'
import type { IdentityRow } from '../database/iam-identities.ts'
import { findPrincipalById } from '../database/iam-principals.ts'
import { identityArn } from '../identities/arns.ts'
import { type JsonNode, readJson } from '../policies/json-tree.ts'
import { encodeDocument } from './encode-document.ts'

/** The AssumeRolePolicyDocument member of a role. */
export async function shownTrustPolicy(
  reader: Reader,
  partition: string,
  { trustPolicy = '', trustPins = new Map() }: IdentityRow,
): Promise<string> {
  const names = new Map<string, string>()
  for (const [arn, id] of trustPins) {
    const now = await findPrincipalById(reader, id)
    const shown = now === undefined ? id : identityArn(partition, now)
    if (shown !== arn) names.set(arn, shown)
  }
  return encodeDocument(names.size === 0 ? trustPolicy : renamePrincipals(trustPolicy, names))
}

/** Puts other names into the Principal elements of a policy; everything else stays as it was submitted. */
function renamePrincipals(text: string, names: ReadonlyMap<string, string>): string {
  let shown = text
  // From the last to the first, so that the places of those before stay what they are.
  for (const { start, end } of principalElements(text).toReversed()) {
    const renamed = text.slice(start, end).replaceAll(jsonString, (literal) => {
      const name = names.get(String(JSON.parse(literal)))
      return name === undefined ? literal : JSON.stringify(name)
    })
    shown = shown.slice(0, start) + renamed + shown.slice(end)
  }
  return shown
}

const jsonString = /"(?:[^"\\]|\\.)*"/g

function principalElements(text: string): { readonly start: number; readonly end: number }[] {
  const policy = readJson(text)
  if (typeof policy === 'string' || policy.type !== 'object') return []
  const statements = policy.members.get('Statement')
  const list: readonly JsonNode[] =
    statements?.type === 'array' ? statements.items : statements === undefined ? [] : [statements]
  return list.flatMap((statement) => {
    const principal = statement.type === 'object' ? statement.members.get('Principal') : undefined
    return principal?.type === 'object' ? [principal] : []
  })
}
