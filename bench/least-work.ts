/**
 * The least that an Encrypt whose caller is known can cost: its signature verified and its plaintext encrypted, by the
 * calls of `node:crypto` that this takes and with everything kept that can be kept. No request time is looked at, no
 * policy, no key found, nothing recorded. It tells how much of the distance to a bare server is the cryptography alone.
 */
import {
  createCipheriv,
  createHmac,
  createSecretKey,
  hash,
  type KeyObject,
  randomFillSync,
  timingSafeEqual,
} from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** A body of so many bytes in answer to an Encrypt; undefined where the signature does not hold. */
export type Encrypting = (
  request: IncomingMessage,
  body: Buffer,
  bytes: number,
) => string | undefined

const authorization =
  /^AWS4-HMAC-SHA256 Credential=[^/]+\/([^,]+), SignedHeaders=([^,]+), Signature=(\w+)$/

/** Encrypts for whoever signs with that secret access key. */
export function leastWork(secretAccessKey: string): Encrypting {
  const signingKeys = new Map<string, KeyObject>()
  const material = createSecretKey(randomFillSync(Buffer.alloc(32)))
  const nonce = Buffer.alloc(12)

  const signingKey = (scope: string): KeyObject => {
    const known = signingKeys.get(scope)
    if (known !== undefined) return known
    let key: Buffer = Buffer.from(`AWS4${secretAccessKey}`)
    for (const part of scope.split('/')) key = createHmac('sha256', key).update(part).digest()
    const made = createSecretKey(key)
    signingKeys.set(scope, made)
    return made
  }

  const signatureHolds = ({ headers }: IncomingMessage, body: Buffer): boolean => {
    const [, scope = '', names = '', signature = ''] =
      authorization.exec(headers.authorization ?? '') ?? []
    let canonical = 'POST\n/\n\n'
    for (const name of names.split(';')) canonical += `${name}:${String(headers[name])}\n`
    canonical += `\n${names}\n${hash('sha256', body)}`
    const proof = createHmac('sha256', signingKey(scope))
      .update(
        `AWS4-HMAC-SHA256\n${String(headers['x-amz-date'])}\n${scope}\n${hash('sha256', canonical)}`,
      )
      .digest()
    const given = Buffer.from(signature, 'hex')
    return given.length === proof.length && timingSafeEqual(given, proof)
  }

  return (request, body, bytes) => {
    const { KeyId, Plaintext, EncryptionContext } = JSON.parse(body.toString()) as Readonly<
      Record<string, string>
    >
    if (!signatureHolds(request, body)) return undefined
    const cipher = createCipheriv('aes-256-gcm', material, randomFillSync(nonce))
    cipher.setAAD(Buffer.from(JSON.stringify(EncryptionContext)))
    const sealed = [nonce, cipher.update(Plaintext ?? '', 'base64'), cipher.final()]
    const CiphertextBlob = Buffer.concat([...sealed, cipher.getAuthTag()]).toString('base64')
    const answer = { CiphertextBlob, KeyId, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' }
    // As long as the other's, whose blob names more.
    return JSON.stringify(answer).padEnd(bytes)
  }
}
