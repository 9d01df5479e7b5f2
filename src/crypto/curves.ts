/**
 * The Weierstrass curves, by OpenSSL's names: SEC 2 version 2.0 sections 2.4 to 2.6 (NIST SP 800-186 section 3.2.1).
 */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { derTag, readSequence, subjectPublicKey, writeDer } from './der.ts'
import type { Curve } from './key-specs.ts'

/** Whether an AlgorithmIdentifier's content says: a key on this curve, by its name (RFC 5480 section 2.1.1). */
export function isCurveIdentifier(curve: Curve, content: Uint8Array): boolean {
  return Buffer.from(curves[curve].identifier, 'hex').equals(content)
}

/** The secret number of a private key, as long as the order (SEC 1 appendix C.4). The caller zeroes it. */
export function scalarOf(privateKey: KeyObject): Buffer {
  const der = privateKey.export({ format: 'der', type: 'sec1' })
  try {
    const scalar = readSequence(der)?.[1]
    if (scalar?.tag !== derTag.octetString) throw new Error('this is no key on a curve')
    return Buffer.from(scalar.content)
  } finally {
    der.fill(0)
  }
}

/** The private key of a secret number, its point reckoned by OpenSSL; undefined unless 0 < number < n. */
export function keyOfScalar(curve: Curve, scalar: Uint8Array): KeyObject | undefined {
  const order = Buffer.from(curves[curve].order, 'hex')
  // OpenSSL takes zero, and what is beyond the order, without a word.
  const inRange = scalar.length === order.length && order.compare(scalar) > 0
  if (!inRange || scalar.every((byte) => byte === 0)) return undefined
  const bare = readKey(curve, [writeDer(derTag.octetString, scalar)])
  const spki = createPublicKey(bare).export({ format: 'der', type: 'spki' })
  // OpenSSL writes a key as it was read. With the point in it, nobody who reads it again has to reckon the point again.
  const point = writeDer(derTag.bitString, Buffer.of(0), subjectPublicKey(spki))
  return readKey(curve, [writeDer(derTag.octetString, scalar), writeDer(derTag.point, point)])
}

/** The key of an ECPrivateKey (RFC 5915 section 3) with these members after its version. They are zeroed. */
function readKey(curve: Curve, members: readonly Buffer[]): KeyObject {
  const inner = writeDer(derTag.sequence, writeDer(derTag.integer, Buffer.of(1)), ...members)
  const octets = writeDer(derTag.octetString, inner)
  const version = writeDer(derTag.integer, Buffer.of(0))
  const identifier = writeDer(derTag.sequence, Buffer.from(curves[curve].identifier, 'hex'))
  const key = writeDer(derTag.sequence, version, identifier, octets)
  try {
    return createPrivateKey({ key, format: 'der', type: 'pkcs8' })
  } finally {
    for (const bytes of [...members, inner, octets, key]) bytes.fill(0)
  }
}

const idEcPublicKey = '06072a8648ce3d0201'

const curves: Readonly<Record<Curve, { readonly identifier: string; readonly order: string }>> = {
  prime256v1: {
    identifier: `${idEcPublicKey}06082a8648ce3d030107`,
    order: 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551',
  },
  secp384r1: {
    identifier: `${idEcPublicKey}06052b81040022`,
    order: `${'f'.repeat(48)}c7634d81f4372ddf581a0db248b0a77aecec196accc52973`,
  },
  secp521r1: {
    identifier: `${idEcPublicKey}06052b81040023`,
    order: `01${'f'.repeat(65)}a51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409`,
  },
  secp256k1: {
    identifier: `${idEcPublicKey}06052b8104000a`,
    order: 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141',
  },
}
