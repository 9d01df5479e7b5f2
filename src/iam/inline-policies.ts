/**
 * Inline policies of users, groups and roles: four actions for each kind, which differ in their names alone.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPolicy.html
 */
import type { Reader } from '../database/database.ts'
import type { IdentityKind, IdentityRow } from '../database/iam-identities.ts'
import {
  deleteInlinePolicy,
  findInlinePolicy,
  type InlinePolicy,
  listInlinePolicies,
  putInlinePolicy,
} from '../database/iam-inline-policies.ts'
import { policyLength } from '../policies/compile.ts'
import type { SignedAction } from '../server/query-action.ts'
import { limitExceeded, noSuchEntity, type QueryError } from '../server/query-error.ts'
import { changes, reads } from './action.ts'
import { encodeDocument } from './encode-document.ts'
import { findNamed } from './identity.ts'
import { cutPage, readPage } from './paging.ts'
import { checkInlinePolicy } from './policy-document.ts'
import { quotas } from './quotas.ts'
import { documentRule, existingName, nameMembers, paging, policyName } from './rules.ts'

/** The actions on inline policies of one kind of identity. */
export function inlinePolicyActions(kind: IdentityKind): readonly SignedAction[] {
  return [putPolicy(kind), getPolicy(kind), listPolicies(kind), deletePolicy(kind)]
}

const words = { user: 'User', group: 'Group', role: 'Role' } as const

function putPolicy(kind: IdentityKind): SignedAction {
  const name = `Put${words[kind]}Policy` as const
  const rules = { name: existingName(kind), policyName, document: documentRule('PolicyDocument') }
  return changes(name, rules, (input, call) =>
    call.write(async (transaction) => {
      const look = { kind, name: input.name, action: `iam:${name}` } as const
      const row = await findNamed(transaction, call, look)
      checkInlinePolicy(input.document)
      const policy = { name: input.policyName, document: input.document }
      await requireSize(transaction, row, policy)
      await putInlinePolicy(transaction, row.id, policy)
      return undefined
    }),
  )
}

/** The quota is of all inline policies of an identity together; white space does not count. */
async function requireSize(
  reader: Reader,
  { id, kind, name }: IdentityRow,
  added: InlinePolicy,
): Promise<void> {
  const others = (await listInlinePolicies(reader, id)).filter(
    (policy) => policy.name !== added.name,
  )
  const size = [...others, added].reduce((sum, { document }) => sum + policyLength(document), 0)
  const quota = quotas[`${words[kind]}PolicySizeQuota`]
  if (size <= quota) return
  throw limitExceeded(`Maximum policy size of ${quota} bytes exceeded for ${kind} ${name}`)
}

function getPolicy(kind: IdentityKind): SignedAction {
  const name = `Get${words[kind]}Policy` as const
  const rules = { name: existingName(kind), policyName }
  return reads(name, rules, async (input, call) => {
    const look = { kind, name: input.name, action: `iam:${name}` } as const
    const row = await findNamed(call.read, call, look)
    const policy = await findInlinePolicy(call.read, row.id, input.policyName)
    if (policy === undefined) throw noSuchPolicy(kind, input.policyName)
    return {
      [nameMembers[kind]]: row.name,
      PolicyName: policy.name,
      PolicyDocument: encodeDocument(policy.document),
    }
  })
}

function listPolicies(kind: IdentityKind): SignedAction {
  const name = `List${words[kind]}Policies` as const
  return reads(name, { name: existingName(kind), ...paging }, async (input, call) => {
    const look = { kind, name: input.name, action: `iam:${name}` } as const
    const row = await findNamed(call.read, call, look)
    const page = readPage(call, input, { action: name, filter: row.id })
    const rows = await listInlinePolicies(call.read, row.id, page)
    const cut = cutPage(call, { rows, page }, (policy) => policy.name)
    return { PolicyNames: cut.rows.map((policy) => policy.name), ...cut.members }
  })
}

function deletePolicy(kind: IdentityKind): SignedAction {
  const name = `Delete${words[kind]}Policy` as const
  const rules = { name: existingName(kind), policyName }
  return changes(name, rules, (input, call) =>
    call.write(async (transaction) => {
      const look = { kind, name: input.name, action: `iam:${name}` } as const
      const row = await findNamed(transaction, call, look)
      const wasThere = await deleteInlinePolicy(transaction, row.id, input.policyName)
      if (!wasThere) throw noSuchPolicy(kind, input.policyName)
      return undefined
    }),
  )
}

const noSuchPolicy = (kind: IdentityKind, name: string): QueryError =>
  noSuchEntity(`The ${kind} policy with name ${name} cannot be found.`)
