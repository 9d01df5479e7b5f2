/**
 * Grants in a database of their own, without a server: what the tests of looking grants up stand on.
 */
import { createSecretKey } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { decide, type GrantCandidate } from '../../src/access/decide.ts'
import type { MacKeys } from '../../src/crypto/derive.ts'
import type { Database, Reader } from '../../src/database/database.ts'
import type { Statement } from '../../src/database/sql.ts'
import { openSqlite } from '../../src/database/sqlite.ts'
import type { Grant } from '../../src/grants/grant.ts'
import type { GrantQuestion } from '../../src/grants/grant-directory.ts'
import { newGrantId } from '../../src/grants/grant-id.ts'
import { storeGrant } from '../../src/grants/store-grant.ts'
import { type Key, newKey } from '../../src/keys/key.ts'
import { type Caller, namesOf } from '../../src/policies/principals.ts'

export const account = '111122223333'
export const user: Caller = {
  type: 'user',
  account,
  arn: `arn:aws:iam::${account}:user/Bob`,
  id: 'AIDABOB',
}
export const names = namesOf(user, 'Allow')
const secret = createSecretKey(Buffer.alloc(32, 7))
export const tokenKey: MacKeys = () => [secret]

/** A key that is nowhere but in its grants. */
export const someKey: Key = newKey(
  { account, region: 'us-east-1' },
  { id: '12345678-1234-1234-1234-123456789012', createdAt: 1 },
)

/** A database in a folder that goes with it. */
export interface TestDatabase extends AsyncDisposable {
  readonly database: Database
  readonly file: string
}

/** Opens a new database. */
export function openDatabase(): TestDatabase {
  const folder = mkdtempSync(join(tmpdir(), 'trent-grants-'))
  const file = join(folder, 'trent.db')
  const database = openSqlite(file, () => {})
  return {
    database,
    file,
    [Symbol.asyncDispose]: async () => {
      await database[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A grant of Decrypt to Bob, unless told otherwise. */
export function someGrant(given: Partial<Grant> = {}): Grant {
  return {
    region: someKey.region,
    keyId: someKey.id,
    account,
    id: newGrantId(),
    name: '',
    grantee: { shown: user.arn, name: 'AWS:AIDABOB' },
    retiring: undefined,
    issuingAccount: account,
    operations: ['Decrypt'],
    constraints: undefined,
    createdAt: 1,
    ...given,
  }
}

/** Stores grants on the key, in one transaction. */
export async function store(
  { database }: TestDatabase,
  grants: Iterable<Grant>,
  key = someKey,
): Promise<void> {
  await database.write(async (transaction) => {
    for (const grant of grants) await storeGrant(transaction, key, grant)
  })
  await database.refresh()
}

/** Decides by nothing but grants: no policy says a word. */
export function decideByGrants(question: GrantQuestion, grants: readonly GrantCandidate[]) {
  return decide({
    on: 'resource',
    request: {
      action: `kms:${question.operation}`,
      resource: someKey.arn,
      caller: user,
      context: (name) =>
        name === 'aws:sourcearn' && question.sourceArn !== undefined
          ? [question.sourceArn]
          : undefined,
    },
    owner: account,
    acrossAccounts: true,
    layers: { resource: undefined, identity: [], boundary: undefined, session: undefined },
    grants,
    encryptionContext: question.encryptionContext,
    ...(question.newGrant && { newGrant: question.newGrant }),
  })
}

/** The database with its reader's statements written down. */
export function watched({ database }: TestDatabase): {
  readonly statements: Statement[]
  readonly database: Database
} {
  const statements: Statement[] = []
  const read: Reader = {
    all: (statement) => {
      statements.push(statement)
      return database.read.all(statement)
    },
    first: (statement) => {
      statements.push(statement)
      return database.read.first(statement)
    },
  }
  return {
    statements,
    database: {
      read,
      write: (work) => database.write(work),
      refresh: () => database.refresh(),
      catchUp: () => database.catchUp(),
      fresh: true,
      chain: database.chain,
      purge: () => database.purge(),
      owesPurge: false,
      commits: 0,
      snapshot: (work) => database.snapshot(work),
      view: (capacity) => database.view(capacity),
      [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
    },
  }
}

/** The steps by which the engine answers statements. */
export function plansOf({ file }: TestDatabase, statements: readonly Statement[]): Set<string> {
  using plain = new DatabaseSync(file)
  return new Set(
    statements.flatMap(({ parts }) =>
      plain
        .prepare(`EXPLAIN QUERY PLAN ${parts.join('?')}`)
        .all()
        .map((row) => String(row['detail'])),
    ),
  )
}
