/**
 * C2SP's Wycheproof against what `src/crypto` is made of. A vector is judged by its result: valid ones are accepted, invalid
 * ones refused, acceptable ones either; none may throw. What Trent has no function for is counted, with the reason.
 */
import assert from 'node:assert/strict'
import { createHash, createPublicKey, createSecretKey, hash, type KeyObject } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { gcmOpen, gcmSeal } from '../../src/crypto/aes-gcm.ts'
import { agree } from '../../src/crypto/agreement.ts'
import { keyOfScalar } from '../../src/crypto/curves.ts'
import { derTag, subjectPublicKey, writeDer } from '../../src/crypto/der.ts'
import { decapsulate } from '../../src/crypto/encapsulation.ts'
import { unwrapPadded, wrapPadded } from '../../src/crypto/import-wrapping.ts'
import { privateKeyFromMaterial, publicKeyOf, spkiOf } from '../../src/crypto/key-material.ts'
import { type Curve, keySpecRow } from '../../src/crypto/key-specs.ts'
import { hmac, macsEqual } from '../../src/crypto/mac.ts'
import { rsaDecrypt } from '../../src/crypto/rsa-encryption.ts'
import { sign, verify } from '../../src/crypto/signing.ts'

/** The members of groups and vectors that are read here; each file has some of them. */
interface Vector {
  readonly tcId: number
  readonly comment: string
  readonly result: 'valid' | 'invalid' | 'acceptable'
  readonly [name: string]: unknown
}
interface Group {
  readonly type: string
  readonly tests: readonly Vector[]
  readonly [name: string]: unknown
}
interface VectorFile {
  readonly numberOfTests: number
  readonly testGroups: readonly Group[]
}

/** Whether a vector is accepted; or a text, why it can not be judged by its result. */
type Verdict = boolean | string
type Judge = (vector: Vector) => Verdict

const root = path.resolve(import.meta.dirname, '../..')
const folder = path.join(
  process.env['TRENT_VECTORS'] ?? path.resolve(root, '../shared/vectors'),
  'wycheproof',
)

/** How the groups of each type are judged. */
const judges: Readonly<Record<string, (group: Group, file: string) => Judge>> = {
  AeadTest: judgeGcm,
  KeywrapTest: judgeKeyWrap,
  EcdhTest: judgeEcdh,
  EcdsaVerify: judgeEcdsa,
  EddsaVerify: judgeEddsa,
  MacTest: judgeMac,
  MlDsaSign: judgeMlDsaSign,
  MlDsaVerify: judgeMlDsaVerify,
  MLKEMKeyGen: judgeMlKemKeyGeneration,
  MLKEMTest: judgeMlKem,
  RsaesOaepDecrypt: judgeOaep,
  RsassaPssVerify: judgePss,
  RsassaPkcs1Verify: judgePkcs1,
}

const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.gz')) : []
if (files.length === 0) {
  test('Wycheproof', { skip: `NO VECTORS in ${folder}: set TRENT_VECTORS` }, () => {})
}
for (const name of files) {
  test(`Wycheproof: ${name.replace('_test.json.gz', '')}`, (context) => {
    judgeFile(name, context)
  })
}

function judgeFile(name: string, context: TestContext): void {
  const text = gunzipSync(readFileSync(path.join(folder, name))).toString('utf8')
  const file = JSON.parse(text) as VectorFile
  const counts = new Map<string, number>()
  let seen = 0
  for (const group of file.testGroups) {
    const judge = judges[group.type]?.(group, name)
    assert.ok(judge, `no judge for ${group.type}`)
    for (const vector of group.tests) {
      const verdict = judge(vector)
      const where = `${name} ${vector.tcId} (${vector.result}): ${vector.comment}`
      if (vector.result !== 'acceptable' && typeof verdict === 'boolean') {
        assert.equal(verdict, vector.result === 'valid', where)
      }
      const kind = typeof verdict === 'string' ? `not judged, ${verdict}` : vector.result
      counts.set(kind, (counts.get(kind) ?? 0) + 1)
      seen += 1
    }
  }
  assert.equal(seen, file.numberOfTests)
  context.diagnostic([...counts].map(([kind, count]) => `${count} ${kind}`).join('; '))
}

