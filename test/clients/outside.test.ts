/**
 * What Trent makes, read by others, and the other way round: the `openssl` command line, WebCrypto, and noble.
 */
import assert from 'node:assert/strict'
import { constants, createHash, createHmac, publicEncrypt } from 'node:crypto'
import { describe, test } from 'node:test'
import {
  DecapsulateCommand,
  DecryptCommand,
  DeriveSharedSecretCommand,
  EncapsulateCommand,
  GenerateDataKeyPairWithoutPlaintextCommand,
  GenerateMacCommand,
  GetParametersForImportCommand,
  ImportKeyMaterialCommand,
  type KeySpec,
  SignCommand,
  VerifyCommand,
} from '@aws-sdk/client-kms'
import { ed25519ph } from '@noble/curves/ed25519.js'
import { ml_dsa44, ml_dsa65, ml_dsa87 } from '@noble/post-quantum/ml-dsa.js'
import { ml_kem512, ml_kem768, ml_kem1024 } from '@noble/post-quantum/ml-kem.js'
import { openssl, pem, withoutOpenssl } from '../support/openssl.ts'
import { pairSpecs } from '../support/key-pairs.ts'
import { startService } from '../support/service.ts'
import {
  createSpecKey,
  publicKeyOf,
  sharedKeys,
  type SigningWay,
  signingWays,
} from '../support/spec-keys.ts'
import { makeKey } from '../support/test-keys.ts'

const trent = await startService()
const kms = trent.client()
const keyOf = sharedKeys(kms)
const { subtle } = globalThis.crypto
const message = Buffer.from('a message that others read')
const secret = Buffer.from('a secret of others')

/** The ways that sign a hash of the message: RSA and ECDSA. */
const ways = signingWays.filter(({ algorithm }) => /^(RSASSA|ECDSA)/.test(algorithm))
const oaep = (['RSA_2048', 'RSA_3072', 'RSA_4096'] as const).flatMap((spec) =>
  ([1, 256] as const).map((hash) => [spec, hash] as const),
)
const curves = [
  ['ECC_NIST_P256', 'P-256'],
  ['ECC_NIST_P384', 'P-384'],
  ['ECC_NIST_P521', 'P-521'],
] as const

/** Trent's signature of this file's message, sent whole or as its digest. */
async function signatureOf({ spec, algorithm, type, length }: SigningWay): Promise<Buffer> {
  const { id } = await keyOf(spec, 'SIGN_VERIFY')
  const sent =
    type === 'RAW'
      ? message
      : createHash(`sha${(length ?? 0) * 8}`)
          .update(message)
          .digest()
  const { Signature } = await kms.send(
    new SignCommand({
      KeyId: id,
      Message: sent,
      MessageType: type,
      SigningAlgorithm: algorithm,
    }),
  )
  return Buffer.from(Signature ?? [])
}

async function signingKey(spec: KeySpec): Promise<Buffer> {
  return publicKeyOf(kms, await keyOf(spec, 'SIGN_VERIFY'))
}

async function decrypted(spec: KeySpec, hash: 1 | 256, blob: Uint8Array): Promise<Buffer> {
  const { id } = await keyOf(spec, 'ENCRYPT_DECRYPT')
  const { Plaintext } = await kms.send(
    new DecryptCommand({
      KeyId: id,
      CiphertextBlob: blob,
      EncryptionAlgorithm: `RSAES_OAEP_SHA_${hash}`,
    }),
  )
  return Buffer.from(Plaintext ?? [])
}

async function agreed(spec: KeySpec, PublicKey: Uint8Array): Promise<Buffer> {
  const { id } = await keyOf(spec, 'KEY_AGREEMENT')
  const { SharedSecret } = await kms.send(
    new DeriveSharedSecretCommand({ KeyId: id, KeyAgreementAlgorithm: 'ECDH', PublicKey }),
  )
  return Buffer.from(SharedSecret ?? [])
}

