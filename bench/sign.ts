/**
 * Signature Version 4 for KMS requests, from the client's side: whole HTTP requests as bytes, made before they are sent.
 */
import { createHash, createHmac } from 'node:crypto'

/** Whose requests they are, and to whom. */
export interface Client {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
  readonly region: string
  /** `127.0.0.1:4599`, as the Host header spells it. */
  readonly host: string
  /** Set where TLS is spoken, with the authority if it is none that Node knows. */
  readonly tls?: { readonly ca?: string | undefined } | undefined
}

const contentType = 'application/x-amz-json-1.1'

/** A signed request of one operation, ready for the socket; a server takes it for five minutes. */
export function signedRequest(client: Client, operation: string, document: object): Buffer {
  const body = JSON.stringify(document)
  const time = `${new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
  const scope = `${time.slice(0, 8)}/${client.region}/kms/aws4_request`
  const { sessionToken } = client
  const signed = [
    ['content-type', contentType],
    ['host', client.host],
    ['x-amz-date', time],
    ...(sessionToken === undefined ? [] : [['x-amz-security-token', sessionToken]]),
    ['x-amz-target', `TrentService.${operation}`],
  ]
  const names = signed.map(([name]) => name).join(';')
  const headers = signed.map(([name, value]) => `${name}:${value}\n`).join('')
  const canonical = `POST\n/\n\n${headers}\n${names}\n${sha256(body)}`
  const proof = createHmac('sha256', signingKey(client.secretAccessKey, scope))
    .update(`AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`)
    .digest('hex')
  return Buffer.from(
    `POST / HTTP/1.1\r\n${headers.replaceAll('\n', '\r\n')}` +
      `authorization: AWS4-HMAC-SHA256 Credential=${client.accessKeyId}/${scope}, ` +
      `SignedHeaders=${names}, Signature=${proof}\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

/** The last signing key that was made: the requests of a pool share it. */
let made: { readonly of: string; readonly key: Buffer } | undefined

function signingKey(secret: string, scope: string): Buffer {
  const of = `${secret} ${scope}`
  if (made?.of === of) return made.key
  let key: Buffer = Buffer.from(`AWS4${secret}`)
  for (const part of scope.split('/')) key = createHmac('sha256', key).update(part).digest()
  made = { of, key }
  return key
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
