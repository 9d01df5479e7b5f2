import { dryRunOperation, validation } from '../api/errors.ts'
import type { Request } from '../api/types.ts'
import { deleteGrant } from '../database/grants.ts'
import type { Operation } from '../operation.ts'
import type { GrantReference } from './grant.ts'
import { noSuchGrant } from './grant-id.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_RetireGrant.html */
export const retireGrant: Operation<'RetireGrant'> = async (request, call) => {
  const { key, grant } = await call.findGrantToRetire(referenceOf(request))
  call.note({ grantId: grant.id })
  if (request.DryRun === true) throw dryRunOperation()
  return call.write(async (transaction) => {
    if (!(await deleteGrant(transaction, key, grant.id))) throw noSuchGrant(grant.id)
  })
}

/** A token, or key and id. Which grant is meant must not depend on which of the two is believed. */
function referenceOf(request: Request<'RetireGrant'>): GrantReference {
  const { GrantToken: token, KeyId: keyId, GrantId: grantId } = request
  if (token !== undefined && keyId === undefined && grantId === undefined) return { token }
  if (token === undefined && keyId !== undefined && grantId !== undefined) return { keyId, grantId }
  throw validation('Grant token OR (grant ID, key ID) must be specified')
}
