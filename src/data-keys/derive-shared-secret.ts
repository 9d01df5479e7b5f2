import { validation } from '../api/errors.ts'
import type { Operation } from '../operation.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_DeriveSharedSecret.html */
export const deriveSharedSecret: Operation<'DeriveSharedSecret'> = async (request, call) => {
  const key = await call.useKey(request.KeyId, {
    action: 'kms:DeriveSharedSecret',
    operation: 'DeriveSharedSecret',
    usage: 'KEY_AGREEMENT',
    algorithm: request.KeyAgreementAlgorithm,
    grantTokens: request.GrantTokens,
    dryRun: request.DryRun,
  })
  const secret = await key.agree(request.PublicKey)
  // AWS sends no text for a public key that is none of the key's curve.
  if (secret === undefined) throw validation()
  return {
    KeyId: key.arn,
    SharedSecret: secret,
    KeyAgreementAlgorithm: request.KeyAgreementAlgorithm,
    KeyOrigin: key.key.origin,
  }
}
