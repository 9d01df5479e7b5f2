import { invalidCiphertext } from '../api/errors.ts'
import type { Operation } from '../operation.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Decapsulate.html */
export const decapsulate: Operation<'Decapsulate'> = async (request, call) => {
  const key = await call.useKey(request.KeyId, {
    action: 'kms:Decapsulate',
    operation: 'Decapsulate',
    usage: 'ENCAPSULATE_DECAPSULATE',
    algorithm: request.EncapsulationAlgorithm,
    grantTokens: request.GrantTokens,
    dryRun: request.DryRun,
  })
  const secret = await key.decapsulate(request.SharedSecretCiphertextBlob)
  if (secret === undefined) throw invalidCiphertext('the ciphertext has the wrong length')
  return {
    KeyId: key.arn,
    SharedSecret: secret,
    EncapsulationAlgorithm: request.EncapsulationAlgorithm,
  }
}
