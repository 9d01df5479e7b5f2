/** The shapes against the newest SDK: at compile time in `shapes.ts`, and here at run time. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as kms from '@aws-sdk/client-kms'
import { shapes } from './shapes.ts'
import {
  CiphertextType,
  CustomerMasterKeySpec,
  EncryptionAlgorithmSpec,
  EncryptionContextType,
  GrantTokenList,
  type InputShape,
  KeyIdType,
  type Members,
  required,
  type Shape,
  Tag,
  TagKeyList,
  TagValueType,
} from './shapes-named.ts'
import type { SdkInput } from './types.ts'

test('what differs from the type of the SDK does not compile', () => {
  const KeyId = required(KeyIdType)
  const Tags = required({ type: 'list', item: Tag })
  const optional = { EncryptionContext: EncryptionContextType, GrantTokens: GrantTokenList }

  const exact = { KeyId, GrantTokens: GrantTokenList } satisfies InputShape<SdkInput<'DescribeKey'>>
  // @ts-expect-error a member is missing
  const missing = { KeyId } satisfies InputShape<SdkInput<'DescribeKey'>>
  // @ts-expect-error the SDK knows no such member
  const extra = { KeyId, DryRun: { type: 'boolean' } } satisfies InputShape<SdkInput<'EnableKey'>>
  // @ts-expect-error a blob is not a string
  const kind = { KeyId: required(CiphertextType) } satisfies InputShape<SdkInput<'EnableKey'>>
  // @ts-expect-error KeyId is required
  const lax = { KeyId: KeyIdType } satisfies InputShape<SdkInput<'EnableKey'>>
  const strict = {
    // @ts-expect-error nothing of ListKeys is required
    Limit: required({ type: 'integer' }),
    Marker: KeyIdType,
  } satisfies InputShape<SdkInput<'ListKeys'>>
  // @ts-expect-error a list of strings is not a list of tags
  const items = { KeyId, Tags: required(TagKeyList) } satisfies InputShape<SdkInput<'TagResource'>>
  const nested = { TagKey: required(KeyIdType), TagValue: TagValueType }
  // @ts-expect-error the value of a tag is required
  const structure = nested satisfies InputShape<kms.Tag>
  const wrongEnum = {
    ...optional,
    KeyId,
    Plaintext: required(CiphertextType),
    // @ts-expect-error these are not encryption algorithms
    EncryptionAlgorithm: CustomerMasterKeySpec,
    DryRun: { type: 'boolean' },
  } satisfies InputShape<SdkInput<'Encrypt'>>

  assert.ok(exact && missing && extra && kind && lax && strict && items && structure && wrongEnum)
  assert.ok(Tags && EncryptionAlgorithmSpec)
})

test('every operation of the SDK has its members, of their kinds, required where they are', () => {
  const commands = Object.keys(kms).filter((name) => /^[A-Z]\w+Command$/.test(name))
  const operations = commands.map((name) => name.slice(0, -'Command'.length))
  assert.deepEqual(Object.keys(shapes).toSorted(), operations.toSorted())
  for (const [name, members] of Object.entries(shapes)) {
    const schema: unknown = Reflect.get(kms, `${name}Request$`)
    assert.deepEqual(describe(members), describeSchema(schema), name)
  }
})

test('every enum value of the SDK is accepted, and nothing but SYMMETRIC_DEFAULT beside', () => {
  const enums: readonly (readonly [string, object])[] = [
    ['CreateGrant.Operations', kms.GrantOperation],
    ['CreateKey.KeyUsage', kms.KeyUsageType],
    ['CreateKey.CustomerMasterKeySpec', kms.CustomerMasterKeySpec],
    ['CreateKey.KeySpec', kms.KeySpec],
    ['CreateKey.Origin', kms.OriginType],
    ['CreateCustomKeyStore.CustomKeyStoreType', kms.CustomKeyStoreType],
    ['CreateCustomKeyStore.XksProxyConnectivity', kms.XksProxyConnectivityType],
    ['Decrypt.DryRunModifiers', kms.DryRunModifierType],
    ['Decrypt.EncryptionAlgorithm', kms.EncryptionAlgorithmSpec],
    ['DeriveSharedSecret.KeyAgreementAlgorithm', kms.KeyAgreementAlgorithmSpec],
    ['Encapsulate.EncapsulationAlgorithm', kms.EncapsulationAlgorithmSpec],
    ['GenerateDataKey.KeySpec', kms.DataKeySpec],
    ['GenerateDataKey.Recipient.KeyEncryptionAlgorithm', kms.KeyEncryptionMechanism],
    ['GenerateDataKeyPair.KeyPairSpec', kms.DataKeyPairSpec],
    ['GenerateMac.MacAlgorithm', kms.MacAlgorithmSpec],
    ['GetParametersForImport.WrappingAlgorithm', kms.AlgorithmSpec],
    ['GetParametersForImport.WrappingKeySpec', kms.WrappingKeySpec],
    ['ImportKeyMaterial.ExpirationModel', kms.ExpirationModelType],
    ['ImportKeyMaterial.ImportType', kms.ImportType],
    ['ListKeyRotations.IncludeKeyMaterial', kms.IncludeKeyMaterial],
    ['Sign.MessageType', kms.MessageType],
    ['Sign.SigningAlgorithm', kms.SigningAlgorithmSpec],
  ]
  for (const [path, values] of enums) {
    const accepted = enumAt(path)
    assert.deepEqual(new Set(accepted), new Set(Object.values(values)), path)
  }
  assert.deepEqual(shapes.Sign.SigningAlgorithm.accepts, ['SYMMETRIC_DEFAULT'])
  const tested = new Set(enums.map(([path]) => enumAt(path).join()))
  assert.deepEqual(
    everyEnum().filter((values) => !tested.has(values)),
    [],
  )
})

/** What the test compares: the kind of a member, what is in it and whether it has to be there. */
interface Description {
  readonly kind: string
  readonly required: boolean
  readonly inside?: unknown
}

