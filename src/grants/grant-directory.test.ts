/** Looking grants up loses none that matters, tells of every change, and reads one index entry for each question. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { KmsError } from '../api/errors.ts'
import type { EncryptionContext } from '../api/types.ts'
import { deleteGrant, deleteGrantsOfKey } from '../database/grants.ts'
import {
  account,
  decideByGrants,
  names,
  openDatabase,
  plansOf,
  someGrant,
  someKey,
  store,
  tokenKey,
  watched,
} from '../../test/support/grant-database.ts'
import type { Grant, GrantedKey, GrantOperation } from './grant.ts'
import { readConstraints } from './grant-constraints.ts'
import { type GrantDirectory, grantDirectory, type GrantQuestion } from './grant-directory.ts'
import { holderOf } from './grant-place.ts'

// Few of everything, so that grants stand together and questions hit them.
const pairs: fc.Arbitrary<EncryptionContext> = fc
  .array(fc.tuple(fc.constantFrom('a', 'b'), fc.constantFrom('1', '2')), { maxLength: 2 })
  .map((list) => new Map(list))
const operation = fc.constantFrom<GrantOperation>('Decrypt', 'DescribeKey', 'CreateGrant')
const sourceArn = fc.constantFrom(undefined, undefined, undefined, 'arn:one', 'arn:two')
const constraints = fc
  .tuple(fc.constantFrom('none', 'equals', 'subset'), pairs, sourceArn)
  .map(([kind, given, source]) =>
    readConstraints({
      ...(kind === 'equals' && { EncryptionContextEquals: given }),
      ...(kind === 'subset' && { EncryptionContextSubset: given }),
      ...(source !== undefined && { SourceArn: source }),
    }),
  )
const operations = fc.uniqueArray(operation, { minLength: 1, maxLength: 3 })
const grantee = fc.oneof(
  { weight: 6, arbitrary: fc.constant('AWS:AIDABOB') },
  { weight: 1, arbitrary: fc.constantFrom(`AWS:${account}`, 'AWS:AIDAALICE') },
)
const grant: fc.Arbitrary<Grant> = fc
  .record({ operations, constraints, grantee })
  .map((given) => someGrant({ ...given, grantee: { shown: given.grantee, name: given.grantee } }))
const grants = (maxLength: number) => fc.array(grant, { maxLength, size: 'max' })
const question: fc.Arbitrary<GrantQuestion> = fc
  .record({
    operation,
    encryptionContext: pairs,
    newGrant: fc.record({ operations, constraints }),
    sourceArn,
  })
  .map(({ newGrant, ...given }) => ({
    ...given,
    names,
    ...(given.operation === 'CreateGrant' && { newGrant }),
  }))

/** The decision over every grant there is, without any index. */
function decideByAll(asked: GrantQuestion, grants: readonly Grant[]): boolean {
  const candidates = grants.flatMap(({ id, grantee: { name }, ...terms }) => {
    const as = names.find((each) => each.name === name)?.as
    return as === undefined ? [] : [{ grantId: id, ...terms, as }]
  })
  return decideByGrants(asked, candidates).allowed
}

async function decideByLookup(
  directory: GrantDirectory,
  asked: GrantQuestion,
  key: GrantedKey = someKey,
): Promise<boolean> {
  return decideByGrants(asked, await directory.grantsFor(key, asked)).allowed
}

test('what is looked up decides as all grants together would, also after changes', async () => {
  await using opened = openDatabase()
  const { database } = opened
  const directory = grantDirectory(database, tokenKey)
  let runs = 0
  await fc.assert(
    fc.asyncProperty(
      grants(12),
      grants(6),
      fc.array(question, { minLength: 10, maxLength: 20 }),
      async (first, more, questions) => {
        runs += 1
        const key = { ...someKey, id: `key-${runs}` }
        const agree = async (all: readonly Grant[]) => {
          for (const asked of questions) {
            assert.equal(await decideByLookup(directory, asked, key), decideByAll(asked, all))
          }
        }
        const onKey = (list: readonly Grant[]) => list.map((each) => ({ ...each, keyId: key.id }))
        await agree([])
        await store(opened, onKey(first), key)
        await agree(first)
        await store(opened, onKey(more), key)
        await agree([...first, ...more])
        await database.write(async (transaction) => {
          for (const { id } of first) assert.ok(await deleteGrant(transaction, key, id))
        })
        await database.refresh()
        await agree(more)
      },
    ),
    { numRuns: 300 },
  )
})

