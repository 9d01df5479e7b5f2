/**
 * Sealed key material: the only reader of the rows it stands in. In memory it is a `KeyObject`; the bytes it is made from
 * are zeroed at once.
 */
import type { KeyObject } from 'node:crypto'
import { partitionOf } from '../api/arn.ts'
import { mac as keyedHash } from '../crypto/derive.ts'
import { privateKeyFromMaterial, publicKeyOf } from '../crypto/key-material.ts'
import { requireKeySpec } from '../crypto/key-specs.ts'
import { unwrap, wrap } from '../crypto/key-wrap.ts'
import { type XaesKey, xaesKey } from '../crypto/xaes.ts'
import type { Database, Writer } from '../database/database.ts'
import {
  deleteMaterial,
  deleteMaterials,
  findMaterial,
  insertMaterial,
  type MaterialName,
  materialRowName,
} from '../database/key-material.ts'
import { listRegionsOfKey } from '../database/keys.ts'
import { materialRegion } from '../database/material-entries.ts'
import type { Key } from '../keys/key.ts'
import type { MaterialOwner, PreparedMaterial } from './key-store.ts'
import type { RootKeys } from './root-key.ts'

/** What sealing works with. */
export interface SealingParts {
  readonly database: Database
  readonly root: RootKeys
  readonly now: () => number
}

/** Material in memory: handles, never bytes. */
export interface Loaded {
  readonly secret: KeyObject
  readonly publicKey: KeyObject | undefined
  readonly xaes: XaesKey | undefined
}

/** How many materials stay unwrapped in memory; each is a key handle of a few hundred bytes to a few kilobytes. */
const keptMaterials = 10_000

/** Loads a material by name; undefined if and only if there is no such row. */
export type Loader = (key: Key, materialId: string) => Promise<Loaded | undefined>

/** Loads material by name, from memory where it is there; undefined if and only if there is no such row. */
export function materialLoader(parts: SealingParts): Loader {
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

/** Seals material; its id is a keyed hash of key id and material, so that the same material has the same id. */
export function prepared(
  parts: SealingParts,
  key: MaterialOwner,
  material: Buffer,
): PreparedMaterial {
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

/** Destroys every material of a key. Material that related keys share is destroyed with the last of them. */
export async function destroyMaterials(transaction: Writer, key: Key): Promise<void> {
  const shared = key.origin !== 'EXTERNAL'
  if (shared && (await listRegionsOfKey(transaction, key.id)).length > 1) return
  await deleteMaterials(transaction, { keyId: key.id, region: materialRegion(key) })
}

/** Destroys one material. */
export function destroyMaterial(transaction: Writer, key: Key, materialId: string): Promise<void> {
  return deleteMaterial(transaction, { keyId: key.id, region: materialRegion(key), materialId })
}
