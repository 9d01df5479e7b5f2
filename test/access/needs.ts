/**
 * What each operation asks of its caller: which permissions on which resources, and whether a key policy or a grant can
 * give them (Developer Guide, "AWS KMS permissions"; "Grants in AWS KMS").
 */
import type { OperationName, Request } from '../../src/api/types.ts'
import type { Subject } from '../support/key-subjects.ts'
import type { Denied } from './cases/case.ts'

/** A permission on a resource. */
export interface Permission {
  readonly action: string
  readonly on: string
}

/** What grants can permit. */
export type Grantable = Request<'CreateGrant'>['Operations'][number]

/** What an operation asks. */
export interface Need {
  readonly permissions: readonly Permission[]
  /** The refusal of whoever has none of them. */
  readonly refusal: Denied
  readonly byKeyPolicy: boolean
  /** The grants that confer it; undefined where none does. */
  readonly byGrant: readonly { readonly operation: Grantable; readonly key: string }[] | undefined
}

/** What an operation asks of whoever names this subject. */
export function needsOf(name: OperationName, subject: Subject): Need {
  return { ...usualNeed(name, subject), ...special[name]?.(subject) }
}

function usualNeed(name: OperationName, { id, arn }: Subject): Need {
  const on = ofAccount.has(name) ? '*' : arn
  const grantable = isGrantable(name) ? [{ operation: name, key: id }] : undefined
  return {
    permissions: [{ action: `kms:${name}`, on }],
    refusal: { why: 'no identity', on: on === '*' ? '' : on },
    byKeyPolicy: on !== '*',
    byGrant: grantable,
  }
}

const ofAccount: ReadonlySet<OperationName> = new Set([
  'ConnectCustomKeyStore',
  'CreateCustomKeyStore',
  'CreateKey',
  'DeleteCustomKeyStore',
  'DescribeCustomKeyStores',
  'DisconnectCustomKeyStore',
  'GenerateRandom',
  'ListAliases',
  'ListKeys',
  'ListRetirableGrants',
  'UpdateCustomKeyStore',
])

const grantable = [
  'CreateGrant',
  'Decapsulate',
  'Decrypt',
  'DeriveSharedSecret',
  'DescribeKey',
  'Encapsulate',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
  'GenerateDataKeyWithoutPlaintext',
  'GenerateMac',
  'GetPublicKey',
  'RetireGrant',
  'Sign',
  'Verify',
  'VerifyMac',
] as const satisfies readonly Grantable[]

const isGrantable = (name: OperationName): name is (typeof grantable)[number] =>
  grantable.some((each) => each === name)

/** An ARN of the account of a key. */
const besideKey = (arn: string, resource: string): string => arn.replace(/key\/.*$/, resource)

/** Operations that ask for more than the permission of their name on their key, or answer otherwise. */
const special: { readonly [Name in OperationName]?: (subject: Subject) => Partial<Need> } = {
  CreateAlias: ({ id, arn }) =>
    ofAlias('kms:CreateAlias', besideKey(arn, `alias/more-${id}`), [arn]),
  Decrypt: () => ({ refusal: { why: 'no identity', ciphertext: true } }),
  DeleteAlias: ({ arn }) => ofAlias('kms:DeleteAlias', besideKey(arn, 'alias/to-delete'), [arn]),
  ReEncrypt: ({ id, arn, otherArn }) => ({
    permissions: [
      { action: 'kms:ReEncryptFrom', on: otherArn },
      { action: 'kms:ReEncryptTo', on: arn },
    ],
    refusal: { why: 'no identity', action: 'kms:ReEncryptFrom', ciphertext: true },
    byKeyPolicy: false,
    byGrant: [
      { operation: 'ReEncryptFrom', key: otherArn },
      { operation: 'ReEncryptTo', key: id },
    ],
  }),
  ReplicateKey: ({ arn }) => ({
    permissions: [
      { action: 'kms:ReplicateKey', on: arn },
      { action: 'kms:CreateKey', on: '*' },
    ],
    byKeyPolicy: false,
  }),
  // A grant that says nothing of the caller gives no right, and no key policy does.
  RetireGrant: ({ arn }) => ({ refusal: { why: 'no resource', on: arn }, byKeyPolicy: false }),
  UpdateAlias: ({ arn, otherAlias, otherArn }) =>
    ofAlias('kms:UpdateAlias', besideKey(arn, otherAlias), [otherArn, arn]),
  UpdatePrimaryRegion: ({ arn }) => ({
    permissions: [arn, arn.replace('us-east-1', 'eu-west-1')].map((on) => ({
      action: 'kms:UpdatePrimaryRegion',
      on,
    })),
    byKeyPolicy: false,
  }),
}

/** The alias is asked about first, of the caller's own policies alone. */
function ofAlias(action: string, alias: string, keys: readonly string[]): Partial<Need> {
  return {
    permissions: [alias, ...keys].map((on) => ({ action, on })),
    refusal: { why: 'no identity', on: alias },
    byKeyPolicy: false,
  }
}
