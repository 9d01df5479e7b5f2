/**
 * Sealed key material: the only reader of the rows it stands in. In memory it is a `KeyObject`; the bytes it is made from
 * are zeroed at once.
 */
import type { KeyObject } from 'node:crypto'
import { everyPartition, partitionOf } from '../api/arn.ts'
import { mac as keyedHash } from '../crypto/derive.ts'
import { privateKeyFromMaterial, publicKeyOf } from '../crypto/key-material.ts'
import { type KeySpecRow, requireKeySpec } from '../crypto/key-specs.ts'
import { type XaesKey, xaesKey } from '../crypto/xaes.ts'
import type { Database, Writer } from '../database/database.ts'
import {
  deleteMaterial,
  deleteMaterials,
  findMaterial,
  insertMaterial,
  listMaterialsBut,
  type MaterialName,
  materialRowName,
  type OwnedMaterialRow,
  resealMaterial,
} from '../database/key-material.ts'
import { listRegionsOfKey } from '../database/keys.ts'
import { materialRegion } from '../database/material-entries.ts'
import type { Key } from '../keys/key.ts'
import type { Soon } from '../soon.ts'
import type { MaterialOwner, PreparedMaterial } from './key-store.ts'
import type { RootKeyRing, SealedPlace } from './root-key-ring.ts'
import type { SealedRow, SealedRows } from './sealed-rows.ts'

/** What sealing works with. */
export interface SealingParts {
  readonly database: Database
  readonly root: RootKeyRing
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
export type Loader = (key: Key, materialId: string) => Soon<Loaded | undefined>

/** Loads material by name, from memory where it is there; undefined if and only if there is no such row. */
export function materialLoader(parts: SealingParts): Loader {
  const view = parts.database.view<Loaded>(keptMaterials)
  return (key, materialId) => {
    const name: MaterialName = { keyId: key.id, region: materialRegion(key), materialId }
    const rowName = materialRowName(name)
    const kept = view.get(rowName)
    if (kept !== undefined) return kept
    return view.find(rowName, async () => {
      const row = await findMaterial(parts.database.read, name)
      if (row === undefined) return undefined
      const bytes = parts.root.open('material', row.sealed, place(key, name))
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
  const sealed = parts.root.seal('material', material, place(key, name))
  material.fill(0)
  return {
    materialId,
    store: async (transaction) => {
      await insertMaterial(transaction, {
        ...name,
        account: key.account,
        sealed: parts.root.toStore('material', sealed, place(key, name)),
        createdAt: parts.now(),
      })
    },
  }
}

/** Every row of sealed material, for a change of the root key. */
export const materialRows: SealedRows<OwnedMaterialRow> = {
  kind: 'key material',
  list: async (reader, header, page) => {
    const after = page.after ?? { keyId: '', region: '', materialId: '' }
    return (await listMaterialsBut(reader, header, { after, limit: page.limit })).map(sealedRow)
  },
  put: (transaction, { row, sealed: was }, sealed) =>
    resealMaterial(transaction, { ...row, was, sealed }),
}

function sealedRow(row: OwnedMaterialRow): SealedRow<OwnedMaterialRow> {
  const name = `the material \`${row.materialId}\` of key \`${row.keyId}\``
  return {
    row,
    name,
    purpose: 'material',
    sealed: row.sealed,
    places: placesOf(row),
  }
}

/** The row that wrapped material belongs to; a row moved elsewhere does not open. */
function place(
  { account, region, spec }: Pick<Key, 'account' | 'region'> & { readonly spec: string },
  name: MaterialName,
): SealedPlace {
  return placeIn(partitionOf(region), requireKeySpec(spec).kind, { ...name, account })
}

function placeIn(
  partition: string,
  kind: KeySpecRow['kind'],
  { account, keyId, region, materialId }: MaterialName & { readonly account: string },
): SealedPlace {
  const owner = [partition, account, keyId, region, materialId, kind]
  return (rootKeyId) => ['key material', rootKeyId, ...owner]
}

/** A row that has lost its key does not tell partition and kind. There are few of either. */
function placesOf(row: OwnedMaterialRow): readonly SealedPlace[] {
  const { account, keyRegion: region, spec } = row
  if (region !== undefined && spec !== undefined) return [place({ account, region, spec }, row)]
  return everyPartition.flatMap((partition) =>
    keyKinds.map((kind) => placeIn(partition, kind, row)),
  )
}

const keyKinds: readonly KeySpecRow['kind'][] = ['symmetric', 'asymmetric', 'hmac']

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