function judgeGcm(group: Group): Judge {
  if (group['keySize'] !== 256) return () => 'keys of another length'
  if (group['ivSize'] !== 96) return () => 'nonces of another length'
  return (vector) => {
    const [key, plaintext] = [hex(vector, 'key'), hex(vector, 'msg')]
    const sealed = Buffer.concat([hex(vector, 'ct'), hex(vector, 'tag')])
    const message = { nonce: hex(vector, 'iv'), additionalData: hex(vector, 'aad') }
    const made = gcmSeal(key, plaintext, message)
    assert.equal(made.equals(sealed), vector.result === 'valid')
    return gcmOpen(key, sealed, message)?.equals(plaintext) ?? false
  }
}

function judgeKeyWrap(group: Group): Judge {
  if (group['keySize'] !== 256) return () => 'keys of another length'
  return (vector) => {
    const [secret, wrapped] = [hex(vector, 'msg'), hex(vector, 'ct')]
    if (vector.result === 'valid') {
      assert.deepEqual(wrapPadded(hex(vector, 'key'), secret), wrapped)
    }
    return unwrapPadded(hex(vector, 'key'), wrapped)?.equals(secret) ?? false
  }
}

const nist: Readonly<Record<string, readonly [spec: string, curve: Curve, length: number]>> = {
  secp256r1: ['ECC_NIST_P256', 'prime256v1', 32],
  secp384r1: ['ECC_NIST_P384', 'secp384r1', 48],
  secp521r1: ['ECC_NIST_P521', 'secp521r1', 66],
}

function judgeEcdh(group: Group): Judge {
  const [spec, curve, length] = nist[String(group['curve'])] ?? assert.fail()
  const keys = new Map<string, KeyObject | undefined>()
  return (vector) => {
    const number = String(vector['private'])
      .replace(/^(00)+/, '')
      .padStart(2 * length, '0')
    const key = keys.get(number) ?? keyOfScalar(curve, Buffer.from(number, 'hex'))
    assert.ok(key)
    keys.set(number, key)
    const shared = agree(spec, key, hex(vector, 'public'))
    return shared?.equals(hex(vector, 'shared')) ?? false
  }
}

/** A judge of signatures that are made over digests as well: both ways must come to the same. */
function judgeBothWays(spec: string, key: KeyObject, row: { algorithm: string; sha: string }) {
  const { algorithm, sha } = row
  return (vector: Vector): boolean => {
    const [message, signature] = [hex(vector, 'msg'), hex(vector, 'sig')]
    const raw = verify(spec, key, { algorithm, message, messageType: 'RAW', signature })
    const digest = hash(sha.replace('-', ''), message, 'buffer')
    const ready = { algorithm, message: digest, messageType: 'DIGEST', signature } as const
    assert.equal(verify(spec, key, ready), raw, `DIGEST differs from RAW: ${vector.tcId}`)
    return raw
  }
}

const ecdsaSpecs: Readonly<Record<string, string>> = {
  secp256r1: 'ECC_NIST_P256',
  secp384r1: 'ECC_NIST_P384',
  secp521r1: 'ECC_NIST_P521',
  secp256k1: 'ECC_SECG_P256K1',
}

function judgeEcdsa(group: Group): Judge {
  const { curve } = group['publicKey'] as { curve: string }
  const spec = ecdsaSpecs[curve] ?? assert.fail()
  const [algorithm = ''] = keySpecRow(spec)?.usages.SIGN_VERIFY ?? []
  return judgeBothWays(spec, publicKey(group), { algorithm, sha: String(group['sha']) })
}

