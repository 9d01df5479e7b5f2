/**
 * The canonical request and the string to sign of Signature Version 4 (AWS, "Create a signed AWS API request", steps 1
 * to 3), with the path rules of all services but S3.
 */
import { hash } from 'node:crypto'
import { encodePath } from './percent-encoding.ts'
import { signatureMismatch } from './verify.ts'

/** Lower-case name to trimmed value; repeated headers are joined by commas in order of arrival. */
export type Headers = ReadonlyMap<string, string>

/** The six parts of a canonical request, path and query already canonical. */
export interface CanonicalParts {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: Headers
  /** Lower-case names in ascending order. */
  readonly signedHeaders: readonly string[]
  readonly payloadHash: string
}

/**
 * The canonical request. A signed header that the request lacks has no line at all, so that to drop a header, even an
 * empty one, alters the result.
 */
export function canonicalRequest(parts: CanonicalParts): string {
  let lines = ''
  let names = ''
  for (const name of parts.signedHeaders) {
    const value = parts.headers.get(name)
    if (value !== undefined) lines += `${name}:${collapseSpaces(value)}\n`
    names += names === '' ? name : `;${name}`
  }
  return `${parts.method}\n${parts.path}\n${parts.query}\n${lines}\n${names}\n${parts.payloadHash}`
}

/** The string to sign: `time` is yyyymmddThhmmssZ, `scope` date/region/service/aws4_request. */
export function stringToSign(time: string, scope: string, canonical: string): string {
  const digest = hash('sha256', Buffer.from(canonical, 'latin1'), 'hex')
  return `AWS4-HMAC-SHA256\n${time}\n${scope}\n${digest}`
}

/**
 * The canonical path: dot segments resolved and slashes collapsed where `normalize` is true (AWS's test vectors have
 * both), then percent-encoded. An empty path is `/`.
 */
export function canonicalPath(path: string, normalize = true): string {
  if (path === '/' || path === '') return '/'
  return encodePath(normalize ? normalizePath(path) : path)
}

/** Reads node's rawHeaders. Throws InvalidSignatureException at a second Authorization: which one is meant? */
export function readHeaders(rawHeaders: readonly string[]): Headers {
  const headers = new Map<string, string>()
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] as string).toLowerCase()
    const value = trimBlanks(rawHeaders[i + 1] as string)
    const before = headers.get(name)
    if (before === undefined) headers.set(name, value)
    else if (name === 'authorization') throw signatureMismatch()
    else headers.set(name, `${before},${value}`)
  }
  return headers
}

/**
 * The lower-case hex SHA-256 of the body. Throws InvalidSignatureException where `announced`, the x-amz-content-sha256
 * header, says anything else: a digest of other bytes, or UNSIGNED-PAYLOAD and the STREAMING- forms, which are S3's
 * alone and would leave the body unsigned.
 */
export function payloadHash(body: Uint8Array, announced: string | undefined): string {
  const digest = hash('sha256', body, 'hex')
  if (announced !== undefined && announced !== digest) throw signatureMismatch()
  return digest
}

function normalizePath(path: string): string {
  const kept: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop()
    else if (segment !== '' && segment !== '.') kept.push(segment)
  }
  if (kept.length === 0) return '/'
  return `/${kept.join('/')}${path.endsWith('/') ? '/' : ''}`
}

/**
 * Takes spaces and tabs off both ends. Not String.trim, which takes the byte A0 for a blank: it may be the end of a
 * UTF-8 sequence.
 */
export function trimBlanks(value: string): string {
  let start = 0
  let end = value.length
  while (start < end && isBlank(value.charCodeAt(start))) start += 1
  while (end > start && isBlank(value.charCodeAt(end - 1))) end -= 1
  return start === 0 && end === value.length ? value : value.slice(start, end)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}

function collapseSpaces(value: string): string {
  return value.includes('  ') ? value.replace(/ {2,}/g, ' ') : value
}
