/**
 * Sign and Verify for every algorithm and message type, by OpenSSL wherever it can. Importing this costs noble's start-up:
 * the service asks a `WorkPool`, which imports it in its threads.
 */
import type { KeyObject } from 'node:crypto'
import { signByNoble, verifyByNoble } from './noble-signing.ts'
import { isOpensslsOwn, signByOpenssl, verifyByOpenssl } from './openssl-signing.ts'
import type { SigningInput, VerifyingInput } from './signing-input.ts'

/** Signs. ECDSA signatures are DER with any s (RFC 3279 section 2.2.3); the others are as their standards write them. */
export function sign(spec: string, privateKey: KeyObject, input: SigningInput): Buffer {
  const by = isOpensslsOwn(input) ? signByOpenssl : signByNoble
  return by(spec, privateKey, input)
}

/** Whether the signature is of this message by this key. Never throws for the signature's sake, whatever its bytes. */
export function verify(spec: string, publicKey: KeyObject, input: VerifyingInput): boolean {
  const by = isOpensslsOwn(input) ? verifyByOpenssl : verifyByNoble
  return by(spec, publicKey, input)
}
