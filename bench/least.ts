/** How much of the distance to a bare server the cryptography alone makes up. */
import { encrypting } from './operations.ts'
import {
  bareCase,
  type Bench,
  caseOf,
  ratioCells,
  type Result,
  throughputCells,
  throughputHead,
  turnsOf,
} from './part.ts'
import { startLeast } from './servers.ts'

/** Encrypt of 32 bytes: the subject, the bare server, and one that verifies and encrypts but does nothing else. */
export async function measureLeast(bench: Bench): Promise<Result> {
  const { subject, bare } = bench
  const least = await startLeast(subject.client)
  try {
    const own = caseOf(subject, await encrypting(subject.client), bench)
    const cases = [own, bareCase(bare, own), bareCase(least, own)]
    const rounds = await turnsOf(cases, bench)
    const rate = (index: number, to: number) =>
      rounds.ratio(index, to, (turn) => turn.requestsPerSecond)
    return {
      title: 'The least, Encrypt of 32 bytes',
      head: ['server', ...throughputHead],
      rows: [
        ...cases.map(({ name }, index) => [name, ...throughputCells(rounds, index)]),
        [`**${least.name} / bare**`, ...ratioCells(rounds, 2, 1)],
        [`**${subject.name} / ${least.name}**`, ...ratioCells(rounds, 0, 2)],
      ],
      note:
        'The third server is the bare one with the calls of `node:crypto` that no Encrypt can do without: two hashes and ' +
        'the MAC of a signature, and one AES-256-GCM. It looks up nothing, decides nothing, records nothing, and derives ' +
        'no key for each message.',
      bars: [
        { label: 'signature and cipher alone: rate / bare', ratio: rate(2, 1) },
        { label: 'Encrypt: rate / signature and cipher alone', ratio: rate(0, 2) },
      ],
    }
  } finally {
    await least.stop()
  }
}
