import { kmsInvalidSignature } from '../api/errors.ts'
import type { Operation } from '../operation.ts'
import { messageChecks } from './message.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Verify.html */
export const verify: Operation<'Verify'> = async (request, call) => {
  const key = await call.useKey(request.KeyId, {
    action: 'kms:Verify',
    operation: 'Verify',
    usage: 'SIGN_VERIFY',
    algorithm: request.SigningAlgorithm,
    grantTokens: request.GrantTokens,
    dryRun: request.DryRun,
    checks: messageChecks(request),
  })
  const holds = await key.verify(
    {
      algorithm: request.SigningAlgorithm,
      message: request.Message,
      messageType: request.MessageType ?? 'RAW',
    },
    request.Signature,
  )
  if (!holds) throw kmsInvalidSignature()
  return { KeyId: key.arn, SignatureValid: true, SigningAlgorithm: request.SigningAlgorithm }
}
