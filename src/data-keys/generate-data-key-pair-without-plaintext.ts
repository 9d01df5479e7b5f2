import type { Operation } from '../operation.ts'
import { makeDataKeyPair } from './data-key-pair.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyPairWithoutPlaintext.html */
export const generateDataKeyPairWithoutPlaintext: Operation<
  'GenerateDataKeyPairWithoutPlaintext'
> = async (request, call) => {
  const pair = await makeDataKeyPair(request, 'GenerateDataKeyPairWithoutPlaintext', call)
  pair.privateKey.fill(0)
  return {
    PrivateKeyCiphertextBlob: pair.ciphertext,
    PublicKey: pair.publicKey,
    KeyId: pair.key.arn,
    KeyPairSpec: request.KeyPairSpec,
    KeyMaterialId: pair.key.materialId,
  }
}
