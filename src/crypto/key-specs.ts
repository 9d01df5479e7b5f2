/**
 * Everything that is to be known about a key spec, in one table; nothing else enumerates them.
 * AWS KMS Developer Guide, "Key spec reference"; algorithms in the order in which AWS lists them in KeyMetadata.
 */

/** What a key of one spec may be used for, and by which algorithms. */
export interface KeySpecRow {
  /** Symmetric encryption keys alone have key material ids and an encryption context. */
  readonly kind: 'symmetric' | 'asymmetric' | 'hmac'
  /** The algorithms of each usage that the spec allows. */
  readonly usages: Readonly<Partial<Record<Usage, readonly string[]>>>
  /** Whether keys of this spec may have the origin EXTERNAL. */
  readonly importable: boolean
  /** Whether GenerateDataKeyPair offers the spec. */
  readonly dataKeyPair: boolean
  /** What the key is made of, and how it is made. */
  readonly material: Material
  /** Which uses take so long that they would hold up the requests of others on the same thread. */
  readonly slow: Slow
}

/** The bytes of a secret key, or the private key of a pair as OpenSSL names it. */
export type Material = SecretMaterial | RsaMaterial | CurveMaterial | NamedMaterial

/** A secret key: this many random bytes. */
export interface SecretMaterial {
  readonly type: 'secret'
  readonly bytes: number
}

/** An RSA key with a modulus of this many bits. */
export interface RsaMaterial {
  readonly type: 'rsa'
  readonly bits: number
}

/** A key on a Weierstrass curve, by OpenSSL's name of it. */
export interface CurveMaterial {
  readonly type: 'ec'
  readonly curve: Curve
}

/** A key whose type says all. */
export interface NamedMaterial {
  readonly type: 'ed25519' | MlDsa | MlKem
}

/** OpenSSL's names of the Weierstrass curves. */
export type Curve = 'prime256v1' | 'secp384r1' | 'secp521r1' | 'secp256k1'

/** OpenSSL's names of the parameter sets of FIPS 204. */
export type MlDsa = 'ml-dsa-44' | 'ml-dsa-65' | 'ml-dsa-87'

/** OpenSSL's names of the parameter sets of FIPS 203. */
export type MlKem = 'ml-kem-512' | 'ml-kem-768' | 'ml-kem-1024'

/** Measured: more than about a third of a millisecond on one core. */
export interface Slow {
  /** Making a key: a second and more for RSA, which is why that has threads of its own. */
  readonly generate: 'no' | 'yes' | 'very'
  /** Signing, decrypting, agreeing. */
  readonly private: boolean
  /** Verifying. */
  readonly public: boolean
}

type Usage =
  | 'ENCRYPT_DECRYPT'
  | 'SIGN_VERIFY'
  | 'GENERATE_VERIFY_MAC'
  | 'KEY_AGREEMENT'
  | 'ENCAPSULATE_DECAPSULATE'

/** The row of a key spec; undefined if and only if Trent does not offer it. */
export function keySpecRow(spec: string): KeySpecRow | undefined {
  return rows.get(spec)
}

/** The row of a key spec that is known to be offered. Throws otherwise: the caller has let an unchecked spec through. */
export function requireKeySpec(spec: string): KeySpecRow {
  const row = rows.get(spec)
  if (row === undefined) throw new Error(`there is no key spec ${spec}`)
  return row
}

/** The algorithms that a key of this spec and usage works with; empty when the two do not go together. */
export function algorithmsOf(spec: string, usage: string): readonly string[] {
  return rows.get(spec)?.usages[usage as Usage] ?? []
}

/** Every key spec that Trent offers, for whoever must go through all. */
export function keySpecs(): readonly string[] {
  return [...rows.keys()]
}

const fast: Slow = { generate: 'no', private: false, public: false }
const slow: Slow = { generate: 'yes', private: true, public: true }

