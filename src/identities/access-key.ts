/**
 * Access keys: made, sealed, found and opened. The form is AWS's: `AKIA` and 16 characters of base 32, and a secret of 40
 * characters of base 64.
 */
import type { KeyObject } from 'node:crypto'
import { randomBytes, randomText } from '../crypto/random.ts'
import type { Database, Writer } from '../database/database.ts'
import {
  type AccessKeyRow,
  accessKeyRowName,
  findAccessKey,
  insertAccessKey,
  listAccessKeysBut,
  resealAccessKey,
} from '../database/identities.ts'
import type { View } from '../database/view.ts'
import type { RootKeyRing, SealedPlace } from '../key-stores/root-key-ring.ts'
import type { SealedRows } from '../key-stores/sealed-rows.ts'
import { deriveSigningKey } from '../sigv4/signing-key.ts'
import type { Soon } from '../soon.ts'
import type { IdentityFacts } from './identity-directory.ts'
import type { Principal } from './principal.ts'

/** An access key that signs: what is kept in memory, without the secret itself. */
export interface AccessKey {
  readonly id: string
  readonly account: string
  readonly userId: string
  readonly active: boolean
  /** The secret, still sealed. */
  readonly sealed: Uint8Array
  /** Signing keys by `date/region/service`, kept only after a signature under them was verified. */
  readonly signingKeys: Map<string, KeyObject>
  /** The principal that it signs for, by partition: the ARN names it. Of a user, with what it was made from. */
  readonly principals: Map<
    string,
    { readonly principal: Principal; readonly facts: IdentityFacts | undefined }
  >
}

/** How many access keys stay in memory, and how many signing keys each of them may have there. */
const keptAccessKeys = 10_000
const keptSigningKeys = 128

/** The access keys of a service. */
export interface AccessKeys {
  /** The access key of this id; undefined if and only if there is none. */
  find(id: string): Soon<AccessKey | undefined>
  /** The key that signs for one date, region and service. */
  signingKey(accessKey: AccessKey, scope: SigningScope): KeyObject
  /** Keeps a signing key, once a signature under it has been verified. */
  keep(accessKey: AccessKey, scope: SigningScope, signingKey: KeyObject): void
}

/** The part of a credential scope that a signing key depends on. */
export interface SigningScope {
  readonly date: string
  readonly region: string
  readonly service: string
}

/** Access keys over a database; entries are dropped when their row changes, and their signing keys with them. */
export function accessKeys(database: Database, root: RootKeyRing): AccessKeys {
  const view: View<AccessKey> = database.view(keptAccessKeys)
  return {
    find: (id) => {
      const name = accessKeyRowName(id)
      const kept = view.get(name)
      if (kept !== undefined) return kept
      return view.find(name, async () => {
        const row = await findAccessKey(database.read, id)
        return row && fromRow(row)
      })
    },
    signingKey: (accessKey, scope) => {
      const kept = accessKey.signingKeys.get(scopeName(scope))
      if (kept !== undefined) return kept
      const secret = root.open('credentials', accessKey.sealed, place(accessKey))
      if (secret === undefined) throw new Error(`the access key \`${accessKey.id}\` does not open`)
      const signingKey = deriveSigningKey(
        secret.toString('latin1'),
        scope.date,
        scope.region,
        scope.service,
      )
      secret.fill(0)
      return signingKey
    },
    keep: (accessKey, scope, signingKey) => {
      const name = scopeName(scope)
      if (accessKey.signingKeys.get(name) === signingKey) return
      if (accessKey.signingKeys.size >= keptSigningKeys) accessKey.signingKeys.clear()
      accessKey.signingKeys.set(name, signingKey)
    },
  }
}

/** A new access key: its row, how to store it, and the secret, which is shown once and kept nowhere in the clear. */
export function newAccessKey(
  root: RootKeyRing,
  owner: { readonly account: string; readonly userId: string },
  createdAt: number,
): NewAccessKey {
  const id = `AKIA${randomText(16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}`
  const secret = randomBytes(30).toString('base64')
  const at = place({ id, account: owner.account })
  const sealed = root.seal('credentials', Buffer.from(secret, 'latin1'), at)
  const row = { id, ...owner, secret: sealed, status: 'Active', createdAt } as const
  const store = async (transaction: Writer): Promise<void> => {
    await insertAccessKey(transaction, { ...row, secret: root.toStore('credentials', sealed, at) })
  }
  return { row, secret, store }
}

/** An access key that is not stored yet. */
export interface NewAccessKey {
  readonly row: AccessKeyRow
  readonly secret: string
  readonly store: (transaction: Writer) => Promise<void>
}

/** Every row of sealed secrets, for a change of the root key. */
export const accessKeyRows: SealedRows<{ readonly id: string }> = {
  kind: 'secret access keys',
  list: async (reader, header, page) => {
    const after = page.after?.id ?? ''
    const rows = await listAccessKeysBut(reader, header, { after, limit: page.limit })
    return rows.map((row) => ({
      row,
      name: `the access key \`${row.id}\``,
      purpose: 'credentials',
      sealed: row.secret,
      places: [place(row)],
    }))
  },
  put: (transaction, { row, sealed: was }, sealed) =>
    resealAccessKey(transaction, { id: row.id, was, sealed }),
}

function fromRow(row: AccessKeyRow): AccessKey {
  return {
    id: row.id,
    account: row.account,
    userId: row.userId,
    active: row.status === 'Active',
    sealed: row.secret,
    signingKeys: new Map(),
    principals: new Map(),
  }
}

function scopeName({ date, region, service }: SigningScope): string {
  if (newest.date !== date || newest.region !== region || newest.service !== service) {
    newest = { date, region, service, name: `${date}/${region}/${service}` }
  }
  return newest.name
}

/** The scope that was named last: most signatures of a day have the same. */
let newest: SigningScope & { readonly name: string } = {
  date: '',
  region: '',
  service: '',
  name: '//',
}

function place(key: { readonly id: string; readonly account: string }): SealedPlace {
  return (rootKeyId) => ['secret access key', rootKeyId, key.account, key.id]
}
