/**
 * `node tools/pinned.cjs tools/make-blob-corpus.ts`: writes test/vectors/blobs/v1.json, ciphertexts of version 1 that have
 * to decrypt for ever. It was run once. It does not touch a corpus that is there: a new version of the blob gets a
 * corpus of its own.
 */
import { createHash, createSecretKey } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { xaesKey } from '../src/crypto/xaes.ts'
import { openBlob, sealBlob } from '../src/encryption/ciphertext-blob.ts'
import { root } from './sources.ts'

type Pairs = readonly (readonly [name: string, value: string])[]

const file = path.join(root, 'test/vectors/blobs/v1.json')
if (existsSync(file)) throw new Error(`${file} is there already, and is to stay as it is`)

const uuids = [
  '00000000-0000-0000-0000-000000000000',
  '1234abcd-12ab-34cd-56ef-1234567890ab',
  'ffffffff-ffff-4fff-bfff-ffffffffffff',
]
const multiRegionIds = [
  'mrk-00000000000000000000000000000000',
  'mrk-1234abcd12ab34cd56ef1234567890ab',
  'mrk-ffffffffffffffffffffffffffffffff',
]
const contexts: readonly (Pairs | null)[] = [
  null,
  [],
  [['tenant', 'a']],
  [
    ['b', '2'],
    ['a', '1'],
    ['c', ''],
  ],
  [
    ['__proto__', 'x'],
    ['', 'empty name'],
  ],
  [
    ['ключ', 'значение'],
    ['😀', '￾'],
    ['～', 'é'],
    ['e\u0301', '\u0000'],
  ],
  [['long', 'v'.repeat(3000)]],
]
const plaintexts = [
  Buffer.from('x'),
  Buffer.from('plain'),
  Buffer.alloc(32, 0),
  Buffer.from(Array.from({ length: 256 }, (_, index) => index)),
  Buffer.alloc(4096, 0xfe),
]

const cases = [...uuids, ...multiRegionIds].flatMap((keyId, row) =>
  contexts.map((context, column) => ({
    keyId,
    context,
    plaintext: plaintexts[(row + column) % plaintexts.length] ?? Buffer.from('x'),
  })),
)
const blobs = cases.map(({ keyId, context, plaintext }, index) => {
  const material = digest(`material ${index}`)
  const materialId = digest(`material id ${index}`).toString('hex')
  const key = xaesKey(createSecretKey(material))
  const under = context === null ? undefined : new Map(context)
  const blob = sealBlob({ key, header: { keyId, materialId } }, plaintext, under)
  if (openBlob(key, blob, under)?.equals(plaintext) !== true) throw new Error('it does not open')
  return {
    material: material.toString('hex'),
    keyId,
    materialId,
    context,
    plaintext: plaintext.toString('base64'),
    blob: blob.toString('base64'),
  }
})
writeFileSync(file, `${JSON.stringify({ version: 1, blobs }, null, 1)}\n`)

function digest(text: string): Buffer {
  return createHash('sha256').update(`trent blob corpus, version 1: ${text}`).digest()
}