describe('openssl', { skip: withoutOpenssl }, () => {
  for (const way of ways) {
    const { spec, algorithm, type, length } = way
    test(`verifies what ${spec} signs with ${algorithm}, sent ${type}`, async () => {
      const bits = algorithm.slice(-3)
      const salt = Number(bits) / 8
      const pss = `rsa_padding_mode:pss rsa_mgf1_md:sha${bits} rsa_pss_saltlen:${salt}`.split(' ')
      const files = {
        key: pem(await signingKey(spec)),
        signature: await signatureOf({ ...way, length: length ?? Number(bits) / 8 }),
        message,
        other: secret,
      }
      const args = ['dgst', `-sha${bits}`, '-verify', 'key', '-signature', 'signature']
      if (algorithm.includes('PSS')) args.push(...pss.flatMap((option) => ['-sigopt', option]))
      const run = openssl([...args, 'message'], { files })
      assert.ok(run.succeeded, run.errors)
      assert.ok(!openssl([...args, 'other'], { files }).succeeded)
    })
  }

  test('verifies what ECC_NIST_EDWARDS25519 signs with ED25519_SHA_512', async () => {
    const way = signingWays.find(({ algorithm }) => algorithm === 'ED25519_SHA_512')
    assert.ok(way)
    const files = {
      key: pem(await signingKey('ECC_NIST_EDWARDS25519')),
      signature: await signatureOf(way),
      message,
      other: secret,
    }
    const args = ['pkeyutl', '-verify', '-pubin', '-inkey', 'key', '-rawin']
    args.push('-sigfile', 'signature', '-in')
    const run = openssl([...args, 'message'], { files })
    assert.ok(run.succeeded, run.errors)
    assert.ok(!openssl([...args, 'other'], { files }).succeeded)
  })

  for (const [spec, hash] of oaep) {
    test(`encrypts with RSAES_OAEP_SHA_${hash} what ${spec} decrypts`, async () => {
      const key = pem(await publicKeyOf(kms, await keyOf(spec, 'ENCRYPT_DECRYPT')))
      const padding = `rsa_padding_mode:oaep rsa_oaep_md:sha${hash} rsa_mgf1_md:sha${hash}`
      const options = padding.split(' ').flatMap((option) => ['-pkeyopt', option])
      const args = ['pkeyutl', '-encrypt', '-pubin', '-inkey', 'key', ...options]
      const run = openssl(args, { files: { key }, input: secret })
      assert.ok(run.succeeded, run.errors)
      assert.deepEqual(await decrypted(spec, hash, run.output), secret)
    })
  }

  for (const [spec, curve] of curves) {
    test(`derives the secret that ${spec} derives`, async () => {
      const made = openssl([
        'genpkey',
        '-algorithm',
        'EC',
        '-pkeyopt',
        `ec_paramgen_curve:${curve}`,
      ])
      assert.ok(made.succeeded, made.errors)
      const files = {
        mine: made.output,
        peer: pem(await publicKeyOf(kms, await keyOf(spec, 'KEY_AGREEMENT'))),
      }
      const run = openssl(['pkeyutl', '-derive', '-inkey', 'mine', '-peerkey', 'peer'], { files })
      assert.ok(run.succeeded, run.errors)
      const spki = openssl(['pkey', '-in', 'mine', '-pubout', '-outform', 'DER'], { files })
      assert.deepEqual(await agreed(spec, spki.output), run.output)
    })
  }

  for (const [spec] of pairSpecs) {
    // Older than 3.5, it knows no ML-KEM.
    if (spec.startsWith('ML_KEM')) continue
    test(`reads the encrypted private key of a ${spec} data key pair`, async () => {
      const { id } = await makeKey(kms)
      const pair = await kms.send(
        new GenerateDataKeyPairWithoutPlaintextCommand({ KeyId: id, KeyPairSpec: spec }),
      )
      const { Plaintext: input = Buffer.of() } = await kms.send(
        new DecryptCommand({ CiphertextBlob: pair.PrivateKeyCiphertextBlob }),
      )
      const run = openssl(['pkey', '-inform', 'DER', '-pubout', '-outform', 'DER'], { input })
      assert.ok(run.succeeded, run.errors)
      assert.deepEqual(run.output, Buffer.from(pair.PublicKey ?? []))
      const checked = openssl(['pkey', '-inform', 'DER', '-check', '-noout'], { input })
      assert.ok(checked.succeeded || spec.endsWith('EDWARDS25519'), checked.errors)
    })
  }

  for (const spec of [
    'RSA_2048',
    'RSA_3072',
    'RSA_4096',
    'ECC_NIST_P256',
    'ECC_NIST_P384',
    'ECC_NIST_P521',
    'ECC_SECG_P256K1',
    'ECC_NIST_EDWARDS25519',
  ] as const) {
    test(`reads the public key of ${spec}, and writes the same`, async () => {
      const input = await signingKey(spec)
      const run = openssl(['pkey', '-pubin', '-inform', 'DER', '-outform', 'DER'], { input })
      assert.ok(run.succeeded, run.errors)
      assert.deepEqual(run.output, input)
    })
  }
})

