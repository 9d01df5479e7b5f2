/**
 * Requests of the Query protocol that the SDK would not make, and what their XML says.
 */
import assert from 'node:assert/strict'
import type { Credentials } from './iam.ts'
import type { Started } from './service.ts'
import { signHeader, signQuery, type ToSign } from './signer.ts'
import { type RawAnswer, send } from './wire.ts'

/** How a request departs from a POST of the first account's root user to IAM. */
export interface QueryOptions {
  readonly credentials?: Credentials
  readonly region?: string
  readonly service?: string
  readonly contentType?: string
  /** Pairs in the URL. */
  readonly query?: readonly (readonly [string, string])[]
}

const form = 'application/x-www-form-urlencoded; charset=utf-8'

/** Sends a signed form, which is given as it goes over the wire. */
export function sendForm(
  trent: Started,
  body: string,
  options: QueryOptions = {},
): Promise<RawAnswer> {
  return send(trent.endpoint, signHeader({ ...toSign(trent), contentType: form, body, ...options }))
}

/** Sends an action of IAM with its parameters. */
export function sendQuery(
  trent: Started,
  parameters: Readonly<Record<string, string>>,
  options: QueryOptions = {},
): Promise<RawAnswer> {
  const pairs = { Version: '2010-05-08', ...parameters }
  return sendForm(trent, new URLSearchParams(pairs).toString(), options)
}

/** Sends a GET that is signed in its query. */
export function sendPresigned(
  trent: Started,
  query: readonly (readonly [string, string])[],
  options: QueryOptions = {},
): Promise<RawAnswer> {
  const what = { ...toSign(trent), contentType: null, body: '', method: 'GET', query, ...options }
  return send(trent.endpoint, signQuery(what))
}

function toSign({ endpoint, credentials, clock }: Started): ToSign {
  return { endpoint, credentials, at: clock.now(), service: 'iam', target: null }
}

/** The text of the first element of a name, still escaped; undefined if and only if there is none. */
export function element(body: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^]*?)</${name}>`).exec(body)?.[1]
}

const unescaped = (text: string): string =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')

/** Asserts that an answer is AWS's refusal; `text` is undefined where AWS sends none. */
export function assertFault(
  answer: RawAnswer,
  [status, code, text]: readonly [status: number, code: string, text: string | undefined],
  namespace = 'https://iam.amazonaws.com/doc/2010-05-08/',
): void {
  const { body } = answer
  assert.equal(element(body, 'Code'), code, body)
  assert.equal(unescaped(element(body, 'Message') ?? '') || undefined, text)
  assert.equal(answer.status, status)
  assert.equal(element(body, 'Type'), status < 500 ? 'Sender' : 'Receiver')
  assert.ok(body.startsWith(`<ErrorResponse xmlns="${namespace}"><Error>`), body)
  assert.match(body, /<\/Error><RequestId>[0-9a-f-]{36}<\/RequestId><\/ErrorResponse>\n$/)
  assertEnvelope(answer)
}

/** Asserts what holds of every answer. */
export function assertEnvelope({ headers, body }: RawAnswer): void {
  assert.equal(headers.get('content-type'), 'text/xml')
  assert.equal(headers.get('x-amzn-requestid'), element(body, 'RequestId'))
  assert.equal(Number(headers.get('content-length')), Buffer.byteLength(body))
}

/** Asserts success, and answers what stands inside of the Result; undefined where there is no such element. */
export function resultOf(answer: RawAnswer, action: string): string | undefined {
  const { body } = answer
  assert.equal(answer.status, 200, body)
  assertEnvelope(answer)
  const start = `<${action}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/">`
  assert.ok(body.startsWith(start), body)
  if (body.includes(`<${action}Result/>`)) return ''
  return element(body, `${action}Result`)
}
