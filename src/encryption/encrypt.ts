import type { Operation } from '../operation.ts'
import { sealingChecks } from './sealing-checks.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html */
export const encrypt: Operation<'Encrypt'> = async (request, call) => {
  const algorithm = request.EncryptionAlgorithm ?? 'SYMMETRIC_DEFAULT'
  const context = request.EncryptionContext
  const key = await call.useKey(request.KeyId, {
    action: 'kms:Encrypt',
    operation: 'Encrypt',
    usage: 'ENCRYPT_DECRYPT',
    algorithm,
    encryptionContext: context,
    grantTokens: request.GrantTokens,
    dryRun: request.DryRun,
    checks: sealingChecks(request.Plaintext.length),
  })
  call.note({ keyMaterialId: key.materialId })
  return {
    CiphertextBlob: await key.encrypt({ algorithm, bytes: request.Plaintext, context }),
    KeyId: key.arn,
    EncryptionAlgorithm: algorithm,
  }
}
