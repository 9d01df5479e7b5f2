/**
 * The default key store: key material in the database, wrapped under a key that comes from the root key. In memory it is
 * a `KeyObject`; the bytes it is made from are zeroed at once. What takes long is done by the pool's threads.
 */
import type { KeyObject } from 'node:crypto'
import { partitionOf } from '../api/arn.ts'
import { invalidCiphertext } from '../api/errors.ts'
import { mac as keyedHash } from '../crypto/derive.ts'
import { canonicalMaterial } from '../crypto/imported-material.ts'
import { privateKeyFromMaterial, publicKeyOf, spkiOf } from '../crypto/key-material.ts'
import { requireKeySpec } from '../crypto/key-specs.ts'
import { unwrap, wrap } from '../crypto/key-wrap.ts'
import { hmac } from '../crypto/mac.ts'
import type { WorkPool } from '../crypto/work.ts'
import { type XaesKey, xaesKey } from '../crypto/xaes.ts'
import type { Database } from '../database/database.ts'
import {
  deleteMaterial,
  deleteMaterials,
  everyRegion,
  findMaterial,
  insertMaterial,
  type MaterialName,
  materialRowName,
} from '../database/key-material.ts'
import { listRegionsOfKey } from '../database/keys.ts'
import { openBlob, readBlobHeader, sealBlob } from '../encryption/ciphertext-blob.ts'
import type { Key } from '../keys/key.ts'
import type { KeyStore, MaterialOwner, PreparedMaterial, Sealing } from './key-store.ts'
import type { RootKeys } from './root-key.ts'

/** What a store works with. */
export interface LocalStoreParts {
  readonly database: Database
  readonly root: RootKeys
  readonly pool: WorkPool
  readonly now: () => number
}

/** Material in memory: handles, never bytes. */
interface Loaded {
  readonly secret: KeyObject
  readonly publicKey: KeyObject | undefined
  readonly xaes: XaesKey | undefined
}

/** How many materials stay unwrapped in memory; each is a key handle of a few hundred bytes to a few kilobytes. */
const keptMaterials = 10_000

/** The default key store over a database. */
export function localKeyStore(parts: LocalStoreParts): KeyStore {
  const { pool } = parts
  const loader = materialLoader(parts)
  const current = async (key: Key): Promise<Loaded> => {
    const material = await loader(key, key.currentMaterialId ?? '')
    if (material === undefined) throw new Error(`key \`${key.id}\` has lost its material`)
    return material
  }
  const publicHalf = async (key: Key): Promise<KeyObject> => {
    const { publicKey } = await current(key)
    if (publicKey === undefined) throw new Error(`key \`${key.id}\` has no public half`)
    return publicKey
  }
  return {
    prepare: async (key) => prepared(parts, key, await pool.run('generateMaterial', key.spec)),
    prepareImported: (key, bytes) => {
      const material = canonicalMaterial(key.spec, bytes)
      bytes.fill(0)
      return prepared(parts, key, material)
    },
    encrypt: async (key, sealing) => {
      if (key.spec === 'SYMMETRIC_DEFAULT') return sealSymmetric(key, await current(key), sealing)
      return pool.run('rsaEncrypt', await publicHalf(key), sealing.algorithm, sealing.bytes)
    },
    decrypt: async (key, sealing) => {
      const plaintext =
        key.spec === 'SYMMETRIC_DEFAULT'
          ? await openSymmetric(key, sealing, loader)
          : await pool.run(
              'rsaDecrypt',
              (await current(key)).secret,
              sealing.algorithm,
              sealing.bytes,
            )
      if (plaintext === undefined) throw invalidCiphertext()
      return plaintext
    },
    sign: async (key, signing) =>
      pool.run('sign', key.spec, (await current(key)).secret, signing),
    verify: async (key, signing, signature) =>
      pool.run('verify', key.spec, await publicHalf(key), { ...signing, signature }),
    mac: async (key, algorithm, message) =>
      hmac((await current(key)).secret, algorithm, message),
    publicKey: async (key) => spkiOf(await publicHalf(key)),
    agree: async (key, peer) => pool.run('agree', key.spec, (await current(key)).secret, peer),
    encapsulate: async (key) => pool.run('encapsulate', await publicHalf(key)),
    decapsulate: async (key, ciphertext) =>
      pool.run('decapsulate', (await current(key)).secret, ciphertext),
    destroy: async (transaction, key) => {
      const shared = key.origin !== 'EXTERNAL'
      // Material that related keys share is destroyed with the last of them.
      if (shared && (await listRegionsOfKey(transaction, key.id)).length > 1) return
      await deleteMaterials(transaction, { keyId: key.id, region: materialRegion(key) })
    },
    destroyMaterial: (transaction, key, materialId) =>
      deleteMaterial(transaction, { keyId: key.id, region: materialRegion(key), materialId }),
  }
}

