/** Which operations a grant on which key can permit: the table of the Developer Guide, "Grant operations". */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { someKey } from '../../test/support/grant-database.ts'
import { KmsError } from '../api/errors.ts'
import type { Key } from '../keys/key.ts'
import type { GrantOperation } from './grant.ts'
import { checkOperations } from './grant-operations.ts'

/** The columns of the table: kinds of keys, each with its specs. */
const kinds = {
  symmetric: [['SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT']],
  encryption: [
    ['RSA_2048', 'ENCRYPT_DECRYPT'],
    ['RSA_4096', 'ENCRYPT_DECRYPT'],
  ],
  signing: [
    ['RSA_3072', 'SIGN_VERIFY'],
    ['ECC_NIST_P256', 'SIGN_VERIFY'],
    ['ECC_SECG_P256K1', 'SIGN_VERIFY'],
    ['ECC_NIST_EDWARDS25519', 'SIGN_VERIFY'],
    ['ML_DSA_65', 'SIGN_VERIFY'],
  ],
  agreement: [
    ['ECC_NIST_P384', 'KEY_AGREEMENT'],
    ['ECC_NIST_P521', 'KEY_AGREEMENT'],
  ],
  mac: [
    ['HMAC_224', 'GENERATE_VERIFY_MAC'],
    ['HMAC_512', 'GENERATE_VERIFY_MAC'],
  ],
  encapsulation: [['ML_KEM_768', 'ENCAPSULATE_DECAPSULATE']],
} as const satisfies Readonly<Record<string, readonly (readonly [Key['spec'], Key['usage']])[]>>

/** The rows: where each operation can be granted. */
const table: Readonly<Record<GrantOperation, readonly (keyof typeof kinds)[]>> = {
  Encrypt: ['symmetric', 'encryption'],
  Decrypt: ['symmetric', 'encryption'],
  ReEncryptFrom: ['symmetric', 'encryption'],
  ReEncryptTo: ['symmetric', 'encryption'],
  GenerateDataKey: ['symmetric'],
  GenerateDataKeyWithoutPlaintext: ['symmetric'],
  GenerateDataKeyPair: ['symmetric'],
  GenerateDataKeyPairWithoutPlaintext: ['symmetric'],
  Sign: ['signing'],
  Verify: ['signing'],
  GenerateMac: ['mac'],
  VerifyMac: ['mac'],
  DeriveSharedSecret: ['agreement'],
  Encapsulate: ['encapsulation'],
  Decapsulate: ['encapsulation'],
  GetPublicKey: ['encryption', 'signing', 'agreement', 'encapsulation'],
  CreateGrant: ['symmetric', 'encryption', 'signing', 'agreement', 'mac', 'encapsulation'],
  RetireGrant: ['symmetric', 'encryption', 'signing', 'agreement', 'mac', 'encapsulation'],
  DescribeKey: ['symmetric', 'encryption', 'signing', 'agreement', 'mac', 'encapsulation'],
}

/** The sentence of the refusal; undefined where there is none. */
function refusal(spec: string, usage: string, operations: readonly GrantOperation[]) {
  try {
    // Every spec and usage of the table is one that a key can have.
    checkOperations({ ...someKey, spec, usage } as Key, operations)
    return undefined
  } catch (error) {
    assert.ok(error instanceof KmsError)
    assert.equal(error.code, 'ValidationException')
    return error.message
  }
}

const all = Object.keys(table) as GrantOperation[]

for (const [kind, keys] of Object.entries(kinds)) {
  for (const [spec, usage] of keys) {
    test(`a grant on a ${spec} key for ${usage} permits what the table says`, () => {
      const fitting = all.filter((each) => (table[each] as readonly string[]).includes(kind))
      assert.equal(refusal(spec, usage, fitting), undefined)
      for (const operation of all) {
        // CreateGrant alone is no grant.
        const operations = operation === 'CreateGrant' ? all.slice(-1) : [operation]
        assert.equal(
          refusal(spec, usage, operations),
          fitting.includes(operation)
            ? undefined
            : `Grant operations [${operation}] are not supported for key spec ${spec} and key usage ${usage}.`,
          operation,
        )
      }
      const unfit = all.filter((each) => !fitting.includes(each))
      assert.equal(
        refusal(spec, usage, all),
        `Grant operations [${unfit.join(', ')}] are not supported for key spec ${spec} and key usage ${usage}.`,
      )
    })
  }
}

test('no operation, and CreateGrant alone, make no grant', () => {
  assert.equal(refusal('RSA_2048', 'SIGN_VERIFY', []), 'Operations must not be empty.')
  for (const operations of [['CreateGrant'], ['CreateGrant', 'CreateGrant']] as const) {
    assert.equal(
      refusal('RSA_2048', 'SIGN_VERIFY', operations),
      'Grants must not contain only the CreateGrant operation.',
    )
  }
  assert.equal(refusal('RSA_2048', 'SIGN_VERIFY', ['CreateGrant', 'Sign']), undefined)
})
