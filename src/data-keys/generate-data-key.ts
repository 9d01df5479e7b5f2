import { randomBytes } from '../crypto/random.ts'
import type { Operation } from '../operation.ts'
import { goOn } from '../soon.ts'
import { dataKeyChecks, dataKeyLength } from './data-key-length.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html */
export const generateDataKey: Operation<'GenerateDataKey'> = (request, call) => {
  const usable = call.useKey(request.KeyId, {
    action: 'kms:GenerateDataKey',
    operation: 'GenerateDataKey',
    usage: 'ENCRYPT_DECRYPT',
    encryptionContext: request.EncryptionContext,
    grantTokens: request.GrantTokens,
    dryRun: request.DryRun,
    checks: dataKeyChecks(request),
  })
  return goOn(usable, (key) => {
    const Plaintext = randomBytes(dataKeyLength(request))
    const sealing = {
      algorithm: 'SYMMETRIC_DEFAULT',
      bytes: Plaintext,
      context: request.EncryptionContext,
    } as const
    return goOn(key.encrypt(sealing), (CiphertextBlob) => ({
      CiphertextBlob,
      Plaintext,
      KeyId: key.arn,
      KeyMaterialId: key.materialId,
    }))
  })
}
