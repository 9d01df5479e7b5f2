import { countPolicyUses } from '../database/iam-attachments.ts'
import { listPolicies as listRows, type PolicyRow } from '../database/iam-policies.ts'
import type { QueryCall } from '../server/query-action.ts'
import { reads } from './action.ts'
import { authorizeIam } from './authorize-iam.ts'
import { policyMembers } from './managed-policy.ts'
import { cutPage, readPage } from './paging.ts'
import { onlyAttached, paging, policyPathPrefix, policyScope, policyUsage } from './rules.ts'

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicies.html */
export const listPolicies = reads(
  'ListPolicies',
  {
    Scope: policyScope,
    OnlyAttached: onlyAttached,
    PathPrefix: policyPathPrefix,
    PolicyUsageFilter: policyUsage,
    ...paging,
  },
  async (input, call) => {
    const { Scope = 'All', PathPrefix: prefix = '/', OnlyAttached: attached = false } = input
    const resource = `arn:${call.partition}:iam::${call.account}:policy${prefix}`
    authorizeIam(call, { action: 'iam:ListPolicies', resource })
    const { PolicyUsageFilter: usage = '' } = input
    const filter = [Scope, String(attached), usage, prefix].join(' ')
    const page = readPage(call, input, { action: 'ListPolicies', filter })
    const asked = { scope: Scope, prefix, attached, usage }
    const rows = (await allPolicies(call, asked)).filter((row) => positionOf(row) > page.after)
    const cut = cutPage(call, { rows: rows.slice(0, page.limit), page }, positionOf)
    const Policies = []
    for (const row of cut.rows) Policies.push(await policyMembers(call.read, call, row))
    return { Policies, ...cut.members }
  },
)

/** The account's own policies come before those of AWS. */
const positionOf = ({ account, name }: PolicyRow) =>
  `${account === 'aws' ? 'b' : 'a'} ${name.toLowerCase()}`

/** An account has so few policies that they can be read whole. */
const mostPolicies = 10_000

async function allPolicies(
  call: QueryCall,
  asked: {
    readonly scope: 'All' | 'AWS' | 'Local'
    readonly prefix: string
    readonly attached: boolean
    readonly usage: string
  },
): Promise<readonly PolicyRow[]> {
  const { scope, prefix: pathPrefix, attached, usage } = asked
  const accounts = { All: [call.account, 'aws'], AWS: ['aws'], Local: [call.account] }[scope]
  const found: PolicyRow[] = []
  for (const account of accounts) {
    const rows = await listRows(call.read, account, { after: '', limit: mostPolicies, pathPrefix })
    // Who uses a policy need not be counted where nobody asks.
    if (!attached && usage !== 'PermissionsBoundary') {
      found.push(...rows)
      continue
    }
    for (const row of rows) {
      const uses = await countPolicyUses(call.read, row.id, call.account)
      const isAttached = uses.attachments > 0
      const isBoundary = uses.boundaries > 0
      if (attached && !isAttached && !isBoundary) continue
      if (usage === 'PermissionsPolicy' && attached && !isAttached) continue
      if (usage === 'PermissionsBoundary' && !isBoundary) continue
      found.push(row)
    }
  }
  return found
}
