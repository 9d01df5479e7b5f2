/**
 * Refusals over AWS's Query protocol, as the SDK's clients of IAM and STS throw them.
 */
import assert from 'node:assert/strict'

/** What both SDKs' errors have. */
interface QueryError extends Error {
  readonly $metadata: { readonly httpStatusCode?: number | undefined }
}

/** Asserts that a call is refused with this code, text and status. */
export type RefusedQuery = (
  call: Promise<unknown>,
  as: readonly [status: number, code: string, text: string | RegExp],
) => Promise<void>

/** The assertion for the errors of one service. */
export function refusedQuery(service: abstract new (...args: never) => QueryError): RefusedQuery {
  return async (call, [status, code, text]) => {
    const error = await call.then(
      () => assert.fail(`not refused: ${code} was expected`),
      (reason: unknown) => reason,
    )
    assert.ok(error instanceof service, String(error))
    const isOne = (given: string) => given === code || given === `${code}Exception`
    assert.ok(isOne(error.name), `${error.name}, not ${code}: ${error.message}`)
    if (text instanceof RegExp) assert.match(error.message, text)
    else assert.equal(error.message, text)
    assert.equal(error.$metadata.httpStatusCode, status)
  }
}
