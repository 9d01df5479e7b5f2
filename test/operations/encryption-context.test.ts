/**
 * The encryption context: what was given to encrypt has to be given to decrypt, exactly; its order alone does not matter.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  DecryptCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  ReEncryptCommand,
} from '@aws-sdk/client-kms'
import { sendDocument } from '../support/documents.ts'
import { makeKey } from '../support/test-keys.ts'
import { recordOf } from '../support/record.ts'
import { refused, startService } from '../support/service.ts'
import { assertRefused } from '../support/wire.ts'

type Context = Record<string, string> | undefined

const trent = await startService()
const kms = trent.client()
const { id: KeyId } = await makeKey(kms)
const Plaintext = Buffer.from('plain')

/** The operations that make a ciphertext under a context. */
const makers: Readonly<Record<string, (context: Context) => Promise<Uint8Array | undefined>>> = {
  Encrypt: async (EncryptionContext) => {
    const answer = await kms.send(new EncryptCommand({ KeyId, Plaintext, EncryptionContext }))
    return answer.CiphertextBlob
  },
  GenerateDataKey: async (EncryptionContext) => {
    const input = { KeyId, KeySpec: 'AES_256', EncryptionContext } as const
    return (await kms.send(new GenerateDataKeyCommand(input))).CiphertextBlob
  },
  GenerateDataKeyWithoutPlaintext: async (EncryptionContext) => {
    const input = { KeyId, KeySpec: 'AES_256', EncryptionContext } as const
    return (await kms.send(new GenerateDataKeyWithoutPlaintextCommand(input))).CiphertextBlob
  },
  'ReEncrypt to a DestinationEncryptionContext': async (DestinationEncryptionContext) => {
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext }))
    const input = { CiphertextBlob, DestinationKeyId: KeyId, DestinationEncryptionContext }
    return (await kms.send(new ReEncryptCommand(input))).CiphertextBlob
  },
}

/** The operations that need the context of a ciphertext. */
const openers: Readonly<
  Record<string, (blob: Uint8Array | undefined, context: Context) => Promise<unknown>>
> = {
  Decrypt: (CiphertextBlob, EncryptionContext) =>
    kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext })),
  'Decrypt with KeyId': (CiphertextBlob, EncryptionContext) =>
    kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext, KeyId })),
  ReEncrypt: (CiphertextBlob, SourceEncryptionContext) =>
    kms.send(
      new ReEncryptCommand({ CiphertextBlob, SourceEncryptionContext, DestinationKeyId: KeyId }),
    ),
}

/** A context that JavaScript would rather take for something else. */
const proto = (value: string): Record<string, string> =>
  JSON.parse(`{"__proto__":${JSON.stringify(value)}}`) as Record<string, string>

/** Contexts that are one. */
const same: readonly (readonly [what: string, one: Context, other: Context])[] = [
  [
    'the order of the pairs does not matter',
    { a: '1', b: '2', c: '3' },
    { c: '3', a: '1', b: '2' },
  ],
  ['an empty context is an absent one', {}, undefined],
  ['an absent context is an empty one', undefined, {}],
  ['an empty value is a value', { a: '' }, { a: '' }],
  ['an empty name is a name', { '': 'a' }, { '': 'a' }],
  [
    'names that look like numbers keep nobody from their order',
    { 2: 'b', 1: 'a' },
    { 1: 'a', 2: 'b' },
  ],
  ['__proto__ is a name like any other', proto('a'), proto('a')],
  [
    'constructor and toString are names like any other',
    { constructor: 'a', toString: 'b' },
    { toString: 'b', constructor: 'a' },
  ],
  [
    'characters beyond ASCII are bound as they are',
    { 'ключ😀': 'значение￾' },
    { 'ключ😀': 'значение￾' },
  ],
]

/** Contexts that are two. */
const different: readonly (readonly [what: string, one: Context, other: Context])[] = [
  ['a value in another case', { tenant: 'a' }, { tenant: 'A' }],
  ['a name in another case', { tenant: 'a' }, { Tenant: 'a' }],
  ['another value', { tenant: 'a' }, { tenant: 'b' }],
  ['another name', { tenant: 'a' }, { owner: 'a' }],
  ['a pair less', { a: '1', b: '2' }, { a: '1' }],
  ['a pair more', { a: '1' }, { a: '1', b: '2' }],
  ['no context for one', { a: '1' }, undefined],
  ['an empty context for one', { a: '1' }, {}],
  ['a context for none', undefined, { a: '1' }],
  ['values exchanged', { a: '1', b: '2' }, { a: '2', b: '1' }],
  ['name and value exchanged', { a: 'b' }, { b: 'a' }],
  ['a character that moves from value to name', { a: 'bc' }, { ab: 'c' }],
  ['two pairs that are joined to one', { a: 'b', c: 'd' }, { a: 'bcd' }],
  ['a separator inside of a value', { a: 'b,c=d' }, { a: 'b', c: 'd' }],
  ['an empty pair for none', undefined, { '': '' }],
  ['a space at the end', { a: 'b' }, { a: 'b ' }],
  ['a zero byte at the end', { a: 'b' }, { a: 'b\u0000' }],
  ['another value of __proto__', proto('a'), proto('b')],
  ['__proto__ left out', proto('a'), undefined],
  ['__proto__ added', { a: '1' }, { ...proto('b'), a: '1' }],
  ['the same character composed otherwise', { a: '\u00e9' }, { a: 'e\u0301' }],
  ['a character that only looks alike', { a: 'a' }, { a: '\u0430' }],
]

