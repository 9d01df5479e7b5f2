/**
 * What tags may be together. Keys of users and roles differ by more than case, those of policies and providers need not.
 */
import { createHash } from 'node:crypto'
import type { RowName, Writer } from '../database/database.ts'
import { type IdentityRow, identityRowName } from '../database/iam-identities.ts'
import { type IamTag, writeTags } from '../database/iam-tags.ts'
import { type ContextValues, requestTags } from '../policies/context-values.ts'
import { invalidInput, limitExceeded } from '../server/query-error.ts'
import type { XmlStructure } from '../server/xml.ts'
import { tagQuota } from './quotas.ts'

/** A tag as requests spell it. */
export interface InputTag {
  readonly Key: string
  readonly Value: string
}

/** How keys are compared: ignoring case, or exactly. */
export type KeyCase = 'folded' | 'exact'

/** Who has tags: under what they are stored, and the row that shows them. */
export interface TagOwner {
  readonly owner: string
  readonly row: RowName
}

/** The tags of a user or role. */
export const identityOwner = ({ id }: Pick<IdentityRow, 'id'>): TagOwner => ({
  owner: id,
  row: identityRowName(id),
})

/** Throws InvalidInput for keys that are given twice, or that AWS keeps for itself. */
export function checkTags(tags: readonly InputTag[], keyCase: KeyCase): void {
  const keys = new Set(tags.map(({ Key }) => folded(Key, keyCase)))
  if (keys.size < tags.length) {
    throw invalidInput(
      keyCase === 'folded'
        ? 'Duplicate tag keys found. Please note that Tag keys are case insensitive.'
        : 'Duplicate tag keys found.',
    )
  }
  if (tags.some(({ Key }) => Key.toLowerCase().startsWith('aws:'))) {
    throw invalidInput('Tag keys beginning with aws: are reserved for system use.')
  }
}

/** Tags as requests spell them, as the rest of the code does. */
export const tagsOf = (tags: readonly InputTag[]): readonly IamTag[] =>
  tags.map(({ Key, Value }) => ({ key: Key, value: Value }))

/** Tags with others added, or put in the place of those with the same key. */
export function mergeTags(
  tags: readonly IamTag[],
  added: readonly InputTag[],
  keyCase: KeyCase,
): readonly IamTag[] {
  const merged = new Map(tags.map((tag) => [folded(tag.key, keyCase), tag]))
  for (const { Key, Value } of added) merged.set(folded(Key, keyCase), { key: Key, value: Value })
  return [...merged.values()]
}

/** Tags without those of some keys. */
export function withoutTags(
  tags: readonly IamTag[],
  keys: readonly string[],
  keyCase: KeyCase,
): readonly IamTag[] {
  const removed = new Set(keys.map((key) => folded(key, keyCase)))
  return tags.filter(({ key }) => !removed.has(folded(key, keyCase)))
}

/** Stores tags, as many as there may be. */
export async function putTags(
  transaction: Writer,
  owner: TagOwner,
  tags: readonly IamTag[],
): Promise<void> {
  if (tags.length > tagQuota) {
    throw limitExceeded('The number of tags has reached the maximum limit.')
  }
  await writeTags(transaction, owner, tags)
}

const folded = (key: string, keyCase: KeyCase) => (keyCase === 'folded' ? key.toLowerCase() : key)

/** A page of tags by key. */
export function afterKey(
  tags: readonly IamTag[],
  { after, limit }: { readonly after: string; readonly limit: number },
): readonly IamTag[] {
  return tags
    .filter((tag) => tagPosition(tag) > after)
    .toSorted((a, b) => (tagPosition(a) < tagPosition(b) ? -1 : 1))
    .slice(0, limit)
}

/** The place of a tag in a list. A marker has 320 characters, which a long key may not fit into: its digest does. */
export function tagPosition({ key }: IamTag): string {
  const characters = Array.from(key)
  if (characters.length <= shortKey) return key
  const digest = createHash('sha256').update(key).digest('hex').slice(0, 32)
  return `${characters.slice(0, shortKey).join('')}${digest}`
}

const shortKey = 32

/** The Tags member where something without tags has none. */
export const tagsMember = (tags: readonly IamTag[]): XmlStructure[] | undefined =>
  tags.length === 0 ? undefined : tagList(tags)

/** Tags as a list, also an empty one. */
export const tagList = (tags: readonly IamTag[]): XmlStructure[] =>
  tags.map(({ key, value }) => ({ Key: key, Value: value }))

/** The condition keys of the tags that a request gives. */
export const tagContext = (tags: readonly InputTag[]): ContextValues => requestTags(tagsOf(tags))