/** Material that Trent made serves every region of a key; imported material belongs to one. */
export function materialRegion(key: Pick<Key, 'origin' | 'region'>): string {
  return key.origin === 'EXTERNAL' ? key.region : everyRegion
}

type Loader = (key: Key, materialId: string) => Promise<Loaded | undefined>

/** Loads material by name, from memory where it is there; undefined if and only if there is no such row. */
function materialLoader(parts: LocalStoreParts): Loader {
  const view = parts.database.view<Loaded>(keptMaterials)
  return async (key, materialId) => {
    const name: MaterialName = { keyId: key.id, region: materialRegion(key), materialId }
    const rowName = materialRowName(name)
    const kept = view.get(rowName)
    if (kept !== undefined) return kept
    return view.find(rowName, async () => {
      const row = await findMaterial(parts.database.read, name)
      if (row === undefined) return undefined
      const bytes = unwrap(parts.root.material, row.sealed, place(parts.root, key, name))
      if (bytes === undefined) {
        throw new Error(`the material \`${materialId}\` of key \`${key.id}\` does not open`)
      }
      return load(key.spec, bytes)
    })
  }
}

function load(spec: string, bytes: Buffer): Loaded {
  const secret = privateKeyFromMaterial(spec, bytes)
  const { kind } = requireKeySpec(spec)
  return {
    secret,
    publicKey: kind === 'asymmetric' ? publicKeyOf(secret) : undefined,
    xaes: kind === 'symmetric' ? xaesKey(secret) : undefined,
  }
}

function sealSymmetric(key: Key, material: Loaded, sealing: Sealing): Buffer {
  if (material.xaes === undefined) throw new Error(`key \`${key.id}\` is not symmetric`)
  const header = { keyId: key.id, materialId: key.currentMaterialId ?? '' }
  return sealBlob({ key: material.xaes, header }, sealing.bytes, sealing.context)
}

async function openSymmetric(
  key: Key,
  sealing: Sealing,
  loader: Loader,
): Promise<Buffer | undefined> {
  const header = readBlobHeader(sealing.bytes)
  if (header?.keyId !== key.id) return undefined
  const material = await loader(key, header.materialId)
  return material?.xaes && openBlob(material.xaes, sealing.bytes, sealing.context)
}

/** Seals material; its id is a keyed hash of key id and material, so that the same material has the same id. */
function prepared(parts: LocalStoreParts, key: MaterialOwner, material: Buffer): PreparedMaterial {
  const materialId = keyedHash(material, ['trent key material id', key.id]).toString('hex')
  const name: MaterialName = { keyId: key.id, region: materialRegion(key), materialId }
  const sealed = wrap(parts.root.material, material, place(parts.root, key, name))
  material.fill(0)
  return {
    materialId,
    store: (transaction) =>
      insertMaterial(transaction, {
        ...name,
        account: key.account,
        sealed,
        createdAt: parts.now(),
      }),
  }
}

/** The row that wrapped material belongs to; a row moved elsewhere does not open. */
function place(
  root: RootKeys,
  key: Pick<Key, 'account' | 'region' | 'spec'>,
  name: MaterialName,
): string[] {
  const partition = partitionOf(key.region)
  const { kind } = requireKeySpec(key.spec)
  return [
    'key material',
    root.id,
    partition,
    key.account,
    name.keyId,
    name.region,
    name.materialId,
    kind,
  ]
}
