/** The three operations that a KMS lives of, beside the bare server; Encrypt with larger plaintexts, and its least. */
import { decrypting, encrypting, generatingDataKeys, type Work } from './operations.ts'
import {
  bareCase,
  type Bar,
  type Bench,
  caseOf,
  ratioCells,
  type Result,
  throughputCells,
  throughputHead,
  turnsOf,
} from './part.ts'
import { startLeast } from './servers.ts'

/** Encrypt, Decrypt and GenerateDataKey of 32 bytes. */
export async function measureThroughput(bench: Bench): Promise<Result> {
  const { client } = bench.subject
  const works = [
    await encrypting(client),
    await decrypting(client),
    await generatingDataKeys(client),
  ]
  const named = works.map((work) => [work.operation, work] as const)
  const result = await besideBare(named, bench)
  const aim = { value: 0.6, atLeast: true }
  return {
    ...result,
    title: 'Throughput beside a bare server, 32 bytes',
    bars: result.bars.map((bar) => ({ ...bar, aim })),
  }
}

/** Encrypt of 32 B, 1 KB and 4 KB; with `--long` Decrypt as well. */
export async function measurePayloads(bench: Bench): Promise<Result> {
  const { client } = bench.subject
  const named: (readonly [string, Work])[] = []
  for (const bytes of [32, 1024, 4096]) {
    named.push([`Encrypt, ${bytes} B`, await encrypting(client, bytes)])
    if (bench.options.long) named.push([`Decrypt, ${bytes} B`, await decrypting(client, bytes)])
  }
  return { ...(await besideBare(named, bench)), title: 'Payloads' }
}

/** Each work on the subject and on the bare server, in turns. */
async function besideBare(
  named: readonly (readonly [name: string, work: Work])[],
  bench: Bench,
): Promise<Omit<Result, 'title'>> {
  const { subject, bare } = bench
  const rows: (readonly string[])[] = []
  const bars: Bar[] = []
  for (const [name, work] of named) {
    const own = caseOf(subject, work, bench)
    const rounds = await turnsOf([own, bareCase(bare, own)], bench)
    rows.push(
      [name, subject.name, ...throughputCells(rounds, 0)],
      [name, bare.name, ...throughputCells(rounds, 1)],
      [name, `**${subject.name} / bare**`, ...ratioCells(rounds, 0, 1)],
    )
    const rate = rounds.ratio(0, 1, (turn) => turn.requestsPerSecond)
    const cpu = rounds.ratio(1, 0, (turn) => turn.serverMicroseconds)
    bars.push({ label: `${name}: rate / bare`, ratio: rate })
    if (!Number.isNaN(cpu)) bars.push({ label: `${name}: bare's CPU / ours`, ratio: cpu })
  }
  return { head: ['request', 'server', ...throughputHead], rows, bars }
}

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
