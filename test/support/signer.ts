/**
 * A signer of requests, written from AWS's description and sharing no code with what it tests.
 */
import { createHash, createHmac } from 'node:crypto'
import type { RawRequest } from './wire.ts'

/** An access key. */
export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** What to sign, and how. */
export interface ToSign {
  readonly endpoint: string
  readonly credentials: Credentials
  /** The moment of the signature, in milliseconds since 1970. */
  readonly at: number
  /** `ListKeys` for `X-Amz-Target: TrentService.ListKeys`. */
  readonly operation?: string
  /** The whole target in place of that of `operation`; null sends none. */
  readonly target?: string | null
  /** That of JSON when left out; null sends none. */
  readonly contentType?: string | null
  /** Bytes or text as they are, anything else as JSON. */
  readonly body?: unknown
  readonly method?: string
  /** Path without query, as it is sent and signed. */
  readonly path?: string
  readonly query?: readonly (readonly [string, string])[]
  /** Further headers, signed. */
  readonly headers?: Readonly<Record<string, string>>
  /** Further headers, not signed. */
  readonly unsigned?: Readonly<Record<string, string>>
  readonly token?: string
  readonly region?: string
  readonly service?: string
  readonly terminator?: string
  /** The day of the scope, when it is to be another than that of `at`. */
  readonly day?: string
  /** Seconds that a request signed in its query lives; null does not say it. */
  readonly expires?: string | null
}

/** A request signed in its Authorization header. */
export function signHeader(what: ToSign): RawRequest {
  const { method, path, body, date, scope } = partsOf(what)
  const headers = [
    ...headersOf(what),
    ['X-Amz-Date', date] as const,
    ...(what.token === undefined ? [] : [['X-Amz-Security-Token', what.token] as const]),
  ]
  const query = what.query ?? []
  const proof = signature(what, canonicalOf({ method, path, query, headers, body }))
  const authorization = `AWS4-HMAC-SHA256 Credential=${what.credentials.accessKeyId}/${scope}, SignedHeaders=${namesOf(headers)}, Signature=${proof}`
  return {
    method,
    url: urlOf(path, query),
    headers: [...headers, ...unsignedOf(what), ['Authorization', authorization]],
    body,
  }
}

/** A request signed in its query. */
export function signQuery(what: ToSign): RawRequest {
  const { method, path, body, date, scope } = partsOf(what)
  const headers = headersOf(what)
  const query: (readonly [string, string])[] = [
    ...(what.query ?? []),
    ['X-Amz-Algorithm', 'AWS4-HMAC-SHA256'],
    ['X-Amz-Credential', `${what.credentials.accessKeyId}/${scope}`],
    ['X-Amz-Date', date],
    ...(what.expires === null ? [] : [['X-Amz-Expires', what.expires ?? '300'] as const]),
    ['X-Amz-SignedHeaders', namesOf(headers)],
    ...(what.token === undefined ? [] : [['X-Amz-Security-Token', what.token] as const]),
  ]
  const proof = signature(what, canonicalOf({ method, path, query, headers, body }))
  return {
    method,
    url: urlOf(path, [...query, ['X-Amz-Signature', proof]]),
    headers: [...headers, ...unsignedOf(what)],
    body,
  }
}

function partsOf(what: ToSign): {
  readonly method: string
  readonly path: string
  readonly body: Buffer
  readonly date: string
  readonly scope: string
} {
  const { method = 'POST', path = '/', body = {} } = what
  return { method, path, body: bodyOf(body), date: dateOf(what.at), scope: scopeOf(what) }
}

function bodyOf(body: unknown): Buffer {
  if (body instanceof Uint8Array) return Buffer.from(body)
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
}

/** `20150830T123600Z`. */
export const dateOf = (at: number): string =>
  `${new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`

function scopeOf(what: ToSign): string {
  const { region = 'us-east-1', service = 'kms', terminator = 'aws4_request' } = what
  return [what.day ?? dateOf(what.at).slice(0, 8), region, service, terminator].join('/')
}

function headersOf(what: ToSign): (readonly [string, string])[] {
  const { operation = 'ListKeys', target = `TrentService.${operation}` } = what
  const { contentType = 'application/x-amz-json-1.1' } = what
  return [
    ['Host', new URL(what.endpoint).host],
    ...(contentType === null ? [] : [['Content-Type', contentType] as const]),
    ...(target === null ? [] : [['X-Amz-Target', target] as const]),
    ...Object.entries(what.headers ?? {}),
  ]
}

const unsignedOf = (what: ToSign): (readonly [string, string])[] =>
  Object.entries(what.unsigned ?? {})

function canonicalOf(request: {
  readonly method: string
  readonly path: string
  readonly query: readonly (readonly [string, string])[]
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Buffer
}): string {
  const query = request.query.map(encoded).sort().join('&')
  const lines = request.headers
    .map(([name, value]) => `${name.toLowerCase()}:${value.trim()}\n`)
    .sort()
    .join('')
  const digest = createHash('sha256').update(request.body).digest('hex')
  return [request.method, request.path, query, lines, namesOf(request.headers), digest].join('\n')
}

const encoded = ([name, value]: readonly [string, string]): string =>
  `${encodeURIComponent(name)}=${encodeURIComponent(value)}`

const namesOf = (headers: readonly (readonly [string, string])[]): string =>
  headers
    .map(([name]) => name.toLowerCase())
    .sort()
    .join(';')

function urlOf(path: string, query: readonly (readonly [string, string])[]): string {
  return query.length === 0 ? path : `${path}?${query.map(encoded).join('&')}`
}

function signature(what: ToSign, canonical: string): string {
  const scope = scopeOf(what)
  const digest = createHash('sha256').update(canonical, 'latin1').digest('hex')
  const key = scope
    .split('/')
    .reduce<Buffer>(
      (last, element) => createHmac('sha256', last).update(element).digest(),
      Buffer.from(`AWS4${what.credentials.secretAccessKey}`),
    )
  return createHmac('sha256', key)
    .update(`AWS4-HMAC-SHA256\n${dateOf(what.at)}\n${scope}\n${digest}`)
    .digest('hex')
}
