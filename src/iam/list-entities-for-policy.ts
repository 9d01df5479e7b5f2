import { listBoundedIdentities, listPolicyHolders } from '../database/iam-attachments.ts'
import { noSuchEntity } from '../server/query-error.ts'
import { reads } from './action.ts'
import { findManagedPolicy } from './managed-policy.ts'
import { cutPage, readPage } from './paging.ts'
import { entityFilter, paging, pathPrefix, policyArn, policyUsage } from './rules.ts'

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListEntitiesForPolicy.html */
export const listEntitiesForPolicy = reads(
  'ListEntitiesForPolicy',
  {
    PolicyArn: policyArn,
    EntityFilter: entityFilter,
    PathPrefix: pathPrefix,
    PolicyUsageFilter: policyUsage,
    ...paging,
  },
  async (input, call) => {
    const { PolicyArn: arn, EntityFilter, PathPrefix: prefix = '/', PolicyUsageFilter } = input
    const missing = () => noSuchEntity(`Policy ${arn} does not exist or is not attachable.`)
    const action = 'iam:ListEntitiesForPolicy'
    const policy = await findManagedPolicy(call.read, call, { arn, action, missing })
    const filter = [policy.id, EntityFilter, prefix, PolicyUsageFilter].join(' ')
    const page = readPage(call, input, { action: 'ListEntitiesForPolicy', filter })
    const of = { id: policy.id, account: call.account }
    const at = { after: page.after, limit: page.limit, pathPrefix: prefix }
    const isPermissions = PolicyUsageFilter !== 'PermissionsBoundary'
    const isBoundary = PolicyUsageFilter !== 'PermissionsPolicy'
    const found = [
      ...(isPermissions ? await listPolicyHolders(call.read, of, at) : []),
      ...(isBoundary ? await listBoundedIdentities(call.read, of, at) : []),
    ]
    const rows = [...new Map(found.map((user) => [user.id, user])).values()]
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
      .slice(0, page.limit)
    const cut = cutPage(call, { rows, page }, ({ id }) => id)
    const ofKind = (kind: 'user' | 'group' | 'role', word: 'User' | 'Group' | 'Role') =>
      cut.rows
        .filter((row) => row.kind === kind && (EntityFilter ?? word) === word)
        .map(({ id, name }) => ({ [`${word}Name`]: name, [`${word}Id`]: id }))
    return {
      PolicyGroups: ofKind('group', 'Group'),
      PolicyUsers: ofKind('user', 'User'),
      PolicyRoles: ofKind('role', 'Role'),
      ...cut.members,
    }
  },
)
