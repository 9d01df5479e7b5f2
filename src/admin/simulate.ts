import { KmsError } from '../api/errors.ts'
import { regionOf, simulate as ask } from '../explain/simulate.ts'
import type { Action } from '../operation.ts'
import { type AdminOperation, AdminError, required } from './admin-operation.ts'

/** What a principal may do, without a request of his. `context` is JSON: lists of values by condition key. */
export const simulate: AdminOperation = async (input, service) => {
  const { key: keyId, region = regionOf(keyId, service.regions), context = '{}' } = input
  await service.database.catchUp()
  if (!service.regions.has(region)) throw new AdminError(`\`${region}\` is no region served here`)
  try {
    return await ask(
      {
        principal: required(input, 'principal'),
        action: actionOf(required(input, 'action')),
        keyId,
        region,
        context: new Map(Object.entries(JSON.parse(context) as Record<string, string[]>)),
      },
      service,
    )
  } catch (error) {
    if (error instanceof KmsError) throw new AdminError(error.text ?? error.code)
    throw error
  }
}

function actionOf(text: string): Action {
  const name = /^(?:kms:)?([A-Za-z]+)$/i.exec(text)?.[1]
  if (name === undefined) throw new AdminError(`\`${text}\` is no action of kms`)
  return `kms:${name}`
}
