/**
 * Answers as AWS JSON 1.1 shapes them: `{}` or nothing, errors with `__type`, `x-amzn-RequestId` on every one.
 */
import {
  dependencyTimeout,
  KmsError,
  kmsInternal,
  requestEntityTooLarge,
  tooManyRequests,
} from '../api/errors.ts'
import { uuid } from '../crypto/random.ts'
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
  return { status: 200, requestId, body: responseText(response) }
}

/** The answer to a call that failed. */
export function failure(requestId: string, error: KmsError): Answer {
  return { status: error.status, requestId, body: error.body(), code: error.code }
}

/** The answer to a request whose body is larger than it may be. */
export const tooLarge = (): Answer => failure(uuid(), requestEntityTooLarge())

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

/** The response as JSON, its blobs as base64, which needs no escapes. It is written directly: no copy of it is made first. */
function responseText(response: object): string {
  let text = ''
  const members = response as Readonly<Record<string, unknown>>
  for (const name of Object.keys(response)) {
    const value = members[name]
    if (value === undefined) continue
    text += `${text === '' ? '{' : ','}"${name}":${value instanceof Uint8Array ? blobText(value) : JSON.stringify(value)}`
  }
  return text === '' ? '{}' : `${text}}`
}

const blobText = (bytes: Uint8Array): string =>
  `"${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')}"`
