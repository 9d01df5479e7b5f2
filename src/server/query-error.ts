/**
 * The errors of AWS's Query protocol (IAM and STS): a code, a sentence and a status.
 */
import { KmsError } from '../api/errors.ts'
import { WorkQueueFull } from '../crypto/work.ts'
import { OutcomeUnknown, Unavailable } from '../database/unavailable.ts'
import { xmlElement, type XmlStructure } from './xml.ts'

/** What went wrong, as the caller is told. */
export class QueryError extends Error {
  readonly code: string
  readonly status: number
  /** AWS's sentence; undefined where it sends none. */
  readonly text: string | undefined

  constructor(code: string, text: string | undefined, status = 400) {
    super(text ?? code)
    this.name = 'QueryError'
    this.code = code
    this.text = text
    this.status = status
  }

  /** What the body says of the error. */
  members(): XmlStructure {
    const Type = this.status < 500 ? 'Sender' : 'Receiver'
    return { Type, Code: this.code, Message: this.text }
  }

  /** The body. RequestId is a sibling of Error, other than in the answers of success. */
  xml(namespace: string, requestId: string): string {
    const fault = xmlElement('Error', this.members())
    const request = xmlElement('RequestId', requestId)
    return `<ErrorResponse xmlns="${namespace}">${fault}${request}</ErrorResponse>`
  }
}

/**
 * The one place where an error becomes an answer: the signature's errors go by their Query codes, and whatever is not
 * AWS's own is ServiceFailure, without a word.
 */
export function asQueryError(error: unknown): QueryError {
  if (error instanceof QueryError) return error
  if (error instanceof WorkQueueFull) return throttling('Rate exceeded')
  if (error instanceof Unavailable || error instanceof OutcomeUnknown) return serviceUnavailable()
  const known = error instanceof KmsError ? signatureErrors.get(error.code) : undefined
  if (known === undefined) {
    return serviceFailure(
      'The request processing has failed because of an unknown error, exception or failure.',
    )
  }
  const [code, status] = known
  return new QueryError(code, (error as KmsError).text, status)
}

/** What a signature can have wrong: the code of the JSON services, and the code and status of these. */
const signatureErrors: ReadonlyMap<string, readonly [code: string, status: number]> = new Map([
  ['ExpiredTokenException', ['ExpiredToken', 403]],
  ['IncompleteSignatureException', ['IncompleteSignature', 400]],
  ['InvalidSignatureException', ['SignatureDoesNotMatch', 403]],
  ['MissingAuthenticationTokenException', ['MissingAuthenticationToken', 403]],
  ['SerializationException', ['MalformedQueryString', 400]],
  ['ThrottlingException', ['Throttling', 400]],
  ['UnrecognizedClientException', ['InvalidClientTokenId', 403]],
])

type Factory = (text?: string) => QueryError

const fault =
  (code: string, status: number): Factory =>
  (text) =>
    new QueryError(code, text, status)

export const accessDenied = fault('AccessDenied', 403)
export const deleteConflict = fault('DeleteConflict', 409)
export const entityAlreadyExists = fault('EntityAlreadyExists', 409)
export const invalidAction = fault('InvalidAction', 400)
export const invalidClientTokenId = fault('InvalidClientTokenId', 403)
export const invalidInput = fault('InvalidInput', 400)
export const invalidParameterValue = fault('InvalidParameterValue', 400)
export const limitExceeded = fault('LimitExceeded', 409)
export const malformedInput = fault('MalformedInput', 400)
export const malformedPolicyDocument = fault('MalformedPolicyDocument', 400)
export const missingAction = fault('MissingAction', 400)
export const noSuchEntity = fault('NoSuchEntity', 404)
export const serviceFailure = fault('ServiceFailure', 500)
export const throttling = fault('Throttling', 400)

/** The answer of a process that has lost its database. */
export const serviceUnavailable = () =>
  new QueryError(
    'ServiceUnavailable',
    'The request has failed due to a temporary failure of the server.',
    503,
  )
export const validationError = fault('ValidationError', 400)