test('a change in a bucket that was read is seen at once', async () => {
  await using opened = openDatabase()
  const { database } = opened
  const directory = grantDirectory(database, tokenKey)
  const one = new Map([['a', '1']])
  for (const name of ['EncryptionContextEquals', 'EncryptionContextSubset'] as const) {
    const key = { ...someKey, id: name }
    const terms = { keyId: name, constraints: readConstraints({ [name]: one }) }
    const reads = someGrant({ ...terms, operations: ['Encrypt'] })
    const asked = { names, operation: 'Decrypt', encryptionContext: one }
    await store(opened, [reads], key)
    assert.equal(await decideByLookup(directory, asked, key), false)
    const more = someGrant(terms)
    await store(opened, [more], key)
    assert.equal(await decideByLookup(directory, asked, key), true)
    await database.write((transaction) => deleteGrant(transaction, key, more.id))
    await database.refresh()
    assert.equal(await decideByLookup(directory, asked, key), false)
  }
})

test('a candidate comes with the name by which the caller is the grantee', async () => {
  await using opened = openDatabase()
  const directory = grantDirectory(opened.database, tokenKey)
  const toAccount = someGrant({ grantee: { shown: 'root', name: `AWS:${account}` } })
  const toUser = someGrant()
  await store(opened, [
    toAccount,
    toUser,
    someGrant({ grantee: { shown: '', name: 'AWS:AIDAEVE' } }),
  ])
  const found = await directory.grantsFor(someKey, { names, operation: 'Decrypt' })
  assert.deepEqual(
    found.map(({ grantId, as }) => [grantId, as]),
    [
      [toUser.id, 'user'],
      [toAccount.id, 'account'],
    ],
  )
})

test('of grants that are alike one is found, by a token the one it names', async () => {
  await using opened = openDatabase()
  const directory = grantDirectory(opened.database, tokenKey)
  const alike = Array.from({ length: 5 }, () => someGrant())
  await store(opened, alike)
  const idsOf = async (grantTokens?: readonly string[]) =>
    (await directory.grantsFor(someKey, { names, operation: 'Decrypt', grantTokens })).map(
      ({ grantId }) => grantId,
    )
  const sorted = alike.map(({ id }) => id).sort()
  assert.deepEqual(await idsOf(), [sorted[0]])
  const last = alike.find(({ id }) => id === sorted[4])
  assert.ok(last)
  assert.deepEqual(await idsOf([directory.newToken(last)]), [sorted[4], sorted[0]])
})

test('tokens of another key, region or grantee, and those that are none, name no candidate', async () => {
  await using opened = openDatabase()
  const directory = grantDirectory(opened.database, tokenKey)
  const eve = someGrant({ grantee: { shown: '', name: 'AWS:AIDAEVE' } })
  await store(opened, [eve])
  const tokens = [
    directory.newToken(eve),
    directory.newToken(someGrant()),
    directory.newToken({ ...eve, keyId: 'other' }),
    directory.newToken({ ...eve, region: 'eu-west-1' }),
    'token',
  ]
  const asked = { names, operation: 'Decrypt', grantTokens: tokens }
  assert.deepEqual(await directory.grantsFor(someKey, asked), [])
})

test('tokens are checked: made here, of the region, and of this key only if the grant is there', async () => {
  await using opened = openDatabase()
  const directory = grantDirectory(opened.database, tokenKey)
  const here = someGrant()
  await store(opened, [here])
  const checkFor = (key: typeof someKey | undefined) => (token: string) =>
    directory.checkTokens([directory.newToken(here), token], { region: 'us-east-1', key })
  const [check, checkForNoKey] = [checkFor(someKey), checkFor(undefined)]
  const bad = (call: Promise<void>) =>
    assert.rejects(
      call,
      (error) => error instanceof KmsError && error.code === 'InvalidGrantTokenException',
    )
  await check(directory.newToken(here))
  await check(directory.newToken({ ...here, keyId: 'other' }))
  await checkForNoKey(directory.newToken(someGrant()))
  await bad(check('token'))
  await bad(checkForNoKey('token'))
  await bad(check(directory.newToken(someGrant())))
  await bad(check(directory.newToken({ ...here, region: 'eu-west-1' })))
  await bad(check(directory.newToken({ ...here, account: '999999999999' })))
})

test('DescribeKey is found whatever encryption context the grant asks for', async () => {
  await using opened = openDatabase()
  const directory = grantDirectory(opened.database, tokenKey)
  const terms = readConstraints({ EncryptionContextEquals: new Map([['a', '1']]) })
  await store(opened, [
    someGrant({ constraints: terms }),
    someGrant({ constraints: terms, operations: ['Decrypt', 'DescribeKey'] }),
  ])
  assert.ok(await decideByLookup(directory, { names, operation: 'DescribeKey' }))
  assert.ok(!(await decideByLookup(directory, { names, operation: 'Decrypt' })))
})

