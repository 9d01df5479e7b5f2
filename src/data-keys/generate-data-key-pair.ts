import type { Operation } from '../operation.ts'
import { makeDataKeyPair } from './data-key-pair.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyPair.html */
export const generateDataKeyPair: Operation<'GenerateDataKeyPair'> = async (request, call) => {
  const pair = await makeDataKeyPair(request, 'GenerateDataKeyPair', call)
  return {
    PrivateKeyCiphertextBlob: pair.ciphertext,
    PrivateKeyPlaintext: pair.privateKey,
    PublicKey: pair.publicKey,
    KeyId: pair.key.arn,
    KeyPairSpec: request.KeyPairSpec,
    KeyMaterialId: pair.key.materialId,
  }
}
