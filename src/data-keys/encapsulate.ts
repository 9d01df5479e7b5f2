import type { Operation } from '../operation.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Encapsulate.html */
export const encapsulate: Operation<'Encapsulate'> = async (request, call) => {
  const key = await call.useKey(request.KeyId, {
    action: 'kms:Encapsulate',
    operation: 'Encapsulate',
    usage: 'ENCAPSULATE_DECAPSULATE',
    algorithm: request.EncapsulationAlgorithm,
    grantTokens: request.GrantTokens,
    dryRun: request.DryRun,
  })
  const { sharedSecret, ciphertext } = await key.encapsulate()
  return {
    KeyId: key.arn,
    SharedSecret: sharedSecret,
    SharedSecretCiphertextBlob: ciphertext,
    EncapsulationAlgorithm: request.EncapsulationAlgorithm,
  }
}
