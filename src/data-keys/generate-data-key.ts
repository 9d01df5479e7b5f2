import { randomBytes } from '../crypto/random.ts'
import type { Operation } from '../operation.ts'
import { dataKeyChecks, dataKeyLength } from './data-key-length.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html */
export const generateDataKey: Operation<'GenerateDataKey'> = async (request, call) => {
  const key = await call.useKey(request.KeyId, {
    action: 'kms:GenerateDataKey',
    operation: 'GenerateDataKey',
    usage: 'ENCRYPT_DECRYPT',
    encryptionContext: request.EncryptionContext,
    grantTokens: request.GrantTokens,
    dryRun: request.DryRun,
    checks: dataKeyChecks(request),
  })
  const plaintext = randomBytes(dataKeyLength(request))
  return {
    CiphertextBlob: await key.encrypt({
      algorithm: 'SYMMETRIC_DEFAULT',
      bytes: plaintext,
      context: request.EncryptionContext,
    }),
    Plaintext: plaintext,
    KeyId: key.arn,
    KeyMaterialId: key.materialId,
  }
}
