/**
 * Runs a case: makes its principals and keys, gives them their policies, and asks. The sentences that are expected are
 * spelt here once more, from AWS's documentation.
 */
import assert from 'node:assert/strict'
import * as sdk from '@aws-sdk/client-kms'
import type { OperationName } from '../../src/api/types.ts'
import { clientOf, givePolicies, makePerson, type Person, type World } from '../support/people.ts'
import type { Act, Case, CaseKey, Denied, Expected, Input } from './cases/case.ts'
import { usualInput } from './usual-input.ts'

/** What a case's names stand for; the ciphertext is bytes. */
interface Things {
  readonly names: Map<string, string>
  readonly blobs: Map<string, Uint8Array>
  readonly people: Map<string, Person>
}

/** Runs a case to its end. */
export async function runCase(world: World, given: Case): Promise<void> {
  const things: Things = { names: new Map(), blobs: new Map(), people: new Map() }
  const { names } = things
  names.set('<n>', String(world.next()))
  for (const [name, { account }] of Object.entries(world.homes)) {
    names.set(`<${name}>`, account.accountId)
  }
  for (const [name, spec] of Object.entries({ me: given.me ?? {}, ...given.others })) {
    const asks = name === 'me' || given.before?.some(({ by }) => by === name) === true
    const person = await makePerson(world, spec, asks)
    things.people.set(name, person)
    names.set(`<${name}>`, person.arn)
    names.set(`<${name}.id>`, person.id)
    names.set(`<${name}.name>`, person.name)
    names.set(`<${name}.account>`, person.account)
    names.set(`<${name}.parent>`, person.parent.arn)
    names.set(`<${name}.parent.id>`, person.parent.id)
  }
  const calls = [given.call, ...(given.before ?? []).map(({ call }) => call)]
  const seals = calls.some(([operation]) => ['Decrypt', 'ReEncrypt'].includes(operation))
  await makeKey(world, things, { name: 'key', key: given.key ?? {}, seals })
  if (given.other !== undefined) {
    await makeKey(world, things, { name: 'other', key: given.other, seals: false })
  }
  for (const [name, person] of things.people) {
    const given = await givePolicies(world, person, (text) => fill(things, text) as string)
    things.people.set(name, given)
  }
  for (const key of ['key', 'other'] as const) await putPolicy(world, things, { given, key })
  for (const act of given.before ?? []) await perform(world, things, act)
  const { call, expect, region } = given
  await perform(world, things, { by: 'me', call, expect }, region)
}

/** Puts what they stand for in the place of names, in everything that a request or a policy has. */
function fill(things: Things, value: unknown): unknown {
  if (typeof value === 'string') {
    const blob = things.blobs.get(value)
    return (
      blob ??
      value.replaceAll(/<[a-z.]+>/g, (name) => things.names.get(name) ?? assert.fail(`no ${name}`))
    )
  }
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Uint8Array || value instanceof Date) return value
  if (Array.isArray(value)) return value.map((each) => fill(things, each))
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [fill(things, key), fill(things, each)]),
  )
}

async function makeKey(
  world: World,
  things: Things,
  { name, key, seals }: { readonly name: string; readonly key: CaseKey; readonly seals: boolean },
): Promise<void> {
  const { owner = 'home', input, aliases = [], sealed, replica } = key
  const { kms } = world.homes[owner]
  const ask = (operation: OperationName, request: Input) =>
    send(kms, operation, fill(things, request) as Input)
  const made = (await ask('CreateKey', input ?? {}))['KeyMetadata'] as Input
  const [id, arn] = [String(made['KeyId']), String(made['Arn'])]
  things.names.set(`<${name}>`, arn)
  things.names.set(`<${name}.id>`, id)
  things.names.set(`<${name}.owner>`, world.homes[owner].account.accountId)
  const encrypts = made['KeySpec'] === 'SYMMETRIC_DEFAULT' && made['KeyState'] === 'Enabled'
  if (seals && encrypts) {
    const sealing = { KeyId: id, Plaintext: Buffer.from(name), EncryptionContext: sealed }
    const answer = await ask('Encrypt', sealing)
    things.blobs.set(`<${name}.blob>`, answer['CiphertextBlob'] as Uint8Array)
  }
  if (replica !== undefined) await ask('ReplicateKey', { KeyId: id, ReplicaRegion: replica })
  for (const AliasName of aliases) await ask('CreateAlias', { AliasName, TargetKeyId: id })
  for (const grant of key.grants ?? []) {
    const usual = { KeyId: id, GranteePrincipal: '<me>', Operations: ['Decrypt'] }
    remember(things, await ask('CreateGrant', { ...usual, ...grant }))
  }
}

