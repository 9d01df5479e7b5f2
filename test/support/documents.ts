/**
 * Requests that the SDK would not make, signed by the first account's access key or by a session, and the answers as they come.
 */
import type { Credentials } from './iam.ts'
import type { Started } from './service.ts'
import { signHeader } from './signer.ts'
import { type RawAnswer, send } from './wire.ts'

/** Sends a body of our own: text as it is, anything else as JSON. */
export function sendDocument(
  {
    endpoint,
    credentials,
    clock,
  }: Omit<Started, 'credentials'> & {
    readonly credentials: Credentials
  },
  operation: string,
  body: unknown,
): Promise<RawAnswer> {
  const { sessionToken: token } = credentials
  const asked = { endpoint, credentials, at: clock.now(), operation, body }
  return send(endpoint, signHeader({ ...asked, ...(token !== undefined && { token }) }))
}
