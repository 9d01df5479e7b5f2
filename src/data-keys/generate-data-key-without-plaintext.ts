import { randomBytes } from '../crypto/random.ts'
import type { Operation } from '../operation.ts'
import { dataKeyChecks, dataKeyLength } from './data-key-length.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyWithoutPlaintext.html */
export const generateDataKeyWithoutPlaintext: Operation<'GenerateDataKeyWithoutPlaintext'> = async (
  request,
  call,
) => {
  const key = await call.useKey(request.KeyId, {
    action: 'kms:GenerateDataKeyWithoutPlaintext',
    operation: 'GenerateDataKeyWithoutPlaintext',
    usage: 'ENCRYPT_DECRYPT',
    encryptionContext: request.EncryptionContext,
    grantTokens: request.GrantTokens,
    dryRun: request.DryRun,
    checks: dataKeyChecks(request),
  })
  const plaintext = randomBytes(dataKeyLength(request))
  try {
    return {
      CiphertextBlob: await key.encrypt({
        algorithm: 'SYMMETRIC_DEFAULT',
        bytes: plaintext,
        context: request.EncryptionContext,
      }),
      KeyId: key.arn,
      KeyMaterialId: key.materialId,
    }
  } finally {
    plaintext.fill(0)
  }
}
