import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { WaitingLines } from './waiting-lines.ts'

describe('WaitingLines', () => {
  test('nothing waits at first', () => {
    const lines = new WaitingLines()
    assert.equal(lines.count, 0)
    assert.equal(lines.take().length, 0)
  })

  test('lines leave in their order, each with its newline, and once', () => {
    const lines = new WaitingLines()
    lines.add('one')
    lines.add('')
    lines.add('three')
    assert.equal(lines.count, 3)
    assert.equal(lines.take().toString('utf8'), 'one\n\nthree\n')
    assert.equal(lines.count, 0)
    assert.equal(lines.take().length, 0)
  })

  test('lines are UTF-8, however many bytes their characters take', () => {
    const lines = new WaitingLines()
    for (const line of ['é', '～～～', '😀😀']) lines.add(line)
    assert.equal(lines.take().toString('utf8'), 'é\n～～～\n😀😀\n')
  })

  test('what is being written stays as it is while other lines come', () => {
    const lines = new WaitingLines()
    lines.add('first')
    const leaving = lines.take()
    for (let index = 0; index < 5000; index += 1) lines.add(`another line, number ${index}`)
    assert.equal(leaving.toString('utf8'), 'first\n')
    assert.equal(lines.count, 5000)
    assert.ok(lines.take().toString('utf8').startsWith('another line, number 0\n'))
  })

  test('the buffers are used again, and a line of the time before the last is not seen again', () => {
    const lines = new WaitingLines()
    lines.add('a long line of the first time')
    const first = lines.take()
    lines.add('second')
    lines.take()
    lines.add('third')
    const third = lines.take()
    assert.equal(third.buffer, first.buffer)
    assert.equal(third.toString('utf8'), 'third\n')
  })

  test('a buffer that has become very large is not kept', () => {
    const lines = new WaitingLines()
    lines.add('x'.repeat(5_000_000))
    assert.equal(lines.take().length, 5_000_001)
    lines.take()
    lines.add('small')
    const small = lines.take()
    assert.equal(small.toString('utf8'), 'small\n')
    assert.ok(small.buffer.byteLength < 1_000_000)
  })

  test('any lines come out as they went in, however often they are taken away', () => {
    const batches = fc.array(
      fc.array(fc.string({ unit: 'binary', maxLength: 40 }).map((line) => line.repeat(500))),
      { maxLength: 6 },
    )
    fc.assert(
      fc.property(batches, (all) => {
        const lines = new WaitingLines()
        for (const batch of all) {
          for (const line of batch) lines.add(line)
          assert.equal(lines.count, batch.length)
          assert.equal(lines.take().toString('utf8'), batch.map((line) => `${line}\n`).join(''))
        }
      }),
      { numRuns: 50 },
    )
  })
})
