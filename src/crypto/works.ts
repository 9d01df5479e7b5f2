/**
 * The functions that a `WorkPool` runs, by name, and where each call of them belongs.
 */
import type { KeyObject } from 'node:crypto'
import { agree } from './agreement.ts'
import { decapsulate, encapsulate } from './encapsulation.ts'
import { unwrapImported } from './import-wrapping.ts'
import { canonicalMaterial, checkImportedMaterial } from './imported-material.ts'
import { generateKeyPair, generateMaterial } from './key-material.ts'
import { requireKeySpec } from './key-specs.ts'
import { isOpensslsOwn, signByOpenssl, verifyByOpenssl } from './openssl-signing.ts'
import { rsaDecrypt, rsaEncrypt } from './rsa-encryption.ts'

/**
 * All of them, as far as OpenSSL goes: a thread replaces `sign` and `verify` by those of `signing.ts`, and what needs noble
 * is never run elsewhere.
 */
export const opensslWorks = {
  agree,
  canonicalMaterial,
  checkImportedMaterial,
  decapsulate,
  encapsulate,
  generateKeyPair,
  generateMaterial,
  rsaDecrypt,
  rsaEncrypt,
  sign: signByOpenssl,
  unwrapImported,
  verify: verifyByOpenssl,
}

/** The functions by name. */
export type Works = typeof opensslWorks
/** What can be asked of a pool. */
export type WorkName = keyof Works
/** The same functions, so that a call by name keeps arguments and result together. */
export type WorkTable = {
  readonly [Name in WorkName]: (...args: Parameters<Works[Name]>) => ReturnType<Works[Name]>
}

/** Where a call runs: at once where it is asked for, in a thread, or in a thread for what takes a second and more. */
export type Lane = 'here' | 'threads' | 'generation'

/** The lane of each function's calls, by what the table of key specs says of the key. */
export const lanes: {
  readonly [Name in WorkName]: (...args: Parameters<Works[Name]>) => Lane
} = {
  agree: (spec) => privateLane(spec),
  canonicalMaterial: (spec) => privateLane(spec),
  checkImportedMaterial: (spec) => privateLane(spec),
  decapsulate: () => 'here',
  encapsulate: () => 'here',
  generateKeyPair: (spec) => generationLane(spec),
  generateMaterial: (spec) => generationLane(spec),
  rsaDecrypt: () => 'threads',
  rsaEncrypt: () => 'here',
  sign: (spec, _key: KeyObject, input) => (isOpensslsOwn(input) ? privateLane(spec) : 'threads'),
  unwrapImported: () => 'threads',
  verify: (spec, _key: KeyObject, input) =>
    isOpensslsOwn(input) && !requireKeySpec(spec).slow.public ? 'here' : 'threads',
}

function privateLane(spec: string): Lane {
  return requireKeySpec(spec).slow.private ? 'threads' : 'here'
}

function generationLane(spec: string): Lane {
  const { generate } = requireKeySpec(spec).slow
  return generate === 'very' ? 'generation' : generate === 'yes' ? 'threads' : 'here'
}
