/**
 * Every operation of the API over the wire: what it answers to nothing and to a plausible request.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KmsError } from '../../src/api/errors.ts'
import type { OperationName } from '../../src/api/types.ts'
import { operations, unbuiltMembers } from '../../src/operations.ts'
import { sendDocument } from '../support/documents.ts'
import { rootOf } from '../support/granting.ts'
import { keyIdOf, plausible, type Subject, unbuiltValues } from '../support/requests.ts'
import { startService } from '../support/service.ts'
import { assertRefused, documentOf } from '../support/wire.ts'

const trent = await startService()
const names = Object.keys(operations) as OperationName[]

/** The operations whose answer has no shape: no byte at all. */
const withoutOutput: ReadonlySet<string> = new Set([
  'CreateAlias',
  'DeleteAlias',
  'DisableKey',
  'DisableKeyRotation',
  'EnableKey',
  'EnableKeyRotation',
  'PutKeyPolicy',
  'RetireGrant',
  'RevokeGrant',
  'TagResource',
  'UntagResource',
  'UpdateAlias',
  'UpdateKeyDescription',
  'UpdatePrimaryRegion',
])

/** The operations that a later version builds: to whom they are allowed, they refuse without a look at the request. */
const notBuilt = new Set<OperationName>()
for (const name of names) {
  const run = operations[name] as (request: unknown, call: unknown) => Promise<unknown>
  const error: unknown = await Promise.resolve()
    .then(() => run(undefined, { authorize: () => undefined }))
    .catch((reason: unknown) => reason)
  if (error instanceof KmsError && error.code === 'UnsupportedOperationException') {
    notBuilt.add(name)
  }
}

let count = 0
async function newSubject(kind: object = {}): Promise<Subject> {
  count += 1
  const alias = `alias/subject-${count}`
  const keyId = keyIdOf(await sendDocument(trent, 'CreateKey', kind))
  await sendDocument(trent, 'CreateAlias', { AliasName: alias, TargetKeyId: keyId })
  const symmetric = Object.keys(kind).length === 0 ? keyId : await symmetricKey()
  const encrypted = await sendDocument(trent, 'Encrypt', { KeyId: symmetric, Plaintext: 'QQ==' })
  const blob = String(documentOf(encrypted)?.['CiphertextBlob'])
  return { keyId, alias, blob, root: rootOf(trent.accountId) }
}

async function symmetricKey(): Promise<string> {
  return keyIdOf(await sendDocument(trent, 'CreateKey', {}))
}

const signing = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }
const mac = { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' }
const encapsulating = { KeySpec: 'ML_KEM_768', KeyUsage: 'ENCAPSULATE_DECAPSULATE' }
const imported = { Origin: 'EXTERNAL' }
const multiRegion = { MultiRegion: true }

/** The kind of key that an operation works on, where it is not a symmetric encryption key. */
const kinds: { readonly [Name in OperationName]?: object } = {
  Decapsulate: encapsulating,
  DeleteImportedKeyMaterial: imported,
  DeriveSharedSecret: { KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' },
  Encapsulate: encapsulating,
  GenerateMac: mac,
  GetParametersForImport: imported,
  GetPublicKey: signing,
  ImportKeyMaterial: imported,
  ReplicateKey: multiRegion,
  Sign: signing,
  UpdatePrimaryRegion: multiRegion,
  Verify: signing,
  VerifyMac: mac,
}

const noStore = 'CustomKeyStoreNotFoundException'

/** What a plausible request is refused with, where only a true one is served. */
const refusals: { readonly [Name in OperationName]?: string } = {
  ConnectCustomKeyStore: noStore,
  DeleteCustomKeyStore: noStore,
  DeriveSharedSecret: 'ValidationException',
  DisconnectCustomKeyStore: noStore,
  ImportKeyMaterial: 'InvalidImportTokenException',
  RetireGrant: 'NotFoundException',
  RevokeGrant: 'NotFoundException',
  UpdateCustomKeyStore: noStore,
  UpdatePrimaryRegion: 'NotFoundException',
  Verify: 'KMSInvalidSignatureException',
  VerifyMac: 'KMSInvalidMacException',
}

test('there are the 56 operations of the SDK, no more and no fewer', () => {
  assert.equal(names.length, 56)
})

for (const name of names) {
  test(`${name} refuses or serves an empty request, and does not fail`, async () => {
    const answer = await sendDocument(trent, name, {})
    documentOf(answer)
    assert.ok(answer.status === 200 || answer.status === 400, `${answer.status}`)
  })

  if (notBuilt.has(name)) {
    test(`${name} is not built yet: UnsupportedOperationException`, async () => {
      const answer = await sendDocument(trent, name, plausible[name](await newSubject()))
      assertRefused(answer, 'UnsupportedOperationException', {
        text: `${name} is not built yet.`,
      })
    })
  } else {
    test(`${name} answers a plausible request`, async () => {
      const subject = await newSubject(kinds[name])
      if (name === 'CancelKeyDeletion') {
        await sendDocument(trent, 'ScheduleKeyDeletion', { KeyId: subject.keyId })
      }
      const answer = await sendDocument(trent, name, plausible[name](subject))
      const document = documentOf(answer)
      const refusal = refusals[name]
      if (refusal !== undefined) {
        assert.equal(document?.['__type'], refusal, answer.body)
        return
      }
      assert.equal(answer.status, 200, answer.body)
      assert.equal(document === undefined, withoutOutput.has(name), answer.body)
    })
  }
}

for (const [name, members] of Object.entries(unbuiltMembers)) {
  for (const member of members) {
    test(`${name} with ${member} is an UnsupportedOperationException and does nothing`, async () => {
      const subject = await newSubject()
      const before = await sendDocument(trent, 'ListKeys', {})
      const body = { ...plausible[name as OperationName](subject), [member]: unbuiltValues[member] }
      const answer = await sendDocument(trent, name, body)
      assertRefused(answer, 'UnsupportedOperationException', {
        text: `${member} is not built yet.`,
      })
      assert.equal((await sendDocument(trent, 'ListKeys', {})).body, before.body)
    })
  }
}
