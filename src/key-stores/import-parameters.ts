/**
 * Import parameters: a wrapping key and the token that goes with it. The private half is sealed in the database and erased
 * after a day; the token says which row, for which key in which region, until when, under a MAC.
 *
 *     version (1 byte, 0x01) | token id (32) | valid to (8, milliseconds, big-endian) | MAC (32)
 */
import { createPrivateKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { expiredImportToken, invalidImportToken } from '../api/errors.ts'
import type { WrappingAlgorithm, WrappingKeySpec } from '../api/types.ts'
import { holdsMac, makeMac } from '../crypto/derive.ts'
import { randomBytes } from '../crypto/random.ts'
import type { WorkPool } from '../crypto/work.ts'
import type { Reader, Writer } from '../database/database.ts'
import {
  findImportParameters,
  insertImportParameters,
  listParametersBut,
  resealParameters,
} from '../database/import-parameters.ts'
import type { Key } from '../keys/key.ts'
import type { RootKeyRing, SealedPlace } from './root-key-ring.ts'
import type { SealedRows } from './sealed-rows.ts'

/** New parameters: what the caller is given, and how to store the rest. */
export interface NewImportParameters {
  readonly token: Buffer
  readonly publicKey: Buffer
  readonly store: (transaction: Writer) => Promise<void>
}

/** A wrapping key at work. */
export interface OpenedParameters {
  readonly wrappingKey: KeyObject
  readonly algorithm: WrappingAlgorithm
}

/** Makes and opens import parameters. */
export interface ImportParameters {
  make(key: Key, wrapping: Wrapping): Promise<NewImportParameters>
  /**
   * The wrapping key of a token. Throws InvalidImportTokenException for a token of another key or region or of nobody's,
   * ExpiredImportTokenException for one that is over.
   */
  open(reader: Reader, key: Key, token: Presented): Promise<OpenedParameters>
}

/** How material is to be wrapped, and until when; `validTo` is milliseconds since 1970. */
export interface Wrapping {
  readonly algorithm: WrappingAlgorithm
  readonly spec: WrappingKeySpec
  readonly validTo: number
}

/** A token as it comes back. */
export interface Presented {
  readonly token: Uint8Array
  readonly now: number
}

const tokenLength = 73

/** Import parameters under a root key. */
export function importParameters(root: RootKeyRing, pool: WorkPool): ImportParameters {
  return {
    make: async (key, { algorithm, spec, validTo }) => {
      const { privateKey, publicKey } = await pool.run('generateKeyPair', spec)
      const id = randomBytes(32)
      const tokenId = id.toString('hex')
      const at = place(key, tokenId)
      const sealed = root.seal('material', privateKey, at)
      privateKey.fill(0)
      const body = Buffer.alloc(41)
      body[0] = 1
      body.set(id, 1)
      body.writeBigInt64BE(BigInt(validTo), 33)
      const { id: keyId, region, account } = key
      return {
        token: Buffer.concat([body, makeMac(root.importTokens, tokenParts(key, body))]),
        publicKey,
        store: async (transaction) => {
          const now = root.toStore('material', sealed, at)
          const row = { tokenId, keyId, region, account, algorithm, sealed: now, validTo }
          await insertImportParameters(transaction, row)
        },
      }
    },
    open: async (reader, key, { token, now }) => {
      const tokenId = readToken(root, key, { token, now })
      const row = await findImportParameters(reader, tokenId)
      if (row === undefined) throw invalidImportToken()
      const bytes = root.open('material', row.sealed, place(key, tokenId))
      if (bytes === undefined) throw new Error('the wrapping key of an import does not open')
      const wrappingKey = createPrivateKey({ key: bytes, format: 'der', type: 'pkcs8' })
      bytes.fill(0)
      return { wrappingKey, algorithm: row.algorithm as WrappingAlgorithm }
    },
  }
}

function readToken(root: RootKeyRing, key: Key, { token, now }: Presented): string {
  if (token.length !== tokenLength || token[0] !== 1) throw invalidImportToken()
  const body = Buffer.from(token.subarray(0, 41))
  const given = { mac: token.subarray(41), length: 32 }
  if (!holdsMac(root.importTokens, tokenParts(key, body), given)) throw invalidImportToken()
  if (body.readBigInt64BE(33) <= BigInt(now)) throw expiredImportToken()
  return body.toString('hex', 1, 33)
}

/** Every row of sealed wrapping keys, for a change of the root key. */
export const importParameterRows: SealedRows<{ readonly tokenId: string }> = {
  kind: 'import parameters',
  list: async (reader, header, page) => {
    const after = page.after?.tokenId ?? ''
    const rows = await listParametersBut(reader, header, { after, limit: page.limit })
    return rows.map((row) => ({
      row,
      name: `the wrapping key of an import into \`${row.keyId}\``,
      purpose: 'material',
      sealed: row.sealed,
      places: [place({ account: row.account, region: row.region, id: row.keyId }, row.tokenId)],
    }))
  },
  put: (transaction, { row, sealed: was }, sealed) =>
    resealParameters(transaction, { tokenId: row.tokenId, was, sealed }),
}

function tokenParts(key: Key, body: Buffer): (string | Buffer)[] {
  return ['import token', key.account, key.region, key.id, body]
}

function place(key: Pick<Key, 'account' | 'region' | 'id'>, tokenId: string): SealedPlace {
  const { account, region, id } = key
  return (rootKeyId) => ['import wrapping key', rootKeyId, account, region, id, tokenId]
}
