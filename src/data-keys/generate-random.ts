import { customKeyStoreNotFound, validation } from '../api/errors.ts'
import { randomBytes } from '../crypto/random.ts'
import type { Operation } from '../operation.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateRandom.html */
export const generateRandom: Operation<'GenerateRandom'> = async (request, call) => {
  if (request.NumberOfBytes === undefined) throw validation('NumberOfBytes is required.')
  call.authorize('kms:GenerateRandom')
  if (request.CustomKeyStoreId !== undefined) throw customKeyStoreNotFound()
  return { Plaintext: randomBytes(request.NumberOfBytes) }
}
