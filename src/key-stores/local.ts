/**
 * The default key store: key material in the database, wrapped under a key that comes from the root key. In memory it is
 * a `KeyObject`; the bytes it is made from are zeroed at once.
 */
import { invalidCiphertext } from '../api/errors.ts'
import { partitionOf } from '../api/arn.ts'
import { mac } from '../crypto/derive.ts'
import { unwrap, wrap } from '../crypto/key-wrap.ts'
import { randomBytes } from '../crypto/random.ts'
import { type XaesKey, xaesKeyFromBytes } from '../crypto/xaes.ts'
import type { Database } from '../database/database.ts'
import {
  deleteMaterials,
  everyRegion,
  findMaterial,
  insertMaterial,
  type MaterialName,
  materialRowName,
} from '../database/key-material.ts'
import { openBlob, readBlobHeader, sealBlob } from '../encryption/ciphertext-blob.ts'
import type { Key } from '../keys/key.ts'
import type { KeyStore } from './key-store.ts'
import type { RootKeys } from './root-key.ts'

/** How many materials stay unwrapped in memory; each is a key handle of a few hundred bytes. */
const keptMaterials = 10_000

/** The default key store over a database. */
export function localKeyStore(database: Database, root: RootKeys, now: () => number): KeyStore {
  const view = database.view<XaesKey>(keptMaterials)

  const open = async (key: Key, materialId: string): Promise<XaesKey | undefined> => {
    const name: MaterialName = { keyId: key.id, region: everyRegion, materialId }
    const rowName = materialRowName(name)
    const kept = view.get(rowName)
    if (kept !== undefined) return kept
    return view.find(rowName, async () => {
      const row = await findMaterial(database.read, name)
      if (row === undefined) return undefined
      const bytes = unwrap(
        root.material,
        row.sealed,
        place(root, { ...name, account: key.account, partition: partitionOf(key.region) }),
      )
      if (bytes === undefined) {
        throw new Error(`the material \`${materialId}\` of key \`${key.id}\` does not open`)
      }
      return xaesKeyFromBytes(bytes)
    })
  }

  return {
    prepare: (key) => {
      const bytes = randomBytes(32)
      const materialId = mac(bytes, ['trent key material id', key.id]).toString('hex')
      const name: MaterialName = { keyId: key.id, region: everyRegion, materialId }
      const sealed = wrap(
        root.material,
        bytes,
        place(root, { ...name, account: key.account, partition: partitionOf(key.region) }),
      )
      bytes.fill(0)
      return {
        materialId,
        store: (transaction) =>
          insertMaterial(transaction, { ...name, account: key.account, sealed, createdAt: now() }),
      }
    },
    encrypt: async (key, plaintext, context) => {
      const materialId = key.currentMaterialId ?? ''
      const material = await open(key, materialId)
      if (material === undefined) throw new Error(`key \`${key.id}\` has lost its material`)
      return sealBlob({ key: material, header: { keyId: key.id, materialId } }, plaintext, context)
    },
    decrypt: async (key, blob, context) => {
      const header = readBlobHeader(blob)
      if (header?.keyId !== key.id) throw invalidCiphertext('the blob names another key')
      const material = await open(key, header.materialId)
      const plaintext = material && openBlob(material, blob, context)
      if (plaintext === undefined) throw invalidCiphertext()
      return plaintext
    },
    destroy: (transaction, key) => deleteMaterials(transaction, key.id),
  }
}

/** The row that wrapped material belongs to; a row moved elsewhere does not open. */
function place(
  root: RootKeys,
  name: MaterialName & { readonly account: string; readonly partition: string },
): string[] {
  return [
    'key material',
    root.id,
    name.partition,
    name.account,
    name.keyId,
    name.region,
    name.materialId,
    'symmetric',
  ]
}
