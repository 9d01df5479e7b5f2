import type { Operation } from '../operation.ts'
import { goOn } from '../soon.ts'
import { sourceKey } from './source-key.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html */
export const decrypt: Operation<'Decrypt'> = (request, call) => {
  const algorithm = request.EncryptionAlgorithm ?? 'SYMMETRIC_DEFAULT'
  const context = request.EncryptionContext
  const source = sourceKey(
    {
      action: 'kms:Decrypt',
      operation: 'Decrypt',
      keyId: request.KeyId,
      algorithm,
      blob: request.CiphertextBlob,
      encryptionContext: context,
      grantTokens: request.GrantTokens,
      dryRun: request.DryRun,
      dryRunModifiers: request.DryRunModifiers,
      answersDryRun: true,
    },
    call,
  )
  const bytes = request.CiphertextBlob ?? new Uint8Array()
  return goOn(source, ({ key, materialId }) =>
    goOn(key.decrypt({ algorithm, bytes, context }), (Plaintext) => ({
      KeyId: key.arn,
      Plaintext,
      EncryptionAlgorithm: algorithm,
      ...(materialId !== undefined && { KeyMaterialId: materialId }),
    })),
  )
}
