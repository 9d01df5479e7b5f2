/** The query string, taken apart once: for the parameters of a presigned request and for the canonical request. */
import { canonicalComponent, decodeComponent } from './percent-encoding.ts'

/** A parameter with name and value in canonical percent-encoding. */
export interface QueryParameter {
  readonly name: string
  readonly value: string
}

/** The parameters in order of arrival; `a` is `a=`. Throws SerializationException at a malformed escape. */
export function parseQuery(query: string): readonly QueryParameter[] {
  if (query === '') return NONE
  const parameters: QueryParameter[] = []
  for (const piece of query.split('&')) {
    if (piece === '') continue
    const equals = piece.indexOf('=')
    parameters.push(
      equals === -1
        ? { name: canonicalComponent(piece), value: '' }
        : {
            name: canonicalComponent(piece.slice(0, equals)),
            value: canonicalComponent(piece.slice(equals + 1)),
          },
    )
  }
  return parameters
}

/** The decoded value of the first parameter of that name (facts: of duplicates the first wins), or undefined. */
export function queryValue(
  parameters: readonly QueryParameter[],
  name: string,
): string | undefined {
  const found = parameters.find((parameter) => parameter.name === name)
  return found === undefined ? undefined : decodeComponent(found.value)
}

/** The parameters sorted by encoded name, then encoded value, and joined again. */
export function canonicalQuery(parameters: readonly QueryParameter[]): string {
  if (parameters.length === 0) return ''
  return parameters
    .toSorted((a, b) => compare(a.name, b.name) || compare(a.value, b.value))
    .map(({ name, value }) => `${name}=${value}`)
    .join('&')
}

/**
 * The parameters that a presigned request's signature covers: all but the signature itself. A second X-Amz-Signature
 * stays in, so that nothing can be appended to a signed URL.
 */
export function withoutSignature(parameters: readonly QueryParameter[]): readonly QueryParameter[] {
  const signature = parameters.findIndex(({ name }) => name === 'X-Amz-Signature')
  return signature === -1 ? parameters : parameters.toSpliced(signature, 1)
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

const NONE: readonly QueryParameter[] = []
