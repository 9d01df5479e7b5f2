/**
 * Whom a grant names: the grantee and whoever may retire it, each a principal or a service of AWS.
 */
import { partitionOf } from '../api/arn.ts'
import { validation } from '../api/errors.ts'
import type { Request } from '../api/types.ts'
import type { Reader } from '../database/database.ts'
import type { Party } from './grant.ts'
import { requirePrincipal } from './principals.ts'

/** Throws ValidationException unless the request names a grantee, and what a service as the grantee asks for. */
export function checkParties(request: Request<'CreateGrant'>): void {
  if (
    (request.GranteePrincipal === undefined) ===
    (request.GranteeServicePrincipal === undefined)
  ) {
    throw validation(
      'You must specify either GranteePrincipal or GranteeServicePrincipal, but not both.',
    )
  }
  const { RetiringPrincipal: retiring, RetiringServicePrincipal: retiringService } = request
  if (retiring !== undefined && retiringService !== undefined) {
    throw validation(
      'You can specify either RetiringPrincipal or RetiringServicePrincipal, but not both.',
    )
  }
  if (request.GranteeServicePrincipal === undefined) return
  if (request.Constraints?.SourceArn === undefined) {
    throw validation(
      'When you specify a GranteeServicePrincipal, you must also specify a SourceArn grant constraint.',
    )
  }
  if (retiring === undefined && retiringService === undefined) {
    throw validation(
      'When you specify a GranteeServicePrincipal, you must also specify either a RetiringPrincipal or a RetiringServicePrincipal.',
    )
  }
}

/** The parties of a request that has been checked. Throws InvalidArnException for a principal that does not exist. */
export async function findParties(
  reader: Reader,
  request: Request<'CreateGrant'>,
  region: string,
): Promise<{ readonly grantee: Party; readonly retiring: Party | undefined }> {
  const find = async (arn: string | undefined, service: string | undefined) => {
    if (service !== undefined) return { shown: service, name: `Service:${service}` }
    return arn === undefined ? undefined : requirePrincipal(reader, arn, partitionOf(region))
  }
  const grantee = await find(request.GranteePrincipal, request.GranteeServicePrincipal)
  if (grantee === undefined) throw new Error('a checked request names a grantee')
  const retiring = await find(request.RetiringPrincipal, request.RetiringServicePrincipal)
  return { grantee, retiring }
}
