/**
 * GetAccountAuthorizationDetails: every user, group, role and policy of an account, page by page through all of them.
 */
import { type IdentityKind, listIdentities } from '../database/iam-identities.ts'
import { listPolicies } from '../database/iam-policies.ts'
import type { QueryCall } from '../server/query-action.ts'
import type { XmlStructure } from '../server/xml.ts'
import { reads } from './action.ts'
import { authorizeIam } from './authorize-iam.ts'
import { groupDetail, policyDetail, roleDetail, userDetail } from './details.ts'
import { cutPage, readPage } from './paging.ts'
import { type EntityType, entityTypesFilter, paging } from './rules.ts'

/** Something that is listed: where it stands, and how it is shown if it is on the page. */
interface Item {
  readonly position: string
  readonly list: List
  readonly show: () => Promise<XmlStructure>
}

type List = 'UserDetailList' | 'GroupDetailList' | 'RoleDetailList' | 'Policies'

/** Reads some items of one type, behind a folded name. */
type ReadItems = (
  call: QueryCall,
  page: { readonly after: string; readonly limit: number },
) => Promise<readonly (Omit<Item, 'position'> & { readonly name: string })[]>

/** The types in the order in which pages go through them. */
const types: readonly (readonly [type: EntityType, read: ReadItems])[] = [
  ['User', identities('user', 'UserDetailList', userDetail)],
  ['Group', identities('group', 'GroupDetailList', groupDetail)],
  ['Role', identities('role', 'RoleDetailList', roleDetail)],
  ['LocalManagedPolicy', policies((call) => call.account)],
  ['AWSManagedPolicy', policies(() => 'aws')],
]

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html */
export const getAccountAuthorizationDetails = reads(
  'GetAccountAuthorizationDetails',
  { Filter: entityTypesFilter, ...paging },
  async (input, call) => {
    const action = 'GetAccountAuthorizationDetails'
    authorizeIam(call, { action: `iam:${action}`, resource: '*' })
    const { Filter = [] } = input
    const page = readPage(call, input, { action, filter: Filter.join(' ') })
    const rows = await readItems(call, Filter, page)
    const cut = cutPage(call, { rows, page }, ({ position }) => position)
    const lists: Record<List, XmlStructure[]> = {
      UserDetailList: [],
      GroupDetailList: [],
      RoleDetailList: [],
      Policies: [],
    }
    for (const { list, show } of cut.rows) lists[list].push(await show())
    return { ...lists, ...cut.members }
  },
)

/** A position is the number of the type and the folded name. */
async function readItems(
  call: QueryCall,
  filter: readonly EntityType[],
  page: { readonly after: string; readonly limit: number },
): Promise<readonly Item[]> {
  const items: Item[] = []
  const [first, ...after] = page.after.split(' ')
  for (const [index, [type, read]] of types.entries()) {
    if (filter.length > 0 && !filter.includes(type)) continue
    if (index < Number(first)) continue
    const from = index === Number(first) && page.after !== '' ? after.join(' ') : ''
    const found = await read(call, { after: from, limit: page.limit - items.length })
    for (const { name, ...item } of found) {
      items.push({ ...item, position: `${index} ${name.toLowerCase()}` })
    }
    if (items.length >= page.limit) break
  }
  return items
}

function identities(kind: IdentityKind, list: List, detail: typeof userDetail): ReadItems {
  return async (call, page) => {
    const scope = { account: call.account, kind }
    const rows = await listIdentities(call.read, scope, { ...page, pathPrefix: '/' })
    return rows.map((row) => ({ name: row.name, list, show: () => detail(call, row) }))
  }
}

function policies(accountOf: (call: QueryCall) => string): ReadItems {
  return async (call, page) => {
    const rows = await listPolicies(call.read, accountOf(call), { ...page, pathPrefix: '/' })
    return rows.map((row) => ({
      name: row.name,
      list: 'Policies' as const,
      show: () => policyDetail(call, row),
    }))
  }
}
