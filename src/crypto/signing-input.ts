/**
 * What Sign and Verify are given, and the row of its algorithm.
 */
import { algorithmRow, type MessageType, messageLength, type SigningRow } from './algorithms.ts'

/** What is signed, and how. The caller has checked algorithm, type and length against `algorithms.ts`. */
export interface SigningInput {
  readonly algorithm: string
  readonly message: Uint8Array
  readonly messageType: MessageType
}

/** A signature to be verified. */
export interface VerifyingInput extends SigningInput {
  readonly signature: Uint8Array
}

/** The row of the input's algorithm. Throws when the input is not what the caller should have let through. */
export function signingRow(input: SigningInput): SigningRow {
  const { algorithm, message, messageType } = input
  const row = algorithmRow(algorithm)
  if (row?.for !== 'signing' || !Object.hasOwn(row.messageTypes, messageType)) {
    throw new Error(`${algorithm} does not sign ${messageType}`)
  }
  const length = messageLength(algorithm, messageType)
  if (length !== undefined && message.length !== length) {
    throw new Error(`${algorithm} signs ${length} bytes of ${messageType}, not ${message.length}`)
  }
  return row
}
