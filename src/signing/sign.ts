import type { Operation } from '../operation.ts'
import { messageChecks } from './message.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html */
export const sign: Operation<'Sign'> = async (request, call) => {
  const key = await call.useKey(request.KeyId, {
    action: 'kms:Sign',
    operation: 'Sign',
    usage: 'SIGN_VERIFY',
    algorithm: request.SigningAlgorithm,
    grantTokens: request.GrantTokens,
    dryRun: request.DryRun,
    checks: messageChecks(request),
  })
  const signature = await key.sign({
    algorithm: request.SigningAlgorithm,
    message: request.Message,
    messageType: request.MessageType ?? 'RAW',
  })
  return { KeyId: key.arn, Signature: signature, SigningAlgorithm: request.SigningAlgorithm }
}