const rsa = (bits: number): KeySpecRow => ({
  kind: 'asymmetric',
  usages: {
    ENCRYPT_DECRYPT: ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'],
    SIGN_VERIFY: [
      'RSASSA_PKCS1_V1_5_SHA_256',
      'RSASSA_PKCS1_V1_5_SHA_384',
      'RSASSA_PKCS1_V1_5_SHA_512',
      'RSASSA_PSS_SHA_256',
      'RSASSA_PSS_SHA_384',
      'RSASSA_PSS_SHA_512',
    ],
  },
  importable: true,
  dataKeyPair: true,
  material: { type: 'rsa', bits },
  slow: { generate: 'very', private: true, public: false },
})

const nist = (curve: Curve, algorithm: string, cost: Slow): KeySpecRow => ({
  kind: 'asymmetric',
  usages: { SIGN_VERIFY: [algorithm], KEY_AGREEMENT: ['ECDH'] },
  importable: true,
  dataKeyPair: true,
  material: { type: 'ec', curve },
  slow: cost,
})

const mlDsa = (type: MlDsa): KeySpecRow => ({
  kind: 'asymmetric',
  usages: { SIGN_VERIFY: ['ML_DSA_SHAKE_256'] },
  importable: false,
  dataKeyPair: false,
  material: { type },
  slow: { generate: 'yes', private: true, public: false },
})

const mlKem = (type: MlKem): KeySpecRow => ({
  kind: 'asymmetric',
  usages: { ENCAPSULATE_DECAPSULATE: ['ML_KEM'] },
  importable: false,
  dataKeyPair: true,
  material: { type },
  slow: fast,
})

const hmac = (bits: number): KeySpecRow => ({
  kind: 'hmac',
  usages: { GENERATE_VERIFY_MAC: [`HMAC_SHA_${bits}`] },
  importable: true,
  dataKeyPair: false,
  material: { type: 'secret', bytes: bits / 8 },
  slow: fast,
})

const symmetric: KeySpecRow = {
  kind: 'symmetric',
  usages: { ENCRYPT_DECRYPT: ['SYMMETRIC_DEFAULT'] },
  importable: true,
  dataKeyPair: false,
  material: { type: 'secret', bytes: 32 },
  slow: fast,
}

const secp256k1: KeySpecRow = {
  kind: 'asymmetric',
  usages: { SIGN_VERIFY: ['ECDSA_SHA_256'] },
  importable: true,
  dataKeyPair: true,
  material: { type: 'ec', curve: 'secp256k1' },
  slow,
}

const ed25519: KeySpecRow = {
  kind: 'asymmetric',
  usages: { SIGN_VERIFY: ['ED25519_SHA_512', 'ED25519_PH_SHA_512'] },
  importable: true,
  dataKeyPair: true,
  material: { type: 'ed25519' },
  slow: fast,
}

const rows: ReadonlyMap<string, KeySpecRow> = new Map([
  ['SYMMETRIC_DEFAULT', symmetric],
  ['RSA_2048', rsa(2048)],
  ['RSA_3072', rsa(3072)],
  ['RSA_4096', rsa(4096)],
  ['ECC_NIST_P256', nist('prime256v1', 'ECDSA_SHA_256', fast)],
  ['ECC_NIST_P384', nist('secp384r1', 'ECDSA_SHA_384', slow)],
  ['ECC_NIST_P521', nist('secp521r1', 'ECDSA_SHA_512', slow)],
  ['ECC_SECG_P256K1', secp256k1],
  ['ECC_NIST_EDWARDS25519', ed25519],
  ['HMAC_224', hmac(224)],
  ['HMAC_256', hmac(256)],
  ['HMAC_384', hmac(384)],
  ['HMAC_512', hmac(512)],
  ['ML_DSA_44', mlDsa('ml-dsa-44')],
  ['ML_DSA_65', mlDsa('ml-dsa-65')],
  ['ML_DSA_87', mlDsa('ml-dsa-87')],
  ['ML_KEM_512', mlKem('ml-kem-512')],
  ['ML_KEM_768', mlKem('ml-kem-768')],
  ['ML_KEM_1024', mlKem('ml-kem-1024')],
])
