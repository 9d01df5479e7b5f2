/**
 * The default key store: key material in the database, wrapped under a key that comes from the root key. What takes long
 * is done by the pool's threads.
 */
import type { KeyObject } from 'node:crypto'
import { invalidCiphertext } from '../api/errors.ts'
import { canonicalMaterial } from '../crypto/imported-material.ts'
import { spkiOf } from '../crypto/key-material.ts'
import { hmac } from '../crypto/mac.ts'
import type { WorkPool } from '../crypto/work.ts'
import { openBlob, readBlobHeader, sealBlob } from '../encryption/ciphertext-blob.ts'
import type { Key } from '../keys/key.ts'
import { goOn, type Soon } from '../soon.ts'
import type { KeyStore, Sealing } from './key-store.ts'
import {
  destroyMaterial,
  destroyMaterials,
  type Loaded,
  type Loader,
  materialLoader,
  prepared,
  type SealingParts,
} from './sealed-material.ts'

/** What a store works with. */
export interface LocalStoreParts extends SealingParts {
  readonly pool: WorkPool
}

/** The default key store over a database. */
export function localKeyStore(parts: LocalStoreParts): KeyStore {
  const { pool } = parts
  const loader = materialLoader(parts)
  const current = (key: Key): Soon<Loaded> =>
    goOn(loader(key, key.currentMaterialId ?? ''), (material) => {
      if (material === undefined) throw new Error(`key \`${key.id}\` has lost its material`)
      return material
    })
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
    encrypt: (key, sealing) => {
      const { algorithm, bytes } = sealing
      return key.spec === 'SYMMETRIC_DEFAULT'
        ? goOn(current(key), (material) => sealSymmetric(key, material, sealing))
        : publicHalf(key).then((half) => pool.run('rsaEncrypt', half, algorithm, bytes))
    },
    decrypt: (key, sealing) => {
      const { algorithm, bytes } = sealing
      const plaintext =
        key.spec === 'SYMMETRIC_DEFAULT'
          ? openSymmetric(key, sealing, loader)
          : goOn(current(key), ({ secret }) => pool.run('rsaDecrypt', secret, algorithm, bytes))
      return goOn(plaintext, (opened) => {
        if (opened === undefined) throw invalidCiphertext()
        return opened
      })
    },
    sign: async (key, signing) => pool.run('sign', key.spec, (await current(key)).secret, signing),
    verify: async (key, signing, signature) =>
      pool.run('verify', key.spec, await publicHalf(key), { ...signing, signature }),
    mac: async (key, algorithm, message) => hmac((await current(key)).secret, algorithm, message),
    publicKey: async (key) => spkiOf(await publicHalf(key)),
    agree: async (key, peer) => pool.run('agree', key.spec, (await current(key)).secret, peer),
    encapsulate: async (key) => pool.run('encapsulate', await publicHalf(key)),
    decapsulate: async (key, ciphertext) =>
      pool.run('decapsulate', (await current(key)).secret, ciphertext),
    destroy: destroyMaterials,
    destroyMaterial,
  }
}

function sealSymmetric(key: Key, material: Loaded, sealing: Sealing): Buffer {
  if (material.xaes === undefined) throw new Error(`key \`${key.id}\` is not symmetric`)
  const header = { keyId: key.id, materialId: key.currentMaterialId ?? '' }
  return sealBlob({ key: material.xaes, header }, sealing.bytes, sealing.context)
}

function openSymmetric(key: Key, sealing: Sealing, loader: Loader): Soon<Buffer | undefined> {
  const header = readBlobHeader(sealing.bytes)
  if (header?.keyId !== key.id) return undefined
  return goOn(
    loader(key, header.materialId),
    (material) => material?.xaes && openBlob(material.xaes, sealing.bytes, sealing.context),
  )
}
