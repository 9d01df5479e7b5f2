/**
 * Grant tokens. A token names one grant on one key and is good for as long as that grant is there; each is different.
 *
 *     version 1 (1 byte) | MAC (32) | random (16) | grant id (32) | account / region / key id (UTF-8)
 *
 * The MAC is over everything behind it, under a key of the root key's own: a token holds on every node and after a
 * restart, and nobody else makes one.
 */
import { holdsMac, type MacKeys, makeMac } from '../crypto/derive.ts'
import { randomBytes } from '../crypto/random.ts'
import type { Grant } from './grant.ts'

/** The grant that a token names. */
export type TokenSubject = Pick<Grant, 'region' | 'keyId' | 'account' | 'id'>

/** A new token of a grant. */
export function makeGrantToken(keys: MacKeys, grant: TokenSubject): string {
  const body = Buffer.concat([
    randomBytes(randomLength),
    Buffer.from(grant.id, 'hex'),
    Buffer.from(`${grant.account}/${grant.region}/${grant.keyId}`, 'utf8'),
  ])
  return Buffer.concat([version, makeMac(keys, tokenParts(body)), body]).toString('base64url')
}

/** The grant that a token names; undefined if and only if Trent did not make it, or somebody has changed it since. */
export function readGrantToken(keys: MacKeys, token: string): TokenSubject | undefined {
  const bytes = Buffer.from(token, 'base64url')
  const body = bytes.subarray(version.length + macLength)
  const genuine =
    body.length > randomLength + idLength &&
    bytes.subarray(0, version.length).equals(version) &&
    holdsMac(keys, tokenParts(body), {
      mac: bytes.subarray(version.length, version.length + macLength),
      length: macLength,
    })
  // Base64 has other spellings of the same bytes.
  if (!genuine || bytes.toString('base64url') !== token) return undefined
  const id = body.subarray(randomLength, randomLength + idLength).toString('hex')
  const place = body.subarray(randomLength + idLength).toString('utf8')
  const [account = '', region = '', keyId = ''] = place.split('/')
  return { account, region, keyId, id }
}

const version = Buffer.from([1])
const macLength = 32
const randomLength = 16
const idLength = 32

function tokenParts(body: Buffer): (string | Buffer)[] {
  return ['grant token', version, body]
}
