/** The chart of the benchmark. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chart } from '../../bench/chart.ts'

/** The x where the bar of a label ends. */
function endOf(svg: string, label: string): number {
  const bar = new RegExp(`>${label}</text><rect x="(\\d+)" y="\\d+" width="([\\d.]+)"`).exec(svg)
  return Number(bar?.[1]) + Number(bar?.[2])
}

test('a bar is as long as the logarithm of its ratio', () => {
  const svg = chart([0.1, 1, 10].map((ratio) => ({ label: `at ${ratio}`, ratio })))
  const [low, middle, high] = ['at 0.1', 'at 1', 'at 10'].map((label) => endOf(svg, label))
  assert.ok(Math.abs(Number(high) - Number(middle) - (Number(middle) - Number(low))) < 2)
})

test('a missed aim is said in words, a reached one is not called missed', () => {
  const aim = { value: 0.6, atLeast: true }
  assert.match(chart([{ label: 'a', ratio: 0.5, aim }]), />0\.50, aim ≥ 0\.6: missed</)
  assert.match(chart([{ label: 'a', ratio: 0.7, aim }]), />0\.70, aim ≥ 0\.6</)
  assert.match(
    chart([{ label: 'a', ratio: 0.5, aim: { ...aim, atLeast: false } }]),
    />0\.50, aim ≤ 0\.6</,
  )
})

test('what a run does not tell is neither reached nor missed', () => {
  const aim = { value: 3, atLeast: false }
  const svg = chart([{ label: 'a', ratio: 1, aim, doubt: 'the load itself was late' }])
  assert.match(svg, />1\.00, aim ≤ 3: undecided</)
})

test('a label is text, whatever stands in it', () => {
  assert.match(chart([{ label: 'a<b & c>d', ratio: 1 }]), />a&lt;b &amp; c&gt;d</)
})
