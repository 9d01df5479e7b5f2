import type { Operation } from '../../operation.ts'
import { type Key, seconds } from '../key.ts'
import { refuseStates } from '../key-state.ts'
import { day } from '../day.ts'
import { checkImportable, refuseWrapping } from './import-rules.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GetParametersForImport.html */
export const getParametersForImport: Operation<'GetParametersForImport'> = async (
  request,
  call,
) => {
  const key = await call.findKey(request.KeyId, {
    action: 'kms:GetParametersForImport',
    check,
  })
  refuseWrapping(key, request.WrappingAlgorithm, request.WrappingKeySpec)
  const validTo = call.now + day
  const made = await call.importParameters.make(key, {
    algorithm: request.WrappingAlgorithm,
    spec: request.WrappingKeySpec,
    validTo,
  })
  return call.write(async (transaction) => {
    await made.store(transaction)
    return {
      KeyId: key.arn,
      ImportToken: made.token,
      PublicKey: made.publicKey,
      ParametersValidTo: seconds(validTo),
    }
  })
}

/** Unlike ImportKeyMaterial, it does not work while the primary Region is being updated. */
function check(key: Key): void {
  checkImportable(key)
  refuseStates(key, ['Updating'])
}
