/** What the lists show of a grant: member for member what AWS shows. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { account, someGrant, someKey, user } from '../../test/support/grant-database.ts'
import type { Grant } from './grant.ts'
import { grantEntry } from './grant-entry.ts'

const grant = someGrant({ createdAt: 1_769_860_800_250 })
const plain = {
  KeyId: someKey.arn,
  GrantId: grant.id,
  Name: '',
  CreationDate: 1_769_860_800.25,
  GranteePrincipal: user.arn,
  IssuingAccount: `arn:aws:iam::${account}:root`,
  Operations: ['Decrypt'],
}
const SourceArn = `arn:aws:ec2:eu-west-1:${account}:instance/i-1`
const service = { shown: 'ec2.amazonaws.com', name: 'Service:ec2.amazonaws.com' }

const cases: readonly (readonly [name: string, given: Partial<Grant>, shown: object])[] = [
  ['a grant of nothing special', {}, {}],
  ['a name', { name: 'backup/2026' }, { Name: 'backup/2026' }],
  [
    'who may retire it',
    { retiring: { shown: `arn:aws:iam::${account}:root`, name: `AWS:${account}` } },
    { RetiringPrincipal: `arn:aws:iam::${account}:root` },
  ],
  [
    'a service that may retire it',
    { retiring: service },
    { RetiringServicePrincipal: service.shown },
  ],
  [
    'another account that issued it',
    { issuingAccount: '444455556666' },
    { IssuingAccount: 'arn:aws:iam::444455556666:root' },
  ],
  [
    'operations in the order of the request',
    { operations: ['ReEncryptTo', 'CreateGrant', 'Decrypt'] },
    { Operations: ['ReEncryptTo', 'CreateGrant', 'Decrypt'] },
  ],
  [
    'EncryptionContextEquals',
    { constraints: { EncryptionContextEquals: new Map([['a', '1']]) } },
    { Constraints: { EncryptionContextEquals: { a: '1' } } },
  ],
  [
    'EncryptionContextEquals of nothing',
    { constraints: { EncryptionContextEquals: new Map() } },
    { Constraints: { EncryptionContextEquals: {} } },
  ],
  [
    'EncryptionContextSubset and SourceArn',
    {
      constraints: {
        EncryptionContextSubset: new Map([
          ['a', '1'],
          ['B', ''],
        ]),
        SourceArn,
      },
    },
    { Constraints: { EncryptionContextSubset: { a: '1', B: '' }, SourceArn } },
  ],
]

for (const [name, given, shown] of cases) {
  test(`the lists show ${name}`, () => {
    assert.deepEqual(grantEntry({ ...grant, ...given }), { ...plain, ...shown })
  })
}

test('the lists show a service as the grantee in its own member', () => {
  const { GranteePrincipal: _, ...others } = plain
  assert.deepEqual(grantEntry({ ...grant, grantee: service }), {
    ...others,
    GranteeServicePrincipal: service.shown,
  })
})

test('a pair called __proto__ is shown like any other', () => {
  const constraints = { EncryptionContextSubset: new Map([['__proto__', 'x']]) }
  assert.equal(
    JSON.stringify(grantEntry({ ...grant, constraints }).Constraints),
    '{"EncryptionContextSubset":{"__proto__":"x"}}',
  )
})

test('the ARNs are those of the partition of the key', () => {
  const shown = grantEntry({ ...grant, region: 'cn-north-1' })
  assert.equal(shown.KeyId, someKey.arn.replace('aws:kms:us-east-1', 'aws-cn:kms:cn-north-1'))
  assert.equal(shown.IssuingAccount, `arn:aws-cn:iam::${account}:root`)
})
