import type { Operation } from '../operation.ts'
import { sourceKey } from './source-key.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html */
export const decrypt: Operation<'Decrypt'> = async (request, call) => {
  const algorithm = request.EncryptionAlgorithm ?? 'SYMMETRIC_DEFAULT'
  const { key, header } = await sourceKey(
    {
      action: 'kms:Decrypt',
      operation: 'Decrypt',
      keyId: request.KeyId,
      algorithm,
      blob: request.CiphertextBlob,
      encryptionContext: request.EncryptionContext,
      grantTokens: request.GrantTokens,
      dryRun: request.DryRun,
      dryRunModifiers: request.DryRunModifiers,
      answersDryRun: true,
    },
    call,
  )
  const blob = request.CiphertextBlob ?? new Uint8Array()
  const plaintext = await key.decrypt(blob, request.EncryptionContext)
  return {
    KeyId: key.arn,
    Plaintext: plaintext,
    EncryptionAlgorithm: algorithm,
    KeyMaterialId: header.materialId,
  }
}