async function putPolicy(
  world: World,
  things: Things,
  { given, key: name }: { readonly given: Case; readonly key: 'key' | 'other' },
): Promise<void> {
  const { owner = 'home', policy, version = '2012-10-17' } = given[name] ?? {}
  if (policy === undefined) return
  const document = { Version: version, Statement: policy }
  await send(world.homes[owner].kms, 'PutKeyPolicy', {
    KeyId: things.names.get(`<${name}.id>`),
    Policy: fill(things, JSON.stringify(document)),
    BypassPolicyLockoutSafetyCheck: true,
  })
}

async function perform(
  world: World,
  things: Things,
  { by, call: [operation, input], expect = 'served' }: Act,
  region?: string,
): Promise<void> {
  const person = things.people.get(by) ?? rootOf(world, by)
  const client = clientOf(world, person, region)
  const given = { ...usualInput[operation], ...input }
  const call = send(client, operation, fill(things, given) as Input)
  try {
    if (expect === 'served') remember(things, await call)
    else await assertRefused(call, fill(things, refusalOf(operation, expect, person.arn)))
  } finally {
    client.destroy()
  }
}

/** The root user of an account. */
function rootOf(world: World, name: string): Person {
  const home = Object.entries(world.homes).find(([each]) => each === name)?.[1] ?? assert.fail(name)
  const { accountId: account, credentials } = home.account
  const [arn, spec] = [`arn:aws:iam::${account}:root`, { kind: 'root' } as const]
  return { arn, id: account, name, parent: { arn, id: account }, account, credentials, spec }
}

/** The grant or the key that an answer tells of can be named from then on. */
function remember({ names }: Things, answer: Input): void {
  const { Arn: described } = (answer['KeyMetadata'] ?? {}) as Input
  if (typeof described === 'string') names.set('<described>', described)
  if (typeof answer['GrantId'] === 'string') names.set('<grant>', answer['GrantId'])
  if (typeof answer['GrantToken'] === 'string') names.set('<token>', answer['GrantToken'])
}

/** Sends a request by the operation's name. */
export async function send(
  client: sdk.KMSClient,
  operation: OperationName,
  input: Input,
): Promise<Input> {
  const command: unknown = Reflect.get(sdk, `${operation}Command`)
  assert.ok(typeof command === 'function', `the SDK has no ${operation}`)
  const request = Reflect.construct(command, [input]) as sdk.EncryptCommand
  return (await client.send(request)) as unknown as Input
}

/** Code and text of a refusal. */
type Refusal = readonly [code: string, text: string | undefined]

/** The refusal that is expected, for the caller of this ARN. */
export function refusalOf(
  operation: OperationName,
  expected: Exclude<Expected, 'served'>,
  caller: string,
): Refusal {
  if (typeof expected === 'object' && !('why' in expected)) return expected
  const { why, action = `kms:${operation}`, on = '<key>', ciphertext = false } = deniedOf(expected)
  const start = `User: ${caller} is not authorized to perform: ${action}`
  const hidden =
    'because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access'
  const sealed = 'the resource associated with this ciphertext'
  const [verdict = '', layer = ''] = why.split(' ')
  const of = layers[layer]
  const tail =
    verdict === 'deny'
      ? `with an explicit deny in ${layer === 'identity' ? 'an' : 'a'} ${of}`
      : `because no ${of} allows the ${action} action`
  const place = ciphertext ? ` on ${sealed}` : on === '' ? '' : ` on resource: ${on}`
  const text =
    why === 'across'
      ? `${start} on ${ciphertext ? sealed : 'this resource'} ${hidden}`
      : `${start}${place} ${tail}`
  return ['AccessDeniedException', text]
}

const deniedOf = (expected: Denied | Denied['why']): Denied =>
  typeof expected === 'string' ? { why: expected } : expected

const layers: Readonly<Record<string, string>> = {
  resource: 'resource-based policy',
  identity: 'identity-based policy',
  boundary: 'permissions boundary',
  session: 'session policy',
}

async function assertRefused(call: Promise<unknown>, expected: unknown): Promise<void> {
  const error = await call.then(
    () => assert.fail(`not refused: ${String(expected)}`),
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof sdk.KMSServiceException, String(error))
  const { name, message, $metadata } = error
  const [code, text] = expected as Refusal
  assert.deepEqual([name, text === undefined ? text : message], [code, text])
  assert.equal($metadata.httpStatusCode, 400)
}