function judgeEddsa(group: Group): Judge {
  const key = publicKey(group)
  return (vector) =>
    verify('ECC_NIST_EDWARDS25519', key, {
      algorithm: 'ED25519_SHA_512',
      message: hex(vector, 'msg'),
      messageType: 'RAW',
      signature: hex(vector, 'sig'),
    })
}

function judgeMac(group: Group, file: string): Judge {
  const bits = /sha(\d+)/.exec(file)?.[1]
  return (vector) => {
    const key = createSecretKey(hex(vector, 'key'))
    const whole = hmac(key, `HMAC_SHA_${bits}`, hex(vector, 'msg'))
    // Trent compares whole MACs; of the shorter ones the beginning is compared here.
    return macsEqual(whole.subarray(0, Number(group['tagSize']) / 8), hex(vector, 'tag'))
  }
}

/** PKCS #8 with a seed alone (RFC 9881 section 6, RFC 9935 section 6); `oid` is the end of 2.16.840.1.101.3.4. */
function seedKey(spec: string, oid: readonly number[], seed: Buffer): KeyObject | undefined {
  const identifier = writeDer(0x06, Buffer.of(0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, ...oid))
  const der = writeDer(
    derTag.sequence,
    writeDer(derTag.integer, Buffer.of(0)),
    writeDer(derTag.sequence, identifier),
    writeDer(derTag.octetString, writeDer(0x80, seed)),
  )
  try {
    return privateKeyFromMaterial(spec, der)
  } catch {
    return undefined
  }
}

const mlDsaNumbers: Readonly<Record<string, number>> = { 44: 17, 65: 18, 87: 19 }
const mlDsa = { algorithm: 'ML_DSA_SHAKE_256' } as const

function judgeMlDsaSign(group: Group, file: string): Judge {
  const size = /mldsa_(\d+)/.exec(file)?.[1] ?? ''
  const spec = `ML_DSA_${size}`
  const key = seedKey(spec, [3, mlDsaNumbers[size] ?? 0], hex(group, 'privateSeed'))
  if (key === undefined) return () => false
  assert.deepEqual(rawKey(key), hex(group, 'publicKey'))
  const publicHalf = publicKeyOf(key)
  // Ours are hedged, so that they are other signatures than the vectors', and as good.
  const own = { ...mlDsa, message: Buffer.alloc(64, 7), messageType: 'EXTERNAL_MU' } as const
  const signature = sign(spec, key, own)
  assert.ok(verify(spec, publicHalf, { ...own, signature }))
  return (vector) => {
    const made = vector['msg'] === undefined ? undefined : representative(publicHalf, vector)
    const message = vector['mu'] === undefined ? made : hex(vector, 'mu')
    if (message === undefined) return 'contexts that are too long: Trent signs with none'
    if (made !== undefined) assert.deepEqual(message, made)
    const external = { ...mlDsa, message, messageType: 'EXTERNAL_MU' } as const
    return verify(spec, publicHalf, { ...external, signature: hex(vector, 'sig') })
  }
}

function judgeMlDsaVerify(group: Group, file: string): Judge {
  const spec = `ML_DSA_${/mldsa_(\d+)/.exec(file)?.[1]}`
  const key = publicKeyIfAny(group)
  if (key === undefined) return () => false
  return (vector) => {
    const signature = hex(vector, 'sig')
    const message = representative(key, vector)
    if (message === undefined) return 'contexts that are too long: Trent verifies with none'
    const external = { ...mlDsa, message, messageType: 'EXTERNAL_MU' } as const
    const verdict = verify(spec, key, { ...external, signature })
    if ((vector['ctx'] ?? '') === '') {
      const raw = { ...mlDsa, message: hex(vector, 'msg'), messageType: 'RAW' } as const
      assert.equal(verify(spec, key, { ...raw, signature }), verdict)
    }
    return verdict
  }
}

