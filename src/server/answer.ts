/**
 * Answers as AWS JSON 1.1 shapes them: `{}` or nothing, errors with `__type`, `x-amzn-RequestId` on every one.
 */
import { dependencyTimeout, KmsError, kmsInternal, tooManyRequests } from '../api/errors.ts'
import { WorkQueueFull } from '../crypto/work.ts'
import { OutcomeUnknown, Unavailable } from '../database/unavailable.ts'

/** What goes back to the client. */
export interface Answer {
  readonly status: number
  readonly requestId: string
  /** The whole body; the empty string is no body at all. */
  readonly body: string
  /** application/x-amz-json-1.1 when left out. */
  readonly contentType?: string
  /** Success when left out. */
  readonly code?: string
  /** For operators to count, where the target does not tell it; a name out of a table. */
  readonly operation?: string
}

/** The answer to a call that succeeded. Blobs are at the top level of every response and travel as base64. */
export function success(requestId: string, response: object | undefined): Answer {
  if (response === undefined) return { status: 200, requestId, body: '' }
  return { status: 200, requestId, body: JSON.stringify(encodeBlobs(response)) }
}

/** The answer to a call that failed. */
export function failure(requestId: string, error: KmsError): Answer {
  return { status: error.status, requestId, body: error.body(), code: error.code }
}

/** The one place where an error becomes an answer: too much work is
 * ThrottlingException, a database that does not answer DependencyTimeoutException, and whatever else is not AWS's own is KMSInternalException, without a word. */
export function asKmsError(error: unknown): KmsError {
  if (error instanceof KmsError) return error
  if (error instanceof WorkQueueFull) {
    return tooManyRequests()
  }
  if (error instanceof Unavailable || error instanceof OutcomeUnknown) return dependencyTimeout()
  return kmsInternal()
}

/** The response with its blobs as base64. */
function encodeBlobs(response: object): object {
  const encoded: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(response) as [string, unknown][]) {
    encoded[name] =
      value instanceof Uint8Array
        ? Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64')
        : value
  }
  return encoded
}
