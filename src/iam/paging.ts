/**
 * Pages of IAM's lists. A marker is a position and a MAC over account, action, filter and position, so that it fits the one
 * list that gave it, on every node and after a restart. IAM is global, so no region is in it.
 */
import { holdsMac, makeMac } from '../crypto/derive.ts'
import type { QueryCall } from '../server/query-action.ts'
import { validationError } from '../server/query-error.ts'

/** What a request asks of its page. */
interface PageInput {
  readonly Marker: string | undefined
  readonly MaxItems: number | undefined
}

/** The list: its action and what it is filtered by. */
export interface ListName {
  readonly action: string
  readonly filter?: string
}

/** Where a page begins, and one more than it holds, so that a row too many says that there is a next one. */
export interface Page {
  readonly after: string
  readonly limit: number
  readonly list: ListName
}

/** The members that every page has. */
export interface PageMembers {
  readonly IsTruncated: boolean
  readonly Marker?: string
}

const defaultItems = 100
const macLength = 16

/** Reads MaxItems and Marker. Throws ValidationError for a marker that this list did not give. */
export function readPage(call: QueryCall, input: PageInput, list: ListName): Page {
  const limit = (input.MaxItems ?? defaultItems) + 1
  if (input.Marker === undefined) return { after: '', limit, list }
  const bytes = Buffer.from(input.Marker, 'base64url')
  const position = bytes.subarray(macLength)
  const given = { mac: bytes.subarray(0, macLength), length: macLength }
  const isGenuine =
    holdsMac(call.service.root.markers, markerParts(call, list, position), given) &&
    bytes.toString('base64url') === input.Marker
  if (!isGenuine) throw validationError('Invalid Marker.')
  return { after: position.toString('utf8'), limit, list }
}

/** For a list that never has a second page: whatever marker comes, no list gave it. */
export function requireNoMarker({ Marker }: Pick<PageInput, 'Marker'>): void {
  if (Marker !== undefined) throw validationError('Invalid Marker.')
}

/** Cuts off the row too many, if there is one, and makes the marker of the next page. */
export function cutPage<Row>(
  call: QueryCall,
  { rows, page }: { readonly rows: readonly Row[]; readonly page: Page },
  position: (row: Row) => string,
): { readonly rows: readonly Row[]; readonly members: PageMembers } {
  const kept = rows.slice(0, page.limit - 1)
  const last = kept.at(-1)
  if (rows.length < page.limit || last === undefined) {
    return { rows: kept, members: { IsTruncated: false } }
  }
  const bytes = Buffer.from(position(last), 'utf8')
  const parts = markerParts(call, page.list, bytes)
  const marker = Buffer.concat([makeMac(call.service.root.markers, parts, macLength), bytes])
  return { rows: kept, members: { IsTruncated: true, Marker: marker.toString('base64url') } }
}

/** The position of something in a list by name. */
export const byName = ({ name }: { readonly name: string }): string => name.toLowerCase()

function markerParts(call: QueryCall, list: ListName, position: Buffer): (string | Buffer)[] {
  return ['iam marker', list.action, call.account, list.filter ?? '', position]
}
