/**
 * The message of Sign and Verify: what type of message goes with which algorithm, and how long a digest is.
 */
import { validation } from '../api/errors.ts'
import type { MessageType, SigningAlgorithm } from '../api/types.ts'
import { messageLength, takesMessageType } from '../crypto/algorithms.ts'
import { algorithmFits, stateAllows, usageFits } from '../keys/key-checks.ts'
import type { KeyCheck } from '../operation.ts'

/** The members that Sign and Verify share. */
export interface MessageRequest {
  readonly Message: Uint8Array
  readonly MessageType?: MessageType | undefined
  readonly SigningAlgorithm: SigningAlgorithm
}

/** The order of Sign and Verify: usage, state, algorithm, message type, length of the digest. */
export function messageChecks(request: MessageRequest): readonly KeyCheck[] {
  const type = request.MessageType ?? 'RAW'
  return [
    usageFits,
    stateAllows,
    algorithmFits,
    (key) => {
      if (takesMessageType(request.SigningAlgorithm, type)) return
      // The sentence names the key spec of ML-DSA keys, and the algorithm of all others.
      const what = key.spec.startsWith('ML_DSA')
        ? `key spec ${key.spec}`
        : `algorithm ${request.SigningAlgorithm}`
      throw validation(`Message type ${type} is incompatible with ${what}.`)
    },
    () => {
      const length = messageLength(request.SigningAlgorithm, type)
      if (length === undefined || request.Message.length === length) return
      throw validation(`Digest is invalid length for algorithm ${request.SigningAlgorithm}.`)
    },
  ]
}