function describe(members: Members): Record<string, Description> {
  const entries = Object.entries(members)
  return Object.fromEntries(
    entries.map(([name, shape]) => [name, { ...kindOf(shape), required: shape.required === true }]),
  )
}

function kindOf(shape: Shape): Omit<Description, 'required'> {
  if (shape.type === 'structure') return { kind: 'structure', inside: describe(shape.members) }
  if (shape.type === 'list') return { kind: 'list', inside: kindOf(shape.item) }
  const kind = shape.type === 'enum' ? 'string' : shape.type
  return { kind: 'sensitive' in shape ? `sensitive ${kind}` : kind }
}

/** A structure of the SDK is [3, namespace, name, traits, member names, member types, required]. */
function describeSchema(schema: unknown): Record<string, Description> {
  assert.ok(Array.isArray(schema))
  const [, , , , names, types, count = 0] = schema as unknown as readonly [
    3,
    string,
    string,
    unknown,
    string[],
    unknown[],
    number?,
  ]
  return Object.fromEntries(
    names.map((name, index) => [name, { ...kindOfSchema(types[index]), required: index < count }]),
  )
}

function kindOfSchema(schema: unknown): Omit<Description, 'required'> {
  if (typeof schema === 'function') return kindOfSchema((schema as () => unknown)())
  if (typeof schema === 'number') return kindOfNumber(schema)
  assert.ok(Array.isArray(schema))
  if (typeof schema[0] === 'function') return kindOfSchema(schema[0])
  if (schema[0] === 3) return { kind: 'structure', inside: describeSchema(schema) }
  if (schema[0] === 1) return { kind: 'list', inside: kindOfSchema(schema[4]) }
  const { kind } = kindOfSchema(schema[4])
  return { kind: schema[3] === sensitiveTrait ? `sensitive ${kind}` : kind }
}

function kindOfNumber(schema: number): Omit<Description, 'required'> {
  const kind = kinds.get(schema)
  if (kind !== undefined) return { kind }
  assert.ok(schema === 64, `schema ${schema}`)
  return { kind: 'list', inside: { kind: 'string' } }
}

function enumAt(path: string): readonly string[] {
  let shape: unknown = shapes
  for (const name of path.split('.')) {
    assert.ok(typeof shape === 'object' && shape !== null)
    shape = Reflect.get('members' in shape ? Object(shape.members) : shape, name)
  }
  const found = enumOf(shape)
  assert.ok(found, path)
  return found
}

function enumOf(shape: unknown): readonly string[] | undefined {
  assert.ok(typeof shape === 'object' && shape !== null)
  if ('item' in shape) return enumOf(shape.item)
  return 'enum' in shape && Array.isArray(shape.enum) ? shape.enum : undefined
}

function everyEnum(): readonly string[] {
  const inside = (members: Members): readonly string[] =>
    Object.values(members).flatMap((shape) =>
      shape.type === 'structure' ? inside(shape.members) : [enumOf(shape)?.join() ?? ''],
    )
  return Object.values(shapes)
    .flatMap(inside)
    .filter((values) => values !== '')
}

const kinds: ReadonlyMap<number, string> = new Map([
  [0, 'string'],
  [1, 'integer'],
  [2, 'boolean'],
  [4, 'timestamp'],
  [21, 'blob'],
  [128, 'map'],
])

const sensitiveTrait = 8
