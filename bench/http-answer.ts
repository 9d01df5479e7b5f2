/**
 * Reads of an HTTP/1.1 answer only what a client of KMS must, so that the client costs less than any server.
 */

/** What came back: the status, and the body's bytes. */
export interface Response {
  readonly status: number
  readonly body: Buffer
  /** The bytes of the head and the body together. */
  readonly size: number
}

/** The answer at the beginning of the bytes; undefined while some of it is missing. */
export function readAnswer(bytes: Buffer): Response | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const head = bytes.toString('latin1', 0, end)
  const status = Number(head.slice(9, 12))
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  if (length !== undefined) {
    const size = end + 4 + Number(length)
    return bytes.length < size ? undefined : { status, body: bytes.subarray(end + 4, size), size }
  }
  if (!/\r\ntransfer-encoding: *chunked/i.test(head)) {
    throw new Error(`an answer that does not tell its length: ${head}`)
  }
  const read = readChunks(bytes, end + 4)
  return read && { status, body: read.body, size: read.end }
}

function readChunks(bytes: Buffer, from: number): { body: Buffer; end: number } | undefined {
  const chunks: Buffer[] = []
  for (let at = from; ; ) {
    const line = bytes.indexOf('\r\n', at)
    if (line < 0) return undefined
    const size = Number.parseInt(bytes.toString('latin1', at, line), 16)
    const next = line + 2 + size + 2
    if (bytes.length < next) return undefined
    if (size === 0) return { body: Buffer.concat(chunks), end: next }
    chunks.push(bytes.subarray(line + 2, next - 2))
    at = next
  }
}
