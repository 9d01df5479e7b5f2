/**
 * Policies as they are shown: a user or role that was renamed goes by its present ARN, and one that was deleted by its
 * unique id, as nobody else is meant in its place (IAM User Guide, "AWS JSON policy elements: Principal").
 */
import type { Reader } from '../database/database.ts'
import { findPrincipalById } from '../database/iam-principals.ts'
import { type JsonNode, type JsonString, readJson } from './json-tree.ts'
import type { Pins } from './principals.ts'

/** A policy's text with its principals by their present names. */
export async function shownPolicy(
  reader: Reader,
  policy: { readonly text: string; readonly pins: Pins },
  partition: string,
): Promise<string> {
  const names = new Map<string, string>()
  for (const [arn, id] of policy.pins) {
    const now = await findPrincipalById(reader, id)
    const shown =
      now === undefined
        ? id
        : `arn:${partition}:iam::${now.account}:${now.kind}${now.path}${now.name}`
    if (shown !== arn) names.set(arn, shown)
  }
  return names.size === 0 ? policy.text : renamePrincipals(policy.text, names)
}

/** Puts other names in the place of principals; whatever else stands in the text stays as it is. */
export function renamePrincipals(text: string, names: ReadonlyMap<string, string>): string {
  const node = readJson(text)
  if (node === 'invalid' || node === 'refused') return text
  let shown = ''
  let at = 0
  for (const principal of principalsOf(node)) {
    const name = names.get(principal.text)
    if (name === undefined) continue
    shown += text.slice(at, principal.start) + JSON.stringify(name)
    at = principal.end
  }
  return shown + text.slice(at)
}

/** The strings of Principal and NotPrincipal elements, in the text's order. */
function principalsOf(policy: JsonNode): readonly JsonString[] {
  return members(policy, ['Statement'])
    .flatMap(items)
    .flatMap((statement) => members(statement, ['Principal', 'NotPrincipal']))
    .flatMap((principal) => members(principal, ['AWS']))
    .flatMap(items)
    .filter((node) => node.type === 'string')
    .sort((one, other) => one.start - other.start)
}

const items = (node: JsonNode): readonly JsonNode[] => (node.type === 'array' ? node.items : [node])

const members = (node: JsonNode, names: readonly string[]): readonly JsonNode[] =>
  node.type === 'object'
    ? names.map((name) => node.members.get(name)).filter((each) => each !== undefined)
    : []
