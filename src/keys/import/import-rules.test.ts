import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KmsError } from '../../api/errors.ts'
import type { KeySpec, WrappingAlgorithm, WrappingKeySpec } from '../../api/types.ts'
import { newKey } from '../key.ts'
import { refuseWrapping } from './import-rules.ts'

const direct = ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'] as const
const keyWrap = ['RSA_AES_KEY_WRAP_SHA_1', 'RSA_AES_KEY_WRAP_SHA_256'] as const
const wrappingKeys = ['RSA_2048', 'RSA_3072', 'RSA_4096'] as const
const secrets = ['SYMMETRIC_DEFAULT', 'HMAC_224', 'HMAC_256', 'HMAC_384', 'HMAC_512'] as const
const rsa = ['RSA_2048', 'RSA_3072', 'RSA_4096'] as const
const curves = [
  'ECC_NIST_P256',
  'ECC_NIST_P384',
  'ECC_NIST_P521',
  'ECC_SECG_P256K1',
  'ECC_NIST_EDWARDS25519',
] as const

test('every wrapping goes with the material that AWS lists for it, and with no other', () => {
  for (const spec of [...secrets, ...rsa, ...curves]) {
    for (const algorithm of [...direct, ...keyWrap]) {
      for (const wrappingKey of wrappingKeys) {
        const expected = listed(spec, algorithm, wrappingKey) ? undefined : 'ValidationException'
        assert.equal(
          refusalOf(spec, algorithm, wrappingKey),
          expected,
          `${spec} ${algorithm} ${wrappingKey}`,
        )
      }
    }
  }
})

test('PKCS #1 v1.5 and SM2 go with nothing', () => {
  for (const spec of [...secrets, ...rsa, ...curves]) {
    for (const [algorithm, wrappingKey] of [
      ['RSAES_PKCS1_V1_5', 'RSA_2048'],
      ['SM2PKE', 'SM2'],
      ['RSAES_OAEP_SHA_256', 'SM2'],
    ] as const) {
      assert.equal(refusalOf(spec, algorithm, wrappingKey), 'UnsupportedOperationException')
    }
  }
})

/** The table of the API Reference. */
function listed(spec: string, algorithm: string, wrappingKey: string): boolean {
  const isDirect = direct.some((each) => each === algorithm)
  if (secrets.some((each) => each === spec)) return isDirect
  if (rsa.some((each) => each === spec)) return !isDirect
  return !(spec === 'ECC_NIST_P521' && isDirect && wrappingKey === 'RSA_2048')
}

function refusalOf(
  spec: KeySpec,
  algorithm: WrappingAlgorithm,
  wrappingKey: WrappingKeySpec,
): string | undefined {
  const scope = { account: '111122223333', region: 'us-east-1' }
  const key = newKey(scope, { id: 'key', createdAt: 0, spec, origin: 'EXTERNAL' })
  try {
    refuseWrapping(key, algorithm, wrappingKey)
    return undefined
  } catch (error) {
    return error instanceof KmsError ? error.code : String(error)
  }
}
