import { kmsInvalidMac } from '../api/errors.ts'
import { macsEqual } from '../crypto/mac.ts'
import type { Operation } from '../operation.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_VerifyMac.html */
export const verifyMac: Operation<'VerifyMac'> = async (request, call) => {
  const key = await call.useKey(request.KeyId, {
    action: 'kms:VerifyMac',
    operation: 'VerifyMac',
    usage: 'GENERATE_VERIFY_MAC',
    algorithm: request.MacAlgorithm,
    grantTokens: request.GrantTokens,
    dryRun: request.DryRun,
  })
  const expected = await key.mac(request.MacAlgorithm, request.Message)
  if (!macsEqual(expected, request.Mac)) throw kmsInvalidMac()
  return { KeyId: key.arn, MacValid: true, MacAlgorithm: request.MacAlgorithm }
}
