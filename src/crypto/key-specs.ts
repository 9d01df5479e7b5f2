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
  /** Whether keys of this spec can be made by this version. */
  readonly built: boolean
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

/** The algorithms that a key of this spec and usage works with; empty when the two do not go together. */
export function algorithmsOf(spec: string, usage: string): readonly string[] {
  return rows.get(spec)?.usages[usage as Usage] ?? []
}

const rsa: KeySpecRow = {
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
  built: false,
}

const nist = (algorithm: string): KeySpecRow => ({
  kind: 'asymmetric',
  usages: { SIGN_VERIFY: [algorithm], KEY_AGREEMENT: ['ECDH'] },
  built: false,
})

const signing = (...algorithms: string[]): KeySpecRow => ({
  kind: 'asymmetric',
  usages: { SIGN_VERIFY: algorithms },
  built: false,
})

const hmac = (bits: number): KeySpecRow => ({
  kind: 'hmac',
  usages: { GENERATE_VERIFY_MAC: [`HMAC_SHA_${bits}`] },
  built: false,
})

const mlKem: KeySpecRow = {
  kind: 'asymmetric',
  usages: { ENCAPSULATE_DECAPSULATE: ['ML_KEM'] },
  built: false,
}

const rows: ReadonlyMap<string, KeySpecRow> = new Map([
  [
    'SYMMETRIC_DEFAULT',
    { kind: 'symmetric', usages: { ENCRYPT_DECRYPT: ['SYMMETRIC_DEFAULT'] }, built: true },
  ],
  ['RSA_2048', rsa],
  ['RSA_3072', rsa],
  ['RSA_4096', rsa],
  ['ECC_NIST_P256', nist('ECDSA_SHA_256')],
  ['ECC_NIST_P384', nist('ECDSA_SHA_384')],
  ['ECC_NIST_P521', nist('ECDSA_SHA_512')],
  ['ECC_SECG_P256K1', signing('ECDSA_SHA_256')],
  ['ECC_NIST_EDWARDS25519', signing('ED25519_SHA_512', 'ED25519_PH_SHA_512')],
  ['HMAC_224', hmac(224)],
  ['HMAC_256', hmac(256)],
  ['HMAC_384', hmac(384)],
  ['HMAC_512', hmac(512)],
  ['ML_DSA_44', signing('ML_DSA_SHAKE_256')],
  ['ML_DSA_65', signing('ML_DSA_SHAKE_256')],
  ['ML_DSA_87', signing('ML_DSA_SHAKE_256')],
  ['ML_KEM_512', mlKem],
  ['ML_KEM_768', mlKem],
  ['ML_KEM_1024', mlKem],
])
