/**
 * Material of every kind of key, wrapped in every way that goes with it.
 */
import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import type { AlgorithmSpec, WrappingKeySpec } from '@aws-sdk/client-kms'
import { assertMaterial, type ImportedKind, importedKinds } from '../support/imported-kinds.ts'
import { importMaterial, makeExternalKey, parametersOf } from '../support/importing.ts'
import { describe } from '../support/made-keys.ts'
import { refused, startService } from '../support/service.ts'

const trent = await startService()
const kms = trent.client()
const direct = ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'] as const
const keyWrap = ['RSA_AES_KEY_WRAP_SHA_1', 'RSA_AES_KEY_WRAP_SHA_256'] as const

const makeKeyOf = ({ spec, usage }: ImportedKind) =>
  makeExternalKey(kms, { KeySpec: spec, KeyUsage: usage })
const pkcs8 = (key: KeyObject) => key.export({ format: 'der', type: 'pkcs8' })
function materialOf({ bytes, bits, curve }: ImportedKind): Buffer {
  if (bytes !== undefined) return randomBytes(bytes)
  if (bits !== undefined) {
    return pkcs8(generateKeyPairSync('rsa', { modulusLength: bits }).privateKey)
  }
  if (curve === 'ED25519') return pkcs8(generateKeyPairSync('ed25519').privateKey)
  return pkcs8(generateKeyPairSync('ec', { namedCurve: curve ?? '' }).privateKey)
}
const materials = new Map(importedKinds.map((kind) => [kind.spec, materialOf(kind)]))
const algorithmsFor = ({ bytes, bits }: ImportedKind): readonly AlgorithmSpec[] => [
  ...(bits === undefined ? direct : []),
  ...(bytes === undefined ? keyWrap : []),
]
/** The smallest wrapping key that an algorithm has room with for the material. */
const smallestFor = (kind: ImportedKind, algorithm: AlgorithmSpec): WrappingKeySpec =>
  kind.spec === 'ECC_NIST_P521' && algorithm.startsWith('RSAES') ? 'RSA_3072' : 'RSA_2048'

for (const kind of importedKinds) {
  test(`${kind.spec}: material imports under each of its wrapping algorithms, and works`, async () => {
    const material = materials.get(kind.spec) ?? Buffer.alloc(0)
    const { KeyId } = await makeKeyOf(kind)
    for (const algorithm of algorithmsFor(kind)) {
      const spec = smallestFor(kind, algorithm)
      const parameters = await parametersOf(kms, KeyId, { algorithm, spec })
      const answer = await importMaterial(kms, parameters, material)
      assert.equal('KeyMaterialId' in answer, kind.spec === 'SYMMETRIC_DEFAULT')
    }
    await assertMaterial(kms, { keyId: KeyId, kind, material })
  })
}

test('each wrapping algorithm works with the larger wrapping keys', async () => {
  const kind = importedKinds.find(({ spec }) => spec === 'ECC_NIST_P256')
  assert.ok(kind !== undefined)
  const material = materials.get(kind.spec) ?? Buffer.alloc(0)
  const { KeyId } = await makeKeyOf(kind)
  const wrappings: readonly [AlgorithmSpec, WrappingKeySpec][] = [
    ['RSAES_OAEP_SHA_1', 'RSA_3072'],
    ['RSAES_OAEP_SHA_256', 'RSA_4096'],
    ['RSA_AES_KEY_WRAP_SHA_1', 'RSA_4096'],
    ['RSA_AES_KEY_WRAP_SHA_256', 'RSA_3072'],
  ]
  for (const [algorithm, spec] of wrappings) {
    const parameters = await parametersOf(kms, KeyId, { algorithm, spec })
    await importMaterial(kms, parameters, material)
  }
  await assertMaterial(kms, { keyId: KeyId, kind, material })
})

test('material of another kind, of another length or with more behind it is IncorrectKeyMaterialException', async () => {
  for (const kind of importedKinds) {
    const { KeyId } = await makeKeyOf(kind)
    const algorithm = kind.bytes === undefined ? keyWrap[1] : direct[1]
    const parameters = await parametersOf(kms, KeyId, { algorithm })
    const own = materials.get(kind.spec) ?? Buffer.alloc(0)
    const wrong = [
      own.subarray(1),
      own.subarray(0, -1),
      Buffer.concat([own, Buffer.alloc(1)]),
      ...importedKinds.flatMap((other) => {
        const theirs = materials.get(other.spec) ?? Buffer.alloc(0)
        if (theirs.length === own.length && kind.bytes !== undefined) return []
        if (kind.bytes !== undefined && theirs.length > 190) return []
        return other.spec === kind.spec ? [] : [theirs]
      }),
    ]
    for (const material of wrong) {
      await refused(
        importMaterial(kms, parameters, material),
        'IncorrectKeyMaterialException',
        undefined,
      )
    }
    assert.equal((await describe(kms, KeyId)).KeyState, 'PendingImport')
  }
})

test('a key that had a private key takes that one again, in any of its forms, and no other', async () => {
  const kind = importedKinds.find(({ spec }) => spec === 'ECC_NIST_P384')
  assert.ok(kind !== undefined)
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' })
  const { KeyId } = await makeKeyOf(kind)
  const parameters = await parametersOf(kms, KeyId)
  await importMaterial(kms, parameters, pkcs8(privateKey))
  await importMaterial(kms, parameters, pkcs8(privateKey))
  await refused(
    importMaterial(kms, parameters, materialOf(kind)),
    'IncorrectKeyMaterialException',
    undefined,
  )
  await assertMaterial(kms, { keyId: KeyId, kind, material: pkcs8(privateKey) })
})
