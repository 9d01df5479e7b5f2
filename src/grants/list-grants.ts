import { validation } from '../api/errors.ts'
import type { Request } from '../api/types.ts'
import type { Reader } from '../database/database.ts'
import { findGrant, listGrantRows, listGrantsOfGrantee } from '../database/grants.ts'
import type { Key } from '../keys/key.ts'
import type { Operation, Page } from '../operation.ts'
import type { Grant } from './grant.ts'
import { grantEntry } from './grant-entry.ts'
import { checkGrantId } from './grant-id.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ListGrants.html */
export const listGrants: Operation<'ListGrants'> = async (request, call) => {
  const key = await call.findKey(request.KeyId, { action: 'kms:ListGrants' })
  checkFilters(request)
  const list = {
    operation: 'ListGrants',
    defaultLimit: 50,
    filter: [key.id, request.GrantId ?? '', request.GranteePrincipal ?? ''].join(' '),
  } as const
  const page = call.page(request, list)
  const rows = await readGrants(call.read, key, { ...page, request })
  const cut = call.cut(rows, page, { ...list, position: (grant) => grant.id })
  return { Grants: cut.rows.map(grantEntry), ...cut.paging }
}

/** Nobody who calls Trent is a service of AWS. */
function checkFilters(request: Request<'ListGrants'>): void {
  if (request.GranteeServicePrincipal !== undefined) {
    throw validation(
      request.GranteePrincipal === undefined
        ? 'GranteeServicePrincipal can only be used by callers in a service principal.'
        : 'You can specify either GranteePrincipal or GranteeServicePrincipal, but not both.',
    )
  }
  if (request.GrantId !== undefined) checkGrantId(request.GrantId)
}

async function readGrants(
  reader: Reader,
  key: Key,
  { request, ...page }: Page & { readonly request: Request<'ListGrants'> },
): Promise<readonly Grant[]> {
  const { GrantId: id, GranteePrincipal: grantee } = request
  if (id !== undefined) {
    const grant = id > page.after ? (await findGrant(reader, key, id))?.grant : undefined
    const fits = grantee === undefined || grant?.grantee.shown === grantee
    return grant !== undefined && fits ? [grant] : []
  }
  return grantee === undefined
    ? listGrantRows(reader, key, page)
    : listGrantsOfGrantee(reader, key, { ...page, grantee })
}
