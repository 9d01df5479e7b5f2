import { dryRunOperation } from '../api/errors.ts'
import { deleteGrant } from '../database/grants.ts'
import type { Operation } from '../operation.ts'
import { noSuchGrant } from './grant-id.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_RevokeGrant.html */
export const revokeGrant: Operation<'RevokeGrant'> = (request, call) => {
  const look = { action: 'kms:RevokeGrant' } as const
  return call.changeKey(request.KeyId, look, async (transaction, key) => {
    if (!(await deleteGrant(transaction, key, request.GrantId))) throw noSuchGrant(request.GrantId)
    // What was done in the transaction is undone with it.
    if (request.DryRun === true) throw dryRunOperation()
  })
}
