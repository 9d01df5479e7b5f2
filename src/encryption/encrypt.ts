import type { Operation } from '../operation.ts'
import { goOn } from '../soon.ts'
import { sealingChecks } from './sealing-checks.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html */
export const encrypt: Operation<'Encrypt'> = (request, call) => {
  const algorithm = request.EncryptionAlgorithm ?? 'SYMMETRIC_DEFAULT'
  const context = request.EncryptionContext
  const usable = call.useKey(request.KeyId, {
    action: 'kms:Encrypt',
    operation: 'Encrypt',
    usage: 'ENCRYPT_DECRYPT',
    algorithm,
    encryptionContext: context,
    grantTokens: request.GrantTokens,
    dryRun: request.DryRun,
    checks: sealingChecks(request.Plaintext.length),
  })
  return goOn(usable, (key) => {
    call.note({ keyMaterialId: key.materialId })
    return goOn(
      key.encrypt({ algorithm, bytes: request.Plaintext, context }),
      (CiphertextBlob) => ({ CiphertextBlob, KeyId: key.arn, EncryptionAlgorithm: algorithm }),
    )
  })
}