describe('WebCrypto', () => {
  for (const way of ways) {
    const { spec, algorithm, type, length } = way
    // WebCrypto has no secp256k1.
    if (spec === 'ECC_SECG_P256K1') continue
    test(`verifies what ${spec} signs with ${algorithm}, sent ${type}`, async () => {
      const bits = Number(algorithm.slice(-3))
      const hash = `SHA-${bits}`
      const curve = curves.find(([name]) => name === spec)?.[1]
      const name = /PKCS1/.test(algorithm)
        ? 'RSASSA-PKCS1-v1_5'
        : /PSS/.test(algorithm)
          ? 'RSA-PSS'
          : 'ECDSA'
      const made = await signatureOf({ ...way, length: length ?? bits / 8 })
      const signature = curve === undefined ? made : concatenated(made, curve)
      const kind = curve === undefined ? { name, hash } : { name, namedCurve: curve }
      const spki = bytes(await signingKey(spec))
      const key = await subtle.importKey('spki', spki, kind, false, ['verify'])
      const by = { name, hash, saltLength: bits / 8 }
      assert.ok(await subtle.verify(by, key, bytes(signature), bytes(message)))
      assert.ok(!(await subtle.verify(by, key, bytes(signature), bytes(secret))))
    })
  }

  test('verifies what ECC_NIST_EDWARDS25519 signs with ED25519_SHA_512', async () => {
    const way = signingWays.find(({ algorithm }) => algorithm === 'ED25519_SHA_512')
    assert.ok(way)
    const spki = bytes(await signingKey('ECC_NIST_EDWARDS25519'))
    const key = await subtle.importKey('spki', spki, 'Ed25519', false, ['verify'])
    const signature = bytes(await signatureOf(way))
    assert.ok(await subtle.verify('Ed25519', key, signature, bytes(message)))
    assert.ok(!(await subtle.verify('Ed25519', key, signature, bytes(secret))))
  })

  for (const [spec, hash] of oaep) {
    test(`encrypts with RSAES_OAEP_SHA_${hash} what ${spec} decrypts`, async () => {
      const kind = { name: 'RSA-OAEP', hash: `SHA-${hash}` }
      const spki = bytes(await publicKeyOf(kms, await keyOf(spec, 'ENCRYPT_DECRYPT')))
      const key = await subtle.importKey('spki', spki, kind, false, ['encrypt'])
      const blob = await subtle.encrypt({ name: 'RSA-OAEP' }, key, bytes(secret))
      assert.deepEqual(await decrypted(spec, hash, new Uint8Array(blob)), secret)
    })
  }

  for (const [spec, namedCurve] of curves) {
    test(`derives the secret that ${spec} derives`, async () => {
      const kind = { name: 'ECDH', namedCurve }
      const mine = await subtle.generateKey(kind, true, ['deriveBits'])
      const spki = bytes(await publicKeyOf(kms, await keyOf(spec, 'KEY_AGREEMENT')))
      const peer = await subtle.importKey('spki', spki, kind, false, [])
      const bits = await subtle.deriveBits({ name: 'ECDH', public: peer }, mine.privateKey, null)
      const publicKey = new Uint8Array(await subtle.exportKey('spki', mine.publicKey))
      assert.deepEqual(await agreed(spec, publicKey), Buffer.from(bits))
    })
  }
})

