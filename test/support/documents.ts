/**
 * Requests that the SDK would not make, signed by the first account's access key, and the answers as they come.
 */
import type { Started } from './service.ts'
import { signHeader } from './signer.ts'
import { type RawAnswer, send } from './wire.ts'

/** Sends a body of our own: text as it is, anything else as JSON. */
export function sendDocument(
  { endpoint, credentials, clock }: Started,
  operation: string,
  body: unknown,
): Promise<RawAnswer> {
  return send(endpoint, signHeader({ endpoint, credentials, at: clock.now(), operation, body }))
}
