import assert from 'node:assert/strict'
import { Socket } from 'node:net'
import { test } from 'node:test'
import { WholeRequest } from './whole-request.ts'

/** What a request tells whoever gathers its body, piece by piece. */
function told(headers: readonly string[], pieces: readonly string[], limit = 10): unknown[] {
  const request = new WholeRequest(new Socket())
  request.rawHeaders.push(...headers)
  const all: unknown[] = []
  request.gather(limit, {
    whole: (body) => all.push(body?.toString() ?? 'too large'),
    gone: () => all.push('gone'),
  })
  for (const piece of pieces) assert.equal(request.push(Buffer.from(piece)), true)
  request.complete = true
  request.push(null)
  return all
}

test('a body is told once, and whole, in however many pieces it came', () => {
  assert.deepEqual(told([], []), [''])
  assert.deepEqual(told([], ['one']), ['one'])
  assert.deepEqual(told([], ['one', 'two', 'four']), ['onetwofour'])
})

test('a body that is larger than it may be is told once, as soon as that is known', () => {
  assert.deepEqual(told([], ['onetwo', 'three', 'four', 'five']), ['too large'])
  assert.deepEqual(told(['content-length', '11'], ['x']), ['too large'])
  assert.deepEqual(told(['Content-Length', '10'], ['onetwofour']), ['onetwofour'])
})

test('a client that goes away before the end is told, and after it is not', async () => {
  for (const complete of [false, true]) {
    const request = new WholeRequest(new Socket())
    const all: string[] = []
    request.gather(10, { whole: () => all.push('whole'), gone: () => all.push('gone') })
    request.complete = complete
    request.emit('close')
    assert.deepEqual(all, complete ? [] : ['gone'])
  }
})

test('of the headers it tells those that the server reads, each the first that was sent', () => {
  const request = new WholeRequest(new Socket())
  request.rawHeaders.push('HOST', 'a', 'host', 'b', 'X-Other', 'c', 'Expect', 'd')
  assert.equal(request.known.host, 'a')
  assert.equal(request.headers.expect, 'd')
  assert.deepEqual(Object.values(request.known).filter(Boolean), ['d', 'a'])
})
