/** The query form of a signature: `?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=…&X-Amz-Signature=…`. */
import { incompleteSignature, missingAuthenticationToken } from '../api/errors.ts'
import type { SigningParameters } from './authorization-header.ts'
import { type QueryParameter, queryValue } from './canonical-query.ts'

/**
 * Reads the parameters of a presigned request (step 7 of AWS's order of checks); of duplicates the first wins. Throws
 * MissingAuthenticationTokenException for an algorithm but AWS4-HMAC-SHA256, as AWS does here, and
 * IncompleteSignatureException, naming everything that is missing at once.
 */
export function readPresigned(
  algorithm: string,
  parameters: readonly QueryParameter[],
): SigningParameters {
  if (algorithm !== 'AWS4-HMAC-SHA256') {
    throw missingAuthenticationToken('Request is missing Authentication Token')
  }
  const credential = queryValue(parameters, 'X-Amz-Credential')
  const signature = queryValue(parameters, 'X-Amz-Signature')
  const signedHeaders = queryValue(parameters, 'X-Amz-SignedHeaders')
  const date = queryValue(parameters, 'X-Amz-Date')
  if (
    credential === undefined ||
    signature === undefined ||
    signedHeaders === undefined ||
    date === undefined
  ) {
    throw missing({
      'X-Amz-Credential': credential,
      'X-Amz-Signature': signature,
      'X-Amz-SignedHeaders': signedHeaders,
      'X-Amz-Date': date,
    })
  }
  // Some signers leave it out: AWS's services but S3 do without.
  const expires = queryValue(parameters, 'X-Amz-Expires')
  const sessionToken = queryValue(parameters, 'X-Amz-Security-Token')
  return { credential, signature, signedHeaders, date, expires, sessionToken }
}

function missing(found: Record<string, string | undefined>) {
  const problems = Object.keys(found)
    .filter((name) => found[name] === undefined)
    .map((name) => `AWS query-string parameters must include '${name}'.`)
  return incompleteSignature(`${problems.join(' ')} Re-examine the query-string parameters.`)
}
