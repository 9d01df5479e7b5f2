/**
 * A storm of writes against a server, and what it was told: what was acknowledged has to be there ever after.
 */
import assert from 'node:assert/strict'
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  type KMSClient,
  ListAliasesCommand,
  ListResourceTagsCommand,
  TagResourceCommand,
} from '@aws-sdk/client-kms'
import { eventsOf } from './folder.ts'
import { askTrent, clientOf, type Server } from './process.ts'

/** What the server acknowledged, over all of its lives. */
export interface Acknowledged {
  /** Key ids with the tags that each was given. */
  readonly keys: Map<string, Map<string, string>>
  /** Alias names with the key of each. */
  readonly aliases: Map<string, string>
  /** Ciphertexts with what they hold. */
  readonly ciphertexts: Map<Uint8Array, Buffer>
  /** Every request that was answered, with its operation. */
  readonly requests: Map<string, string>
}

export const nothing = (): Acknowledged => ({
  keys: new Map(),
  aliases: new Map(),
  ciphertexts: new Map(),
  requests: new Map(),
})

let serial = 0

/** Writes over several connections until the server is gone; resolves when the last of them has noticed. */
export async function storm(server: Server, told: Acknowledged, width = 8): Promise<void> {
  const kms = clientOf(server)
  await Promise.all(Array.from({ length: width }, () => write(kms, told)))
}

async function write(kms: KMSClient, told: Acknowledged): Promise<void> {
  try {
    for (;;) {
      const made = await kms.send(new CreateKeyCommand({}))
      note(told, 'CreateKey', made)
      const KeyId = made.KeyMetadata?.KeyId ?? ''
      const tags = new Map<string, string>()
      told.keys.set(KeyId, tags)
      serial += 1
      const AliasName = `alias/storm-${serial}`
      const alias = new CreateAliasCommand({ AliasName, TargetKeyId: KeyId })
      note(told, 'CreateAlias', await kms.send(alias))
      told.aliases.set(AliasName, KeyId)
      const tag = { TagKey: 'serial', TagValue: String(serial) }
      note(told, 'TagResource', await kms.send(new TagResourceCommand({ KeyId, Tags: [tag] })))
      tags.set(tag.TagKey, tag.TagValue)
      const Plaintext = Buffer.from(`plaintext ${serial}`)
      const encrypted = await kms.send(new EncryptCommand({ KeyId: AliasName, Plaintext }))
      note(told, 'Encrypt', encrypted)
      told.ciphertexts.set(encrypted.CiphertextBlob ?? Plaintext, Plaintext)
    }
  } catch (error) {
    assert.ok(isGone(error), String(error))
  }
}

function note(
  told: Acknowledged,
  operation: string,
  answer: { readonly $metadata: { readonly requestId?: string | undefined } },
): void {
  told.requests.set(answer.$metadata.requestId ?? '', operation)
}

/** The connection broke, or there is nobody to connect to. A refusal by the server is no such thing. */
function isGone(error: unknown): boolean {
  const { code, message } = error as { readonly code?: string; readonly message: string }
  return /ECONN|EPIPE|socket hang up/.test(`${code} ${message}`)
}

/** Asserts that whatever was acknowledged is there, each call with its one event, and that the record verifies. */
export async function assertKept(server: Server, told: Acknowledged): Promise<void> {
  const kms = clientOf(server)
  await eachOf(told.keys, async ([KeyId, tags]) => {
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }))
    assert.equal(KeyMetadata?.KeyState, 'Enabled')
    const { Tags = [] } = await kms.send(new ListResourceTagsCommand({ KeyId }))
    const found = new Map(Tags.map(({ TagKey, TagValue }) => [TagKey, TagValue]))
    for (const [name, value] of tags) assert.equal(found.get(name), value)
  })
  await eachOf(told.aliases, async ([name, KeyId]) => {
    const { Aliases = [] } = await kms.send(new ListAliasesCommand({ KeyId }))
    assert.ok(Aliases.some(({ AliasName }) => AliasName === name))
  })
  await eachOf(told.ciphertexts, async ([CiphertextBlob, plaintext]) => {
    const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob }))
    assert.deepEqual(Buffer.from(Plaintext ?? []), plaintext)
  })
  await assertRecorded(server, told)
}

async function assertRecorded(server: Server, told: Acknowledged): Promise<void> {
  const report = await askTrent(['audit', 'verify', '--data', server.data])
  assert.deepEqual((report as { readonly problems: unknown }).problems, [])
  const events = Map.groupBy(eventsOf(server.data), (event) => String(event['requestID']))
  for (const [requestId, operation] of told.requests) {
    const names = events.get(requestId)?.map((event) => event['eventName'])
    assert.deepEqual(names, [operation], `the events of request ${requestId}`)
  }
}

/** A few at a time. */
async function eachOf<Entry>(
  entries: Iterable<Entry>,
  action: (entry: Entry) => Promise<void>,
): Promise<void> {
  const left = [...entries][Symbol.iterator]()
  const work = async (): Promise<void> => {
    for (const entry of left) await action(entry)
  }
  await Promise.all(Array.from({ length: 8 }, work))
}
