/** The three operations that a KMS lives of, beside the bare server; and Encrypt with larger plaintexts. */
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