describe('noble', () => {
  for (const [spec, scheme] of [
    ['ML_DSA_44', ml_dsa44],
    ['ML_DSA_65', ml_dsa65],
    ['ML_DSA_87', ml_dsa87],
  ] as const) {
    test(`verifies what ${spec} signs, sent RAW and as its EXTERNAL_MU`, async () => {
      const { id } = await keyOf(spec, 'SIGN_VERIFY')
      // RFC 9881 section 4: the key itself is the last field of its SubjectPublicKeyInfo.
      const key = (await signingKey(spec)).subarray(22)
      const shake = (...parts: readonly Uint8Array[]) =>
        createHash('shake256', { outputLength: 64 }).update(Buffer.concat(parts)).digest()
      const mu = shake(shake(key), Buffer.alloc(2), message)
      for (const [type, sent] of [
        ['RAW', message],
        ['EXTERNAL_MU', mu],
      ] as const) {
        const by = {
          KeyId: id,
          Message: sent,
          MessageType: type,
          SigningAlgorithm: 'ML_DSA_SHAKE_256',
        } as const
        const { Signature } = await kms.send(new SignCommand(by))
        assert.ok(Signature)
        assert.ok(scheme.verify(Signature, message, key))
        assert.ok(scheme.internal.verify(Signature, mu, key, { externalMu: true }))
        assert.ok(!scheme.verify(Signature, secret, key))
        const verified = await kms.send(new VerifyCommand({ ...by, Signature }))
        assert.ok(verified.SignatureValid)
      }
    })
  }

  for (const [spec, scheme] of [
    ['ML_KEM_512', ml_kem512],
    ['ML_KEM_768', ml_kem768],
    ['ML_KEM_1024', ml_kem1024],
  ] as const) {
    test(`encapsulates to ${spec} what Decapsulate opens, as it does Encapsulate's`, async () => {
      const key = await keyOf(spec, 'ENCAPSULATE_DECAPSULATE')
      const opened = async (SharedSecretCiphertextBlob: Uint8Array | undefined) => {
        const { SharedSecret } = await kms.send(
          new DecapsulateCommand({
            KeyId: key.id,
            SharedSecretCiphertextBlob,
            EncapsulationAlgorithm: 'ML_KEM',
          }),
        )
        return SharedSecret
      }
      const made = scheme.encapsulate((await publicKeyOf(kms, key)).subarray(22))
      assert.deepEqual(await opened(made.cipherText), made.sharedSecret)
      const own = await kms.send(
        new EncapsulateCommand({ KeyId: key.id, EncapsulationAlgorithm: 'ML_KEM' }),
      )
      assert.equal(own.SharedSecretCiphertextBlob?.length, made.cipherText.length)
      assert.deepEqual(await opened(own.SharedSecretCiphertextBlob), own.SharedSecret)
    })
  }

  test('verifies what ECC_NIST_EDWARDS25519 signs with ED25519_PH_SHA_512: the digest, hashed again', async () => {
    const way = signingWays.find(({ algorithm }) => algorithm === 'ED25519_PH_SHA_512')
    assert.ok(way)
    const key = (await signingKey('ECC_NIST_EDWARDS25519')).subarray(12)
    const signature = await signatureOf(way)
    const digest = createHash('sha512').update(message).digest()
    assert.ok(ed25519ph.verify(signature, digest, key, { zip215: false }))
    assert.ok(!ed25519ph.verify(signature, message, key, { zip215: false }))
  })
})

describe('node:crypto', () => {
  for (const bits of [224, 256, 384, 512] as const) {
    test(`makes the MAC that HMAC_${bits} makes with the same material`, async () => {
      const material = Buffer.alloc(bits / 8, 'the material')
      const { id } = await createSpecKey(kms, {
        spec: `HMAC_${bits}`,
        usage: 'GENERATE_VERIFY_MAC',
        external: true,
      })
      await importMaterial(id, material)
      const { Mac } = await kms.send(
        new GenerateMacCommand({
          KeyId: id,
          Message: message,
          MacAlgorithm: `HMAC_SHA_${bits}`,
        }),
      )
      const ours = createHmac(`sha${bits}`, material).update(message).digest()
      assert.deepEqual(Buffer.from(Mac ?? []), ours)
    })
  }
})

async function importMaterial(KeyId: string, material: Buffer): Promise<void> {
  const { PublicKey, ImportToken } = await kms.send(
    new GetParametersForImportCommand({
      KeyId,
      WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
      WrappingKeySpec: 'RSA_2048',
    }),
  )
  const key = { key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' } as const
  const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }
  await kms.send(
    new ImportKeyMaterialCommand({
      KeyId,
      ImportToken,
      EncryptedKeyMaterial: publicEncrypt({ ...key, ...padding }, material),
      ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
    }),
  )
}

/** WebCrypto takes bytes of their own buffer alone. */
function bytes(from: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(from)
}

/** The r and s of a DER signature, each as long as the field, one behind the other. */
function concatenated(der: Buffer, curve: string): Buffer {
  const size = Math.ceil(Number(curve.slice(2)) / 8)
  // A sequence of more than 127 bytes writes its length in two bytes.
  let offset = (der[1] ?? 0) > 127 ? 3 : 2
  const numbers = [0, 1].map(() => {
    const length = der[offset + 1] ?? 0
    const number = der.subarray(offset + 2, offset + 2 + length)
    offset += 2 + length
    const short = number.subarray(Math.max(0, length - size))
    return Buffer.concat([Buffer.alloc(size - short.length), short])
  })
  assert.equal(offset, der.length)
  return Buffer.concat(numbers)
}
