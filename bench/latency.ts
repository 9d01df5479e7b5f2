/**
 * Latency in an open loop, at half and at four fifths of what each server can do in a closed one. The bare server is
 * measured twice: at the same part of its own capacity, which is what the ratio compares, and at Trent's rate.
 */
import { encrypting } from './operations.ts'
import { bareCase, type Bar, type Bench, caseOf, number, type Result, turnsOf } from './part.ts'
import type { Case, Rounds } from './turns.ts'

/** Connections enough that none is waited for, unless the server is behind. */
const connections = 64

/** How much of a server's p99 the load's own may be, before the one says nothing of the other. */
const tolerable = 0.25

/** Encrypt of 32 bytes, at both loads. */
export async function measureLatency(bench: Bench): Promise<Result> {
  const { subject, bare } = bench
  const own = caseOf(subject, await encrypting(subject.client), bench)
  const closed = await turnsOf([own, bareCase(bare, own)], bench)
  const capacity = [0, 1].map((index) => closed.of(index, (turn) => turn.requestsPerSecond))
  const [ours = 0, theirs = 0] = capacity
  const rows: (readonly string[])[] = []
  const bars: Bar[] = []
  for (const part of [0.5, 0.8]) {
    const open: Case = { ...own, connections, rate: part * ours }
    const cases = [
      open,
      { ...bareCase(bare, open), rate: part * theirs },
      { ...bareCase(bare, open), name: `${bare.name} at ${subject.name}'s rate` },
    ]
    const rounds = await turnsOf(cases, bench)
    const percent = `${part * 100} %`
    rows.push(...cases.map((each, index) => [percent, each.name, ...cells(rounds, index, each)]))
    const ratio = rounds.ratio(0, 1, (turn) => turn.p99)
    const aim = part === 0.8 ? { aim: { value: 3, atLeast: false } } : {}
    const late = [0, 1].some((index) => {
      return rounds.of(index, (turn) => turn.late / turn.p99) > tolerable
    })
    const doubt = late ? { doubt: 'the load itself was late' } : {}
    bars.push({ label: `p99 at ${percent} load / bare's`, ratio, ...aim, ...doubt })
  }
  return {
    title: 'Latency in an open loop, Encrypt of 32 bytes',
    head: ['load', 'server', 'rate', 'p50 ms', 'p99 ms', 'p99.9 ms', 'sent late, p99 ms'],
    rows,
    note:
      `From the time when each request was due. Capacity in the closed loop of this run: ${subject.name} ` +
      `${ours.toFixed(0)}/s, ${bare.name} ${theirs.toFixed(0)}/s. ` +
      bars.map(({ label, ratio }) => `${label}: **${ratio.toFixed(2)}**`).join('; ') +
      '. The ratio compares each server at that part of its own capacity.',
    bars,
  }
}

function cells(rounds: Rounds, index: number, { rate = 0 }: Case): readonly string[] {
  return [
    rate.toFixed(0),
    number(
      rounds.of(index, (turn) => turn.p50),
      2,
    ),
    number(
      rounds.of(index, (turn) => turn.p99),
      2,
    ),
    number(
      rounds.of(index, (turn) => turn.p999),
      2,
    ),
    number(
      rounds.of(index, (turn) => turn.late),
      2,
    ),
  ]
}
