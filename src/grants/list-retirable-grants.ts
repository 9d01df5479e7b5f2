import { parseArn, partitionOf } from '../api/arn.ts'
import { validation } from '../api/errors.ts'
import type { Request } from '../api/types.ts'
import { listGrantsToRetire } from '../database/grants.ts'
import type { Operation } from '../operation.ts'
import { grantEntry } from './grant-entry.ts'
import { requirePrincipal, invalidPrincipal } from './principals.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ListRetirableGrants.html */
export const listRetirableGrants: Operation<'ListRetirableGrants'> = async (request, call) => {
  call.authorize('kms:ListRetirableGrants', { principal: request.RetiringPrincipal })
  const arn = retiringPrincipalOf(request)
  const { account, region } = call.scope
  // Whether another account has such a principal is not told.
  if (parseArn(arn)?.account !== account) throw invalidPrincipal(arn)
  const retiring = await requirePrincipal(call.read, arn, partitionOf(region))
  const list = {
    operation: 'ListRetirableGrants',
    defaultLimit: 50,
    filter: retiring.name,
  } as const
  const page = call.page(request, list)
  const of = { region, retiringName: retiring.name, now: call.now }
  const rows = await listGrantsToRetire(call.read, of, page)
  const cut = call.cut(rows, page, { ...list, position: (grant) => grant.id })
  return { Grants: cut.rows.map(grantEntry), ...cut.paging }
}

/** Nobody who calls Trent is a service of AWS. */
function retiringPrincipalOf(request: Request<'ListRetirableGrants'>): string {
  const { RetiringPrincipal: principal, RetiringServicePrincipal: service } = request
  if ((principal === undefined) === (service === undefined)) {
    throw validation(
      'You must specify either RetiringPrincipal or RetiringServicePrincipal, but not both.',
    )
  }
  if (principal !== undefined) return principal
  throw validation('RetiringServicePrincipal can only be used by callers in a service principal.')
}
