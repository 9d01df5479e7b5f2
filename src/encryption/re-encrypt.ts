import type { Operation } from '../operation.ts'
import { openingChecks, refuseTooLong } from './sealing-checks.ts'
import { sourceKey } from './source-key.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ReEncrypt.html */
export const reEncrypt: Operation<'ReEncrypt'> = async (request, call) => {
  const sourceAlgorithm = request.SourceEncryptionAlgorithm ?? 'SYMMETRIC_DEFAULT'
  const destinationAlgorithm = request.DestinationEncryptionAlgorithm ?? 'SYMMETRIC_DEFAULT'
  const source = await sourceKey(
    {
      action: 'kms:ReEncryptFrom',
      operation: 'ReEncryptFrom',
      keyId: request.SourceKeyId,
      algorithm: sourceAlgorithm,
      blob: request.CiphertextBlob,
      encryptionContext: request.SourceEncryptionContext,
      grantTokens: request.GrantTokens,
      dryRun: request.DryRun,
      dryRunModifiers: request.DryRunModifiers,
      answersDryRun: false,
      conditions: async (key) => onSameKey(await call.isKey(request.DestinationKeyId, key)),
    },
    call,
  )
  const destination = await call.useKey(request.DestinationKeyId, {
    action: 'kms:ReEncryptTo',
    operation: 'ReEncryptTo',
    usage: 'ENCRYPT_DECRYPT',
    algorithm: destinationAlgorithm,
    encryptionContext: request.DestinationEncryptionContext,
    grantTokens: request.GrantTokens,
    dryRun: request.DryRun,
    checks: openingChecks,
    conditions: async (key) => onSameKey(key.arn === source.key.arn),
  })
  const plaintext = await source.key.decrypt({
    algorithm: sourceAlgorithm,
    bytes: request.CiphertextBlob ?? new Uint8Array(),
    context: request.SourceEncryptionContext,
  })
  try {
    refuseTooLong(destination.key, { algorithm: destinationAlgorithm, length: plaintext.length })
    const ciphertext = await destination.encrypt({
      algorithm: destinationAlgorithm,
      bytes: plaintext,
      context: request.DestinationEncryptionContext,
    })
    return {
      CiphertextBlob: ciphertext,
      SourceKeyId: source.key.arn,
      KeyId: destination.arn,
      SourceEncryptionAlgorithm: sourceAlgorithm,
      DestinationEncryptionAlgorithm: destinationAlgorithm,
      SourceKeyMaterialId: source.materialId,
      DestinationKeyMaterialId: destination.materialId,
    }
  } finally {
    plaintext.fill(0)
  }
}

const onSameKey = (same: boolean) => ({ 'kms:reencryptonsamekey': [String(same)] })
