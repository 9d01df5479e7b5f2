/**
 * The access key ids of temporary credentials. As AWS does, they carry their account, so that GetAccessKeyInfo can tell it
 * where nothing is stored: behind `ASIA`, in base 32, a bit that is set, 40 bits of account id and 39 random ones.
 */
import { randomBytes } from '../crypto/random.ts'

/** A new access key id of temporary credentials. */
export function newSessionKeyId(account: string): string {
  const random = BigInt(`0x${randomBytes(8).toString('hex')}`) & ((1n << randomBits) - 1n)
  let bits = (((1n << accountBits) | BigInt(account)) << randomBits) | random
  let text = ''
  for (let index = 0; index < characters; index += 1) {
    text = (alphabet[Number(bits & 31n)] ?? '') + text
    bits >>= 5n
  }
  return prefix + text
}

/** Whether an access key id is one of temporary credentials. */
export const isSessionKeyId = (accessKeyId: string): boolean => accessKeyId.startsWith(prefix)

/** The account in such an id; undefined if and only if it has none. Nobody vouches for it. */
export function accountOfSessionKeyId(accessKeyId: string): string | undefined {
  if (!/^ASIA[Q-Z2-7][A-Z2-7]{15}$/.test(accessKeyId)) return undefined
  let bits = 0n
  for (const character of accessKeyId.slice(prefix.length)) {
    bits = (bits << 5n) | BigInt(alphabet.indexOf(character))
  }
  const account = String((bits >> randomBits) & ((1n << accountBits) - 1n)).padStart(12, '0')
  return account.length === 12 ? account : undefined
}

const prefix = 'ASIA'
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const characters = 16
const accountBits = 40n
const randomBits = 39n
