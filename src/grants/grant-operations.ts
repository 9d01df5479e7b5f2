/**
 * What a grant can permit, and on which keys (Developer Guide, "Grant operations").
 */
import { validation } from '../api/errors.ts'
import type { KeyUsage } from '../api/types.ts'
import { keySpecRow, type KeySpecRow } from '../crypto/key-specs.ts'
import type { Key } from '../keys/key.ts'
import type { GrantOperation } from './grant.ts'

/** Symmetric and HMAC keys by their kind, key pairs by what they are for. */
type KeyType = Exclude<KeySpecRow['kind'], 'asymmetric'> | Exclude<KeyUsage, 'GENERATE_VERIFY_MAC'>

const encrypting: readonly KeyType[] = ['symmetric', 'ENCRYPT_DECRYPT']
const pairs: readonly KeyType[] = [
  'ENCRYPT_DECRYPT',
  'SIGN_VERIFY',
  'KEY_AGREEMENT',
  'ENCAPSULATE_DECAPSULATE',
]
const every: readonly KeyType[] = ['symmetric', 'hmac', ...pairs]

/** The operations, each with the types of key that take it. */
const keyTypes: Readonly<Record<GrantOperation, readonly KeyType[]>> = {
  Encrypt: encrypting,
  Decrypt: encrypting,
  ReEncryptFrom: encrypting,
  ReEncryptTo: encrypting,
  GenerateDataKey: ['symmetric'],
  GenerateDataKeyWithoutPlaintext: ['symmetric'],
  GenerateDataKeyPair: ['symmetric'],
  GenerateDataKeyPairWithoutPlaintext: ['symmetric'],
  Sign: ['SIGN_VERIFY'],
  Verify: ['SIGN_VERIFY'],
  GenerateMac: ['hmac'],
  VerifyMac: ['hmac'],
  DeriveSharedSecret: ['KEY_AGREEMENT'],
  Encapsulate: ['ENCAPSULATE_DECAPSULATE'],
  Decapsulate: ['ENCAPSULATE_DECAPSULATE'],
  GetPublicKey: pairs,
  CreateGrant: every,
  RetireGrant: every,
  DescribeKey: every,
}

/** Throws ValidationException unless a grant on the key can permit these operations. AWS's texts are not published but for one. */
export function checkOperations(key: Key, operations: readonly GrantOperation[]): void {
  if (operations.length === 0) throw validation('Operations must not be empty.')
  if (operations.every((operation) => operation === 'CreateGrant')) {
    throw validation('Grants must not contain only the CreateGrant operation.')
  }
  const type = typeOf(key)
  const unfit = operations.filter((operation) => !keyTypes[operation].includes(type))
  if (unfit.length === 0) return
  throw validation(
    `Grant operations [${unfit.join(', ')}] are not supported for key spec ${key.spec} and key usage ${key.usage}.`,
  )
}

function typeOf(key: Key): KeyType {
  const kind = keySpecRow(key.spec)?.kind
  if (kind === 'symmetric' || kind === 'hmac') return kind
  if (key.usage === 'GENERATE_VERIFY_MAC') throw new Error(`no key pair is for ${key.usage}`)
  return key.usage
}
