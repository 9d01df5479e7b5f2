import { dryRunOperation, limitExceeded } from '../api/errors.ts'
import type { KeyState } from '../api/types.ts'
import type { Reader } from '../database/database.ts'
import { countGrants } from '../database/grants.ts'
import type { Key } from '../keys/key.ts'
import { unusable } from '../keys/key-state.ts'
import type { Operation } from '../operation.ts'
import type { Grant } from './grant.ts'
import { checkConstraints, pairsOf, readConstraints } from './grant-constraints.ts'
import { newGrantId } from './grant-id.ts'
import { checkOperations } from './grant-operations.ts'
import { checkParties, findParties } from './grant-parties.ts'
import { findSameGrant, storeGrant } from './store-grant.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html */
export const createGrant: Operation<'CreateGrant'> = async (request, call) => {
  const constraints = readConstraints(request.Constraints)
  const operations = [...new Set(request.Operations)]
  const look = {
    action: 'kms:CreateGrant',
    grantTokens: request.GrantTokens,
    newGrant: { operations, constraints },
    encryptionContext: pairsOf(constraints),
    refused: ungrantable,
    check: (key: Key) => {
      checkParties(request)
      checkOperations(key, operations)
      checkConstraints(key, constraints)
    },
  } as const
  return call.changeKey(request.KeyId, look, async (transaction, key) => {
    const grant: Grant = {
      region: key.region,
      keyId: key.id,
      account: key.account,
      id: newGrantId(),
      name: request.Name ?? '',
      ...(await findParties(transaction, request, key.region)),
      issuingAccount: call.caller.account,
      operations,
      constraints,
      createdAt: call.now,
    }
    const known = await findSameGrant(transaction, key, grant)
    if (known === undefined) await refuseFullKey(transaction, key, call.limits.grantsPerKey)
    if (request.DryRun === true) throw dryRunOperation()
    if (known === undefined) await storeGrant(transaction, key, grant)
    const id = known ?? grant.id
    return { GrantToken: call.grants.newToken({ ...grant, id }), GrantId: id }
  })
}

/** A key store that is not reachable does not stand in the way of a grant. */
const ungrantable: readonly KeyState[] = unusable.filter((state) => state !== 'Unavailable')

async function refuseFullKey(reader: Reader, key: Key, quota: number): Promise<void> {
  const count = await countGrants(reader, key)
  if (count < quota) return
  throw limitExceeded(
    `Grants per key quota for this account in this region is ${quota}, current usage is ${count}.`,
  )
}
