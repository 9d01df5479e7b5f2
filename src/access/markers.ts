/**
 * Pagination markers: opaque and tamper-proof, valid on every node and after a restart. A marker is a position and a MAC
 * over operation, account, region, filter and position, so that it fits the one list that gave it.
 */
import { type KeyObject, timingSafeEqual } from 'node:crypto'
import type { Scope } from '../api/arn.ts'
import { invalidMarker } from '../api/errors.ts'
import { mac } from '../crypto/derive.ts'
import type { CutPage, ListName, ListRequest, Page } from '../operation.ts'

const macLength = 16

/** Where a marker holds, and the key that proves it. */
export interface MarkerPlace {
  readonly scope: Scope
  readonly key: KeyObject
}

/** Reads Limit and Marker. Throws InvalidMarkerException for a marker that this list did not give. */
export function readPage(request: ListRequest, list: ListName, at: MarkerPlace): Page {
  const limit = (request.Limit ?? list.defaultLimit) + 1
  if (request.Marker === undefined) return { after: '', limit }
  const bytes = Buffer.from(request.Marker, 'base64url')
  const position = bytes.subarray(macLength)
  const expected = markerMac(position, list, at)
  const given = bytes.subarray(0, macLength)
  const genuine =
    given.length === macLength &&
    timingSafeEqual(given, expected) &&
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
  const marker = Buffer.concat([markerMac(position, list, at), position])
  return { rows: kept, paging: { NextMarker: marker.toString('base64url'), Truncated: true } }
}

function markerMac(position: Buffer, list: ListName, at: MarkerPlace): Buffer {
  const { account, region } = at.scope
  const parts = ['marker', list.operation, account, region, list.filter ?? '', position]
  return mac(at.key, parts).subarray(0, macLength)
}
