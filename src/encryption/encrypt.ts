import type { Operation } from '../operation.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html */
export const encrypt: Operation<'Encrypt'> = async (request, call) => {
  const algorithm = request.EncryptionAlgorithm ?? 'SYMMETRIC_DEFAULT'
  const key = await call.useKey(request.KeyId, {
    action: 'kms:Encrypt',
    operation: 'Encrypt',
    usage: 'ENCRYPT_DECRYPT',
    algorithm,
    encryptionContext: request.EncryptionContext,
    grantTokens: request.GrantTokens,
    dryRun: request.DryRun,
  })
  call.note({ keyMaterialId: key.currentMaterialId })
  return {
    CiphertextBlob: await key.encrypt(request.Plaintext, request.EncryptionContext),
    KeyId: key.arn,
    EncryptionAlgorithm: algorithm,
  }
}