for (const [maker, make] of Object.entries(makers)) {
  describe(`A ciphertext of ${maker}`, () => {
    for (const [what, one, other] of same) {
      test(`opens: ${what}`, async () => {
        const blob = await make(one)
        for (const open of Object.values(openers)) await open(blob, other)
      })
    }
  })
}

for (const [opener, open] of Object.entries(openers)) {
  describe(`${opener} is an InvalidCiphertextException without message`, () => {
    for (const [what, one, other] of different) {
      test(`for ${what}`, async () => {
        await refused(
          open(await makers['Encrypt']?.(one), other),
          'InvalidCiphertextException',
          undefined,
        )
      })
    }
  })
}

describe('On the wire', () => {
  test('a context of null is an absent one', async () => {
    const request = { KeyId, Plaintext: 'AAAA', EncryptionContext: null }
    const { body } = await sendDocument(trent, 'Encrypt', request)
    const { CiphertextBlob } = JSON.parse(body) as Record<string, string>
    await kms.send(
      new DecryptCommand({ CiphertextBlob: Buffer.from(CiphertextBlob ?? '', 'base64') }),
    )
  })

  test('a value of null is refused, not left out', async () => {
    const request = { KeyId, Plaintext: 'AAAA', EncryptionContext: { a: null } }
    assertRefused(await sendDocument(trent, 'Encrypt', request), 'ValidationException', {
      text: "1 validation error detected: Value '{a=null}' at 'encryptionContext' failed to satisfy constraint: Map value must satisfy constraint: [Member must not be null]",
    })
  })

  test('a value that is a list or a map is a SerializationException', async () => {
    for (const [value, text] of [
      [['b'], 'Start of list found where not expected'],
      [{ b: 'c' }, 'Start of structure or map found where not expected.'],
    ] as const) {
      const request = { KeyId, Plaintext: 'AAAA', EncryptionContext: { a: value } }
      const answer = await sendDocument(trent, 'Encrypt', request)
      assertRefused(answer, 'SerializationException', { text })
    }
  })

  test('half of a surrogate pair is refused, not replaced', async () => {
    for (const pair of [String.raw`"\ud800":"a"`, String.raw`"a":"\udfff"`]) {
      const body = `{"KeyId":"${KeyId}","Plaintext":"AAAA","EncryptionContext":{${pair}}}`
      const answer = await sendDocument(trent, 'Encrypt', body)
      assertRefused(answer, 'SerializationException')
    }
  })
})

describe('The size of a context', () => {
  test('a context of a hundred pairs and of 100 kB is bound like any other', async () => {
    const context = Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => [`name-${index}`, 'v'.repeat(1000)]),
    )
    const blob = await makers['Encrypt']?.(context)
    const turned = Object.fromEntries(Object.entries(context).reverse())
    await openers['Decrypt']?.(blob, turned)
    await refused(
      openers['Decrypt']?.(blob, { ...turned, 'name-50': 'w' }) ?? assert.fail(),
      'InvalidCiphertextException',
      undefined,
    )
  })

  test('the ciphertext is no longer for its context', async () => {
    const blob = await makers['Encrypt']?.({ a: 'b'.repeat(5000) })
    assert.equal(blob?.length, Plaintext.length + 92)
  })
})

describe('The record', () => {
  test('shows every pair as it was sent, whatever its name', async () => {
    const EncryptionContext = { ...proto('a'), ключ: '😀', '': '', b: '"\\\u2028\n' }
    const answer = await kms.send(new EncryptCommand({ KeyId, Plaintext, EncryptionContext }))
    const shown = recordOf(trent, answer).requestParameters?.['encryptionContext']
    assert.deepEqual(
      new Map(Object.entries(shown as object)),
      new Map(Object.entries(EncryptionContext)),
    )
  })
})
