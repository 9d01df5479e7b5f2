/** What of an HTTP request its signature covers; kept apart from node's own type, so that anything can be verified. */

/**
 * A request as it arrived. Strings hold one character for each byte on the wire (latin1), as node's parser hands them
 * over; the signer hashed those bytes, so they are never read as UTF-8 here.
 */
export interface SignedRequest {
  readonly method: string
  /** The path as sent, up to the `?`. */
  readonly path: string
  /** The query as sent, after the `?`; empty where there is none. */
  readonly query: string
  /** node's `rawHeaders`: name, value, name, value, in order of arrival. */
  readonly headers: readonly string[]
  readonly body: Uint8Array
}
