import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { unwrapImported, wrapForImport } from './import-wrapping.ts'
import { generateMaterial, privateKeyFromMaterial, publicKeyOf, spkiOf } from './key-material.ts'

const wrappingKey = privateKeyFromMaterial('RSA_2048', generateMaterial('RSA_2048'))
const bare = ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256']
const keyWrap = ['RSA_AES_KEY_WRAP_SHA_1', 'RSA_AES_KEY_WRAP_SHA_256']

test('material of every length opens as it was wrapped, and only by the same algorithm', () => {
  for (const algorithm of [...bare, ...keyWrap]) {
    const lengths = bare.includes(algorithm) ? [1, 32, 64, 138] : [1, 7, 8, 9, 121, 2375]
    for (const length of lengths) {
      const material = randomBytes(length)
      const wrapped = wrapForImport(wrappingKey, algorithm, material)
      assert.deepEqual(unwrapImported(wrappingKey, algorithm, wrapped), material)
      for (const other of [...bare, ...keyWrap]) {
        if (other === algorithm) continue
        // What is 32 bytes long under OAEP is the key of nothing at all.
        assert.equal(unwrapImported(wrappingKey, other, wrapped), undefined)
      }
    }
  }
})

test('whatever is changed or cut off is refused, without a word', () => {
  for (const algorithm of [...bare, ...keyWrap]) {
    const wrapped = wrapForImport(wrappingKey, algorithm, randomBytes(48))
    for (let place = 0; place < wrapped.length; place += 13) {
      const changed = Buffer.from(wrapped)
      changed[place] = (changed[place] ?? 0) ^ 4
      assert.equal(unwrapImported(wrappingKey, algorithm, changed), undefined)
      assert.equal(unwrapImported(wrappingKey, algorithm, wrapped.subarray(0, place)), undefined)
    }
    const longer = Buffer.concat([wrapped, Buffer.alloc(8)])
    assert.equal(unwrapImported(wrappingKey, algorithm, longer), undefined)
  }
  assert.throws(() => unwrapImported(wrappingKey, 'RSAES_PKCS1_V1_5', Buffer.alloc(256)))
})

const openssl = spawnSync('openssl', ['version'], { encoding: 'utf8' }).stdout ?? ''

test('what the openssl command wraps as AWS documents it, opens', {
  skip: /^OpenSSL [3-9]/.test(openssl) ? false : 'there is no openssl 3 on this machine',
}, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'trent-import-'))
  try {
    const material = generateMaterial('ECC_NIST_P521')
    const aesKey = randomBytes(32)
    writeFileSync(path.join(folder, 'public.der'), spkiOf(publicKeyOf(wrappingKey)))
    for (const [hash, name] of [
      ['sha1', 'SHA_1'],
      ['sha256', 'SHA_256'],
    ] as const) {
      const oaep = ['rsa_padding_mode:oaep', `rsa_oaep_md:${hash}`, `rsa_mgf1_md:${hash}`]
      const options = oaep.flatMap((option) => ['-pkeyopt', option])
      const key = ['-pubin', '-keyform', 'DER', '-inkey', 'public.der']
      const encrypt = (input: Buffer) =>
        run(folder, ['pkeyutl', '-encrypt', ...key, ...options], input)
      const hex = aesKey.toString('hex')
      const wrap = ['enc', '-id-aes256-wrap-pad', '-K', hex, '-iv', 'A65959A6']
      const wrapped = Buffer.concat([encrypt(aesKey), run(folder, wrap, material)])
      const algorithm = `RSA_AES_KEY_WRAP_${name}`
      assert.deepEqual(unwrapImported(wrappingKey, algorithm, wrapped), material)
      const plain = encrypt(aesKey)
      assert.deepEqual(unwrapImported(wrappingKey, `RSAES_OAEP_${name}`, plain), aesKey)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})

function run(cwd: string, args: readonly string[], input: Buffer): Buffer {
  const { status, stdout, stderr } = spawnSync('openssl', args, { cwd, input })
  assert.equal(status, 0, String(stderr))
  return stdout
}
