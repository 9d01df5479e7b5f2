/** Whom a request for a grant may name, and what it must say beside a service. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { account, openDatabase } from '../../test/support/grant-database.ts'
import { KmsError } from '../api/errors.ts'
import type { Request } from '../api/types.ts'
import { insertAccount } from '../database/identities.ts'
import { checkParties, findParties } from './grant-parties.ts'

type Given = Partial<Request<'CreateGrant'>>

const root = `arn:aws:iam::${account}:root`
const service = 'ec2.amazonaws.com'
const SourceArn = `arn:aws:ec2:eu-west-1:${account}:instance/i-1`
const request = (given: Given): Request<'CreateGrant'> => ({
  KeyId: 'k',
  Operations: ['Decrypt'],
  ...given,
})

const oneGrantee =
  'You must specify either GranteePrincipal or GranteeServicePrincipal, but not both.'
const oneRetiring =
  'You can specify either RetiringPrincipal or RetiringServicePrincipal, but not both.'
const needsSource =
  'When you specify a GranteeServicePrincipal, you must also specify a SourceArn grant constraint.'
const needsRetiring =
  'When you specify a GranteeServicePrincipal, you must also specify either a RetiringPrincipal or a RetiringServicePrincipal.'

const cases: readonly (readonly [name: string, given: Given, expected: string | undefined])[] = [
  ['a grantee alone', { GranteePrincipal: root }, undefined],
  ['a grantee and who may retire', { GranteePrincipal: root, RetiringPrincipal: root }, undefined],
  [
    'a grantee, and a service that may retire',
    { GranteePrincipal: root, RetiringServicePrincipal: service },
    undefined,
  ],
  ['nobody', {}, oneGrantee],
  ['two grantees', { GranteePrincipal: root, GranteeServicePrincipal: service }, oneGrantee],
  [
    'two that may retire',
    { GranteePrincipal: root, RetiringPrincipal: root, RetiringServicePrincipal: service },
    oneRetiring,
  ],
  [
    'nobody, and two that may retire',
    { RetiringPrincipal: root, RetiringServicePrincipal: service },
    oneGrantee,
  ],
  ['a service alone', { GranteeServicePrincipal: service }, needsSource],
  [
    'a service without a SourceArn',
    { GranteeServicePrincipal: service, RetiringPrincipal: root },
    needsSource,
  ],
  [
    'a service with other constraints',
    {
      GranteeServicePrincipal: service,
      RetiringPrincipal: root,
      Constraints: { EncryptionContextSubset: new Map([['a', '1']]) },
    },
    needsSource,
  ],
  [
    'a service that nobody may retire',
    { GranteeServicePrincipal: service, Constraints: { SourceArn } },
    needsRetiring,
  ],
  [
    'a service, and who may retire',
    { GranteeServicePrincipal: service, RetiringPrincipal: root, Constraints: { SourceArn } },
    undefined,
  ],
  [
    'a service, and a service that may retire',
    {
      GranteeServicePrincipal: service,
      RetiringServicePrincipal: service,
      Constraints: { SourceArn },
    },
    undefined,
  ],
]

for (const [name, given, expected] of cases) {
  test(`CreateGrant names ${name}`, () => {
    const check = () => checkParties(request(given))
    if (expected === undefined) assert.doesNotThrow(check)
    else {
      assert.throws(check, (error) => {
        assert.ok(error instanceof KmsError)
        assert.deepEqual([error.code, error.message], ['ValidationException', expected])
        return true
      })
    }
  })
}

test('parties are found, services by their names and principals where they exist', async () => {
  await using opened = openDatabase()
  const { database } = opened
  await database.write((transaction) =>
    insertAccount(transaction, { id: account, name: '', createdAt: 1 }),
  )
  const find = (given: Given) => findParties(database.read, request(given), 'eu-west-1')
  assert.deepEqual(await find({ GranteePrincipal: root }), {
    grantee: { shown: root, name: `AWS:${account}` },
    retiring: undefined,
  })
  assert.deepEqual(
    await find({ GranteeServicePrincipal: service, RetiringServicePrincipal: 's3.amazonaws.com' }),
    {
      grantee: { shown: service, name: `Service:${service}` },
      retiring: { shown: 's3.amazonaws.com', name: 'Service:s3.amazonaws.com' },
    },
  )
  const absent = `arn:aws:iam::${account}:user/Nobody`
  const refused = { message: `ARN does not refer to a valid principal: ${absent}` }
  await assert.rejects(find({ GranteePrincipal: absent }), refused)
  await assert.rejects(find({ GranteePrincipal: root, RetiringPrincipal: absent }), refused)
  await assert.rejects(find({}), { message: 'a checked request names a grantee' })
  // The ARN of an account in another partition is nobody's here.
  await assert.rejects(find({ GranteePrincipal: root.replace('aws', 'aws-cn') }), {
    message: `ARN does not refer to a valid principal: ${root.replace('aws', 'aws-cn')}`,
  })
})
