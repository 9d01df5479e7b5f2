/**
 * The two kinds of error: a `KmsError`, which the caller sees as AWS would phrase it, and anything else, which is a
 * bug or a fault and becomes KMSInternalException with no detail. One small factory for each exception of the facts.
 */

/** An error of the AWS KMS API: what goes on the wire as `{"__type": code, "message": message}`. */
export class KmsError extends Error {
  readonly code: ErrorCode
  /** The HTTP status: 400 for every client fault, whatever the model's traits say; 500 for the service's own. */
  readonly status: number
  /** What AWS says; undefined where AWS sends no text at all. */
  readonly text: string | undefined
  /** For the log and the record, never for the caller. */
  readonly detail: string | undefined

  constructor(code: ErrorCode, text?: string, more: { status?: number; detail?: string } = {}) {
    super(text ?? code)
    this.name = 'KmsError'
    this.code = code
    this.status = more.status ?? 400
    this.text = text
    this.detail = more.detail
  }

  /** The body of the answer. AccessDeniedException and SerializationException spell their text member with a capital. */
  body(): string {
    if (this.text === undefined) return JSON.stringify({ __type: this.code })
    return this.code === 'AccessDeniedException' || this.code === 'SerializationException'
      ? JSON.stringify({ __type: this.code, Message: this.text })
      : JSON.stringify({ __type: this.code, message: this.text })
  }
}

/** Every error code that Trent answers with. */
export type ErrorCode =
  | 'AccessDeniedException'
  | 'AlreadyExistsException'
  | 'ConflictException'
  | 'CustomKeyStoreNotFoundException'
  | 'DependencyTimeoutException'
  | 'DisabledException'
  | 'DryRunOperationException'
  | 'ExpiredImportTokenException'
  | 'ExpiredTokenException'
  | 'IncompleteSignatureException'
  | 'IncorrectKeyException'
  | 'IncorrectKeyMaterialException'
  | 'InvalidAliasNameException'
  | 'InvalidArnException'
  | 'InvalidCiphertextException'
  | 'InvalidGrantIdException'
  | 'InvalidGrantTokenException'
  | 'InvalidImportTokenException'
  | 'InvalidKeyUsageException'
  | 'InvalidMarkerException'
  | 'InvalidSignatureException'
  | 'KMSInternalException'
  | 'KMSInvalidMacException'
  | 'KMSInvalidSignatureException'
  | 'KMSInvalidStateException'
  | 'LimitExceededException'
  | 'MalformedHttpRequestException'
  | 'MalformedPolicyDocumentException'
  | 'MissingAuthenticationTokenException'
  | 'NotAuthorizedException'
  | 'NotFoundException'
  | 'RequestEntityTooLargeException'
  | 'RequestTimeoutException'
  | 'SerializationException'
  | 'ServiceUnavailableException'
  | 'TagException'
  | 'ThrottlingException'
  | 'UnknownOperationException'
  | 'UnrecognizedClientException'
  | 'UnsupportedOperationException'
  | 'ValidationException'

type Factory = (text?: string, detail?: string) => KmsError

const clientFault =
  (code: ErrorCode): Factory =>
  (text, detail) =>
    new KmsError(code, text, detail === undefined ? {} : { detail })

const serviceFault =
  (code: ErrorCode, status: number): Factory =>
  (text, detail) =>
    new KmsError(code, text, detail === undefined ? { status } : { status, detail })

export const accessDenied = clientFault('AccessDeniedException')
export const alreadyExists = clientFault('AlreadyExistsException')
export const conflict = clientFault('ConflictException')
export const customKeyStoreNotFound = clientFault('CustomKeyStoreNotFoundException')
export const disabled = clientFault('DisabledException')
export const expiredImportToken = clientFault('ExpiredImportTokenException')
export const expiredToken = clientFault('ExpiredTokenException')
export const incompleteSignature = clientFault('IncompleteSignatureException')
export const invalidAliasName = clientFault('InvalidAliasNameException')
export const invalidArn = clientFault('InvalidArnException')
export const invalidGrantId = clientFault('InvalidGrantIdException')
export const invalidGrantToken = clientFault('InvalidGrantTokenException')
export const incorrectKeyMaterial = clientFault('IncorrectKeyMaterialException')
export const invalidImportToken = clientFault('InvalidImportTokenException')
export const invalidKeyUsage = clientFault('InvalidKeyUsageException')
export const invalidMarker = clientFault('InvalidMarkerException')
export const invalidSignature = clientFault('InvalidSignatureException')
export const invalidState = clientFault('KMSInvalidStateException')
export const kmsInvalidMac = clientFault('KMSInvalidMacException')
export const kmsInvalidSignature = clientFault('KMSInvalidSignatureException')
export const limitExceeded = clientFault('LimitExceededException')
export const malformedHttpRequest = clientFault('MalformedHttpRequestException')
export const malformedPolicyDocument = clientFault('MalformedPolicyDocumentException')
export const missingAuthenticationToken = clientFault('MissingAuthenticationTokenException')
export const notAuthorized = clientFault('NotAuthorizedException')
export const notFound = clientFault('NotFoundException')
export const serialization = clientFault('SerializationException')
export const tagException = clientFault('TagException')
export const throttling = clientFault('ThrottlingException')
export const unknownOperation = clientFault('UnknownOperationException')
export const unrecognizedClient = clientFault('UnrecognizedClientException')
export const unsupportedOperation = clientFault('UnsupportedOperationException')
export const validation = clientFault('ValidationException')

export const requestEntityTooLarge = serviceFault('RequestEntityTooLargeException', 413)
export const requestTimeout = serviceFault('RequestTimeoutException', 408)
export const serviceUnavailable = serviceFault('ServiceUnavailableException', 503)
export const dependencyTimeout = serviceFault('DependencyTimeoutException', 500)
export const kmsInternal = serviceFault('KMSInternalException', 500)

/** Decrypt or ReEncrypt of anything that does not authenticate; AWS sends no text, so nothing tells which part was wrong. */
export const invalidCiphertext = (detail?: string): KmsError =>
  new KmsError('InvalidCiphertextException', undefined, detail === undefined ? {} : { detail })

/** The key of the request is not the key of the ciphertext, whatever its type or state. */
export const incorrectKey = (): KmsError =>
  new KmsError(
    'IncorrectKeyException',
    'The key ID in the request does not identify a CMK that can perform this operation.',
  )

/** The caller's account makes more requests than it may. */
export const tooManyRequests = (): KmsError =>
  throttling(
    'You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.',
  )

/** Every check passed and DryRun was set. */
export const dryRunOperation = (): KmsError =>
  new KmsError(
    'DryRunOperationException',
    'The request would have succeeded, but the DryRun option is set.',
  )
