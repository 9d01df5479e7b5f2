/** Encrypt by itself, and beside a storm of RSA_4096 signatures that keeps all of the server's threads busy. */
import { encrypting } from './operations.ts'
import {
  type Bench,
  caseOf,
  ratioCells,
  type Result,
  throughputCells,
  throughputHead,
} from './part.ts'
import { startLoad } from './servers.ts'
import { signing } from './signing.ts'
import { Rounds, takeTurns, type Turn } from './turns.ts'

/** Both in turns. */
export async function measureBeside(bench: Bench): Promise<Result> {
  const { subject, options, load } = bench
  const encrypt = caseOf(subject, await encrypting(subject.client), bench)
  const storm = caseOf(subject, await signing('RSA_4096', subject.client), bench)
  const other = startLoad()
  const pace = { load, seconds: options.seconds, rounds: 1 }
  // The storm outlives what is measured beside it.
  const longer = { load: other, seconds: options.seconds + 2, rounds: 1 }
  const turns: (readonly Turn[])[] = []
  try {
    for (let round = 0; round < options.rounds; round++) {
      const alone = await takeTurns([encrypt], pace)
      const [beside] = await Promise.all([takeTurns([encrypt], pace), takeTurns([storm], longer)])
      turns.push([alone.turn, beside.turn])
    }
  } finally {
    other.stop()
  }
  const rounds = new Rounds(turns)
  return {
    title: 'Encrypt beside RSA_4096 signatures',
    head: ['Encrypt', ...throughputHead],
    rows: [
      ['alone', ...throughputCells(rounds, 0)],
      ['beside signatures', ...throughputCells(rounds, 1)],
      ['**beside / alone**', ...ratioCells(rounds, 1, 0)],
    ],
    note: 'The CPU beside signatures is that of the signatures as well.',
    bars: [
      {
        label: 'Encrypt beside RSA_4096: p99 / alone',
        ratio: rounds.ratio(1, 0, (turn) => turn.p99),
      },
    ],
  }
}