test('a grant with a SourceArn is found for requests that come with it, and for those alone', async () => {
  await using opened = openDatabase()
  const directory = grantDirectory(opened.database, tokenKey)
  await store(opened, [someGrant({ constraints: { SourceArn: 'arn:one' } })])
  const asked = { names, operation: 'Decrypt' }
  assert.equal((await directory.grantsFor(someKey, asked)).length, 0)
  assert.equal((await directory.grantsFor(someKey, { ...asked, sourceArn: 'arn:two' })).length, 0)
  assert.equal((await directory.grantsFor(someKey, { ...asked, sourceArn: 'arn:one' })).length, 1)
  assert.equal(holderOf('AWS:AIDABOB', 'arn:one'), 'AWS:AIDABOB arn:one')
})

test('an explanation is told of grants that do not fit', async () => {
  await using opened = openDatabase()
  const directory = grantDirectory(opened.database, tokenKey)
  const terms = readConstraints({ EncryptionContextSubset: new Map([['a', '1']]) })
  const unfit = someGrant({ constraints: terms })
  await store(opened, [unfit, ...Array.from({ length: 150 }, () => someGrant())])
  const told = await directory.grantsOf(someKey, names)
  assert.equal(told.length, 100)
  await store(opened, [], someKey)
  const few = { ...someKey, id: 'few' }
  await store(opened, [{ ...unfit, keyId: 'few' }], few)
  assert.deepEqual(await directory.grantsOf(few, names), [
    { grantId: unfit.id, operations: ['Decrypt'], constraints: terms, as: 'user' },
  ])
})

test('a replica that was deleted and made again has none of its old grants', async () => {
  await using opened = openDatabase()
  const { database } = opened
  const directory = grantDirectory(database, tokenKey)
  await store(opened, [someGrant()])
  const asked = { names, operation: 'Decrypt' }
  assert.equal((await directory.grantsFor(someKey, asked)).length, 1)
  await database.write((transaction) => deleteGrantsOfKey(transaction, someKey, 1000))
  await database.refresh()
  const again = { ...someKey, createdAt: someKey.createdAt + 1 }
  assert.deepEqual(await directory.grantsFor(again, asked), [])
  await store(opened, [someGrant({ operations: ['Encrypt'] })], again)
  const [found] = await directory.grantsFor(again, asked)
  assert.deepEqual(found?.operations, ['Encrypt'])
})

test('grants that share a pair are kept apart by the pair that they do not share', async () => {
  await using opened = openDatabase()
  const directory = grantDirectory(opened.database, tokenKey)
  const context = (n: number) =>
    new Map([
      ['app', 'disks'],
      ['disk', String(n)],
    ])
  await store(
    opened,
    Array.from({ length: 50 }, (_, n) =>
      someGrant({ constraints: { EncryptionContextSubset: context(n) } }),
    ),
  )
  const found = await directory.grantsFor(someKey, {
    names,
    operation: 'Decrypt',
    encryptionContext: context(40),
  })
  // The first grant stands under the pair that all have.
  assert.ok(found.length <= 2)
  assert.ok(
    found.some(({ constraints: each }) => each?.EncryptionContextSubset?.get('disk') === '40'),
  )
})

test('every question of a lookup is a search of an index', async () => {
  await using opened = openDatabase()
  const { statements, database } = watched(opened)
  const directory = grantDirectory(database, tokenKey)
  const one = new Map([['a', '1']])
  const kept = someGrant({ operations: ['Decrypt', 'DescribeKey', 'CreateGrant'] })
  await store(opened, [
    kept,
    { ...kept, id: '1'.repeat(64), constraints: { EncryptionContextEquals: one } },
    { ...kept, id: '2'.repeat(64), constraints: { EncryptionContextSubset: one } },
  ])
  const grantTokens = [directory.newToken(kept)]
  for (const each of ['Decrypt', 'DescribeKey']) {
    const asked = {
      names,
      operation: each,
      encryptionContext: one,
      grantTokens,
      sourceArn: 'arn:one',
    }
    assert.ok((await directory.grantsFor(someKey, asked)).length > 1)
  }
  await directory.grantsOf(someKey, names)
  assert.ok(new Set(statements.map(({ parts }) => parts)).size >= 5)
  for (const step of plansOf(opened, statements)) {
    assert.match(step, /^SEARCH grants USING (COVERING )?INDEX /)
  }
})

test('what was looked up once is not read again until it changes', async () => {
  await using opened = openDatabase()
  const { statements, database } = watched(opened)
  const directory = grantDirectory(database, tokenKey)
  const one = new Map([['a', '1']])
  const asked = { names, operation: 'Decrypt', encryptionContext: one }
  const reads = async () => {
    const before = statements.length
    await directory.grantsFor(someKey, asked)
    return statements.length - before
  }
  assert.ok((await reads()) > 0)
  assert.equal(await reads(), 0)
  await store(opened, [someGrant({ grantee: { shown: '', name: 'AWS:AIDAEVE' } })])
  assert.equal(await reads(), 0)
  await store(opened, [someGrant({ constraints: { EncryptionContextEquals: one } })])
  assert.ok((await reads()) > 0)
  assert.equal(await reads(), 0)
})