/** mu of FIPS 204 algorithm 7, line 6, with algorithm 2's M'; undefined when the context is too long for it. */
function representative(key: KeyObject, vector: Vector): Buffer | undefined {
  const context = hex(vector, 'ctx')
  if (context.length > 255) return undefined
  const tr = shake256(rawKey(key))
  return shake256(tr, Buffer.of(0, context.length), context, hex(vector, 'msg'))
}

function shake256(...parts: readonly Buffer[]): Buffer {
  return createHash('shake256', { outputLength: 64 }).update(Buffer.concat(parts)).digest()
}

function mlKemKey(vector: Vector, file: string): { spec: string; key: KeyObject | undefined } {
  const size = /mlkem_(\d+)/.exec(file)?.[1] ?? ''
  const number = { 512: 1, 768: 2, 1024: 3 }[size] ?? 0
  const spec = `ML_KEM_${size}`
  return { spec, key: seedKey(spec, [4, number], hex(vector, 'seed')) }
}

function judgeMlKemKeyGeneration(_group: Group, file: string): Judge {
  return (vector) => {
    const { key } = mlKemKey(vector, file)
    return key !== undefined && rawKey(key).equals(hex(vector, 'ek'))
  }
}

function judgeMlKem(_group: Group, file: string): Judge {
  return (vector) => {
    const { key } = mlKemKey(vector, file)
    if (key === undefined) return false
    if (vector['ek'] !== undefined) assert.deepEqual(rawKey(key), hex(vector, 'ek'))
    return decapsulate(key, hex(vector, 'c'))?.equals(hex(vector, 'K')) ?? false
  }
}

function judgeOaep(group: Group): Judge {
  const algorithm = `RSAES_OAEP_${String(group['sha']).replace('-', '_')}`
  const isOurs = group['sha'] === group['mgfSha']
  return (vector) => {
    const key = privateKeyFromMaterial(rsaSpec(group), hex(group, 'privateKeyPkcs8'))
    const plaintext = rsaDecrypt(key, algorithm, hex(vector, 'ct'))
    if (isOurs && vector['label'] === '') return plaintext?.equals(hex(vector, 'msg')) ?? false
    assert.equal(plaintext, undefined)
    return isOurs ? 'labels, which are refused' : 'MGF1 with another hash, which is refused'
  }
}

function judgePss(group: Group): Judge {
  const sha = String(group['sha'])
  const salt = { 'SHA-256': 32, 'SHA-384': 48, 'SHA-512': 64 }[sha]
  if (salt === undefined) return () => `PSS with ${sha}`
  const row = { algorithm: `RSASSA_PSS_${sha.replace('-', '_')}`, sha }
  const judge = judgeBothWays(rsaSpec(group), publicKey(group), row)
  if (group['mgfSha'] === sha && group['sLen'] === salt) return judge
  return (vector) => {
    assert.equal(judge(vector), false)
    return 'salts or MGF1 of another kind, which are refused'
  }
}

function judgePkcs1(group: Group): Judge {
  const sha = String(group['sha'])
  const row = { algorithm: `RSASSA_PKCS1_V1_5_${sha.replace('-', '_')}`, sha }
  return judgeBothWays(rsaSpec(group), publicKey(group), row)
}

function rsaSpec(group: Group): string {
  return `RSA_${String(group['keySize'])}`
}

function publicKey(group: Group): KeyObject {
  return createPublicKey({ key: hex(group, 'publicKeyDer'), format: 'der', type: 'spki' })
}

function publicKeyIfAny(group: Group): KeyObject | undefined {
  try {
    return publicKey(group)
  } catch {
    return undefined
  }
}

function rawKey(key: KeyObject): Buffer {
  return Buffer.from(subjectPublicKey(spkiOf(key)))
}

function hex(from: Group | Vector, name: string): Buffer {
  return Buffer.from((from[name] as string | undefined) ?? '', 'hex')
}
