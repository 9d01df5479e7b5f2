import { unsupportedOperation } from '../api/errors.ts'
import { keySpecRow } from '../crypto/key-specs.ts'
import type { KeyCheck, Operation } from '../operation.ts'
import { algorithmMembers } from './key.ts'
import { goingAway, refuseStates } from './key-state.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GetPublicKey.html */
export const getPublicKey: Operation<'GetPublicKey'> = async (request, call) => {
  const usable = await call.useKey(request.KeyId, {
    action: 'kms:GetPublicKey',
    operation: 'GetPublicKey',
    usage: 'SIGN_VERIFY',
    grantTokens: request.GrantTokens,
    checks: [stateShows, asymmetricOnly],
  })
  const { key } = usable
  return {
    KeyId: key.arn,
    PublicKey: await usable.publicKey(),
    CustomerMasterKeySpec: key.spec as 'RSA_2048',
    KeySpec: key.spec,
    KeyUsage: key.usage,
    ...algorithmMembers(key),
  }
}

/** A disabled key still shows its public half. */
const stateShows: KeyCheck = (key) => {
  refuseStates(key, [...goingAway, 'PendingImport', 'Unavailable', 'Creating'])
}

/** AWS sends no text. */
const asymmetricOnly: KeyCheck = (key) => {
  if (keySpecRow(key.spec)?.kind !== 'asymmetric') throw unsupportedOperation()
}
