import { keyArn } from '../../api/arn.ts'
import { notFound, unsupportedOperation } from '../../api/errors.ts'
import { updateKey } from '../../database/keys.ts'
import type { Operation } from '../../operation.ts'
import { isPrimary, keyAt } from '../key.ts'
import { refuseStates, unusable } from '../key-state.ts'
import { notPrimary, relatedKeys } from './related-keys.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdatePrimaryRegion.html */
export const updatePrimaryRegion: Operation<'UpdatePrimaryRegion'> = async (request, call) => {
  const look = { action: 'kms:UpdatePrimaryRegion', refused: unusable } as const
  await call.changeKey(request.KeyId, look, async (transaction, key) => {
    if (!isPrimary(key)) throw notPrimary(key)
    if (request.PrimaryRegion === key.region) {
      throw unsupportedOperation(`${key.arn} is already the multi-region primary key.`)
    }
    const related = await relatedKeys(transaction, key)
    const next = related.find((other) => other.region === request.PrimaryRegion)
    if (next === undefined) {
      const scope = { account: key.account, region: request.PrimaryRegion }
      throw notFound(`Key '${keyArn(scope, key.id)}' does not exist`)
    }
    await call.authorizeKey('kms:UpdatePrimaryRegion', next, transaction)
    refuseStates(keyAt(next, call.now), unusable)
    for (const other of related) {
      await updateKey(transaction, other, { primaryRegion: request.PrimaryRegion })
    }
    await call.recordThere(transaction, { key: next, operation: 'UpdatePrimaryRegion', request })
  })
}
