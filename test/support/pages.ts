/**
 * The tests that every list operation needs: Limit, Marker, and that the pages together are the whole.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { violated } from './sentences.ts'
import { refused } from './service.ts'

/** The paging members of a request. */
export interface PageRequest {
  readonly Limit?: number
  readonly Marker?: string
}

/** A page, of whatever rows. */
export interface ListPage<Row> {
  readonly rows: readonly Row[]
  readonly NextMarker: string | undefined
  readonly Truncated: boolean | undefined
}

/** A list operation on one list. */
export interface List<Row> {
  readonly operation: string
  /** The largest Limit. */
  readonly most: number
  readonly send: (page: PageRequest) => Promise<ListPage<Row>>
}

/** What the framework says of Limit and Marker. */
export function testPagingShape<Row>({ operation, most, send }: List<Row>): void {
  const wrong = (page: PageRequest, entry: string) =>
    refused(send(page), 'ValidationException', violated(entry))

  test(`${operation}: a Limit of 0 is too small`, () =>
    wrong({ Limit: 0 }, "'0' at 'limit': have value greater than or equal to 1"))

  test(`${operation}: a Limit above the largest page is too large`, () =>
    wrong(
      { Limit: most + 1 },
      `'${most + 1}' at 'limit': have value less than or equal to ${most}`,
    ))

  test(`${operation}: an empty Marker is too short`, () =>
    wrong({ Marker: '' }, "'' at 'marker': have length greater than or equal to 1"))

  test(`${operation}: a Marker of 1025 characters is too long`, () =>
    wrong(
      { Marker: 'm'.repeat(1025) },
      `'${'m'.repeat(1025)}' at 'marker': have length less than or equal to 1024`,
    ))

  test(`${operation}: a Marker beyond Latin-1 is not of the pattern`, () =>
    wrong(
      { Marker: 'Ā' },
      String.raw`'Ā' at 'marker': satisfy regular expression pattern: [\u0020-\u00FF]*`,
    ))
}

/** A page that is not the last, and markers that are none of this list's; `foreign` are those of other lists. */
export function testMarkers<Row>(
  { operation, send }: List<Row>,
  foreign: () => Promise<readonly string[]>,
): void {
  test(`${operation}: a marker that was tampered with is InvalidMarkerException`, async () => {
    const marker = await firstMarker(send)
    const other = marker.startsWith('A') ? 'B' : 'A'
    for (const Marker of [
      'marker',
      `${other}${marker.slice(1)}`,
      `${marker.slice(0, -3)}${marker.endsWith('AAA') ? 'BBB' : 'AAA'}`,
      marker.slice(0, -4),
      `${marker}AAAA`,
      `${marker}=`,
      ` ${marker}`,
    ]) {
      await refused(send({ Marker }), 'InvalidMarkerException', 'The marker is not valid.')
    }
  })

  test(`${operation}: a marker of another list is InvalidMarkerException`, async () => {
    const markers = await foreign()
    assert.ok(markers.length > 0)
    for (const Marker of markers) {
      await refused(send({ Marker }), 'InvalidMarkerException', 'The marker is not valid.')
    }
  })
}

/** The marker of a list's second page. */
export async function firstMarker<Row>(send: List<Row>['send']): Promise<string> {
  const { NextMarker } = await send({ Limit: 1 })
  assert.ok(NextMarker !== undefined, 'the list has one page')
  return NextMarker
}

/** Every row of a list, page by page; asserts what each page says of itself. */
export async function walk<Row>(send: List<Row>['send'], Limit: number): Promise<Row[]> {
  const rows: Row[] = []
  for (let Marker: string | undefined; ; ) {
    const page = await send({ Limit, ...(Marker !== undefined && { Marker }) })
    rows.push(...page.rows)
    assert.equal(page.Truncated, page.NextMarker !== undefined)
    if (page.NextMarker === undefined) return rows
    assert.equal(page.rows.length, Limit)
    assert.notEqual(page.NextMarker, Marker)
    Marker = page.NextMarker
  }
}
