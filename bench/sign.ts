/**
 * Signature Version 4 for KMS requests, from the client's side: whole HTTP requests as bytes, made before they are sent.
 */
import { createHash, createHmac } from 'node:crypto'

/** Whose requests they are, and to whom. */
export interface Client {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly region: string
  /** `127.0.0.1:4599`, as the Host header spells it. */
  readonly host: string
}

const signedHeaders = 'content-type;host;x-amz-date;x-amz-target'
const contentType = 'application/x-amz-json-1.1'

/** A signed request of one operation, ready for the socket; a server takes it for five minutes. */
export function signedRequest(client: Client, operation: string, document: object): Buffer {
  const body = JSON.stringify(document)
  const time = `${new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
  const target = `TrentService.${operation}`
  const scope = `${time.slice(0, 8)}/${client.region}/kms/aws4_request`
  const headers = `content-type:${contentType}\nhost:${client.host}\nx-amz-date:${time}\nx-amz-target:${target}\n`
  const canonical = `POST\n/\n\n${headers}\n${signedHeaders}\n${sha256(body)}`
  const proof = createHmac('sha256', signingKey(client.secretAccessKey, scope))
    .update(`AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`)
    .digest('hex')
  return Buffer.from(
    `POST / HTTP/1.1\r\nHost: ${client.host}\r\nContent-Type: ${contentType}\r\nX-Amz-Date: ${time}\r\n` +
      `X-Amz-Target: ${target}\r\nAuthorization: AWS4-HMAC-SHA256 Credential=${client.accessKeyId}/${scope}, ` +
      `SignedHeaders=${signedHeaders}, Signature=${proof}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

function signingKey(secret: string, scope: string): Buffer {
  let key: Buffer = Buffer.from(`AWS4${secret}`)
  for (const part of scope.split('/')) key = createHmac('sha256', key).update(part).digest()
  return key
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
