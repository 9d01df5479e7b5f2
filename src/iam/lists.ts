/**
 * The lists of an account's users, groups and roles.
 */
import { type IdentityKind, type IdentityRow, listIdentities } from '../database/iam-identities.ts'
import type { QueryCall } from '../server/query-action.ts'
import type { XmlStructure } from '../server/xml.ts'
import { reads } from './action.ts'
import { authorizeIam } from './authorize-iam.ts'
import { groupMembers, roleMembers, userMembers } from './members.ts'
import { byName, cutPage, type PageMembers, readPage } from './paging.ts'
import { paging, pathPrefix } from './rules.ts'

const rules = { PathPrefix: pathPrefix, ...paging }

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html */
export const listUsers = reads('ListUsers', rules, async (input, call) => {
  const { rows, members } = await listOf('user', input, call)
  return { Users: rows.map((row) => userMembers(call.partition, row)), ...members }
})

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroups.html */
export const listGroups = reads('ListGroups', rules, async (input, call) => {
  const { rows, members } = await listOf('group', input, call)
  return { Groups: rows.map((row) => groupMembers(call.partition, row)), ...members }
})

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html */
export const listRoles = reads('ListRoles', rules, async (input, call) => {
  const { rows, members } = await listOf('role', input, call)
  const Roles: XmlStructure[] = []
  for (const row of rows) {
    const role = await roleMembers(call.read, call.partition, row)
    const { description: Description, maxSessionSeconds: MaxSessionDuration } = row
    Roles.push({ ...role, Description, MaxSessionDuration })
  }
  return { Roles, ...members }
})

const actions = { user: 'ListUsers', group: 'ListGroups', role: 'ListRoles' } as const

async function listOf(
  kind: IdentityKind,
  input: {
    readonly PathPrefix: string | undefined
    readonly Marker: string | undefined
    readonly MaxItems: number | undefined
  },
  call: QueryCall,
): Promise<{ readonly rows: readonly IdentityRow[]; readonly members: PageMembers }> {
  const { PathPrefix: prefix = '/' } = input
  const { account, partition } = call
  const resource = `arn:${partition}:iam::${account}:${kind}${prefix}`
  authorizeIam(call, { action: `iam:${actions[kind]}`, resource })
  const page = readPage(call, input, { action: actions[kind], filter: prefix })
  const rows = await listIdentities(call.read, { account, kind }, { ...page, pathPrefix: prefix })
  return cutPage(call, { rows, page }, byName)
}
