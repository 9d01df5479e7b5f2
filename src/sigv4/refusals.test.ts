/** What the tests of errors share: AWS's sentences, and a table of requests with what each is told. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Expected } from './claim.ts'
import type { SignedRequest } from './signed-request.ts'
import { headerOf, NOW, refusal, signHeader, withHeader } from './signer.test.ts'

export const MISSING =
  'MissingAuthenticationTokenException: Request is missing Authentication Token'
export const EXPIRED =
  'InvalidSignatureException: Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T124101Z - 5 min.)'
export const BAD_DATE = (text: string) =>
  `IncompleteSignatureException: Date must be in ISO-8601 'basic format'. Got '${text}'. See http://en.wikipedia.org/wiki/ISO_8601`
export const LATE = NOW + 301_000
export const REGION = "Credential should be scoped to a valid region, not 'mars-1'. "
export const SERVICE = "Credential should be scoped to correct service: 'kms'. "
export const TERMINATOR =
  "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5'. "
export const DAY =
  "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20150829' != '20150830', from '20150830T123600Z'."

export interface Case {
  readonly name: string
  readonly request: SignedRequest
  readonly changes?: Partial<Expected>
  readonly says: string
}

export function run(group: string, cases: readonly Case[]): void {
  for (const { name, request, changes, says } of cases) {
    test(`${group}: ${name}`, () => {
      assert.equal(refusal(request, changes), says)
    })
  }
}

export const authorized = (authorization: string): SignedRequest =>
  withHeader(signHeader(), 'authorization', authorization)

export const replacedIn = (
  request: SignedRequest,
  from: string | RegExp,
  to: string,
): SignedRequest => {
  const before = headerOf(request, 'authorization')
  const after = before.replace(from, to)
  assert.notEqual(after, before)
  return withHeader(request, 'authorization', after)
}

export const requery = (
  request: SignedRequest,
  from: string | RegExp,
  to: string,
): SignedRequest => {
  const query = request.query.replace(from, to)
  assert.notEqual(query, request.query)
  return { ...request, query }
}
