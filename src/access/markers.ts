/**
 * Pagination markers: opaque and tamper-proof, valid on every node and after a restart. A marker is a position and a MAC
 * over operation, account, region, filter and position, so that it fits the one list that gave it.
 */
import type { Scope } from '../api/arn.ts'
import { invalidMarker } from '../api/errors.ts'
import { holdsMac, type MacKeys, makeMac } from '../crypto/derive.ts'
import type { CutPage, ListName, ListRequest, Page } from '../operation.ts'

const macLength = 16

/** Where a marker holds, and the keys that prove it. */
export interface MarkerPlace {
  readonly scope: Scope
  readonly keys: MacKeys
}

/** Reads Limit and Marker. Throws InvalidMarkerException for a marker that this list did not give. */
export function readPage(request: ListRequest, list: ListName, at: MarkerPlace): Page {
  const limit = (request.Limit ?? list.defaultLimit) + 1
  if (request.Marker === undefined) return { after: '', limit }
  const bytes = Buffer.from(request.Marker, 'base64url')
  const position = bytes.subarray(macLength)
  const given = { mac: bytes.subarray(0, macLength), length: macLength }
  const genuine =
    holdsMac(at.keys, markerParts(position, list, at), given) &&
    bytes.toString('base64url') === request.Marker
  if (!genuine) throw invalidMarker('The marker is not valid.')
  return { after: position.toString('utf8'), limit }
}

/** Cuts off the row too many, if there is one, and makes the marker of the next page. */
export function cutPage<Row>(
  read: { readonly rows: readonly Row[]; readonly page: Page },
  list: ListName & { readonly position: (row: Row) => string },
  at: MarkerPlace,
): CutPage<Row> {
  const { rows, page } = read
  if (rows.length < page.limit) return { rows, paging: { Truncated: false } }
  const kept = rows.slice(0, page.limit - 1)
  const last = kept.at(-1)
  if (last === undefined) throw new Error('a page holds at least one row')
  const position = Buffer.from(list.position(last), 'utf8')
  const marker = Buffer.concat([
    makeMac(at.keys, markerParts(position, list, at), macLength),
    position,
  ])
  return { rows: kept, paging: { NextMarker: marker.toString('base64url'), Truncated: true } }
}

function markerParts(position: Buffer, list: ListName, at: MarkerPlace): (string | Buffer)[] {
  const { account, region } = at.scope
  return ['marker', list.operation, account, region, list.filter ?? '', position]
}
