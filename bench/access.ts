/** What a decision costs: small cases beside large ones, in turns, as ratios of processor time. */
import { callBy, createKey } from './calls.ts'
import { Connection } from './connection.ts'
import { makeKeys } from './many.ts'
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
import { makeUser } from './principals.ts'
import { startTrent, temporaryFolder } from './servers.ts'
import type { Client } from './sign.ts'
import type { Case } from './turns.ts'

/** The same user by AWS's default key policy and his own, and with 32 KB of key policy before it comes to that. */
export async function measurePolicies(bench: Bench): Promise<Result> {
  const { subject } = bench
  const small = await createKey(subject.client)
  const Policy = largePolicy(small.split(':')[4] ?? '')
  const large = await createKey(subject.client, { Policy })
  const { client } = await makeUser(subject.client, 'allowed', true)
  const of = async (name: string, key: string): Promise<Case> => ({
    ...caseOf({ ...subject, client }, await encrypting(client, 32, [key]), bench),
    name,
  })
  return compare('Key policies', bench, [
    await of('default key policy', small),
    await of(`key policy of ${Math.round(Policy.length / 1024)} KB`, large),
  ])
}

/** The right that the policy confers stands last, behind statements that nearly fit. */
function largePolicy(account: string): string {
  const root = `arn:aws:iam::${account}:root`
  const whole = { Effect: 'Allow', Principal: { AWS: root }, Action: 'kms:*', Resource: '*' }
  const filler = (index: number) => ({
    Sid: `s${index}`,
    Effect: index % 3 === 0 ? 'Deny' : 'Allow',
    Principal: { AWS: index % 2 === 0 ? '*' : root },
    Action: ['kms:Encrypt', 'kms:GenerateDataKey*'],
    Resource: '*',
    Condition: { StringEquals: { 'kms:EncryptionContext:tenant': `tenant-${index}` } },
  })
  const statements: object[] = []
  const text = () => JSON.stringify({ Version: '2012-10-17', Statement: [...statements, whole] })
  while (text().length < 32_400) statements.push(filler(statements.length))
  return text()
}

/** A user by the only grant on a key, and by one of very many on another. */
export async function measureGrants(bench: Bench): Promise<Result> {
  const { subject, options } = bench
  const { client, arn } = await makeUser(subject.client, 'granted', false)
  const grant = (KeyId: string, tenant: number) => ({
    KeyId,
    GranteePrincipal: arn,
    Operations: ['Encrypt', 'Decrypt'],
    Constraints: { EncryptionContextSubset: { tenant: `${tenant}` } },
  })
  const one = await createKey(subject.client)
  await makeGrants(subject.client, [grant(one, 4711)])
  const many = await createKey(subject.client)
  const all = Array.from({ length: options.grants }, (_, index) =>
    grant(many, index === 0 ? 4711 : 10_000 + index),
  )
  await makeGrants(subject.client, all)
  const of = async (name: string, key: string): Promise<Case> => ({
    ...caseOf({ ...subject, client }, await encrypting(client, 32, [key]), bench),
    name,
  })
  return compare('Grants', bench, [
    await of('the only grant on the key', one),
    await of(`one of ${options.grants} grants on the key`, many),
  ])
}

/** Makes grants, 64 at once, so that they share commits. */
async function makeGrants(client: Client, documents: readonly object[]): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    const connection = await Connection.open(client)
    for (let document = documents[next++]; document !== undefined; document = documents[next++]) {
      await callBy(connection, client, { operation: 'CreateGrant', document })
    }
    connection.close()
  }
  await Promise.all(Array.from({ length: 64 }, worker))
}

/** A server with ten keys and one with very many, both as fresh as the other; requests use ten in turn. */
export async function measureKeys(bench: Bench): Promise<Result> {
  await using few = await startWithKeys(10, bench)
  await using many = await startWithKeys(bench.options.keys, bench)
  return await compare('Keys', bench, [few.case, many.case])
}

/** A server on a folder with so many keys, and Encrypt under ten of them. */
async function startWithKeys(
  count: number,
  bench: Bench,
): Promise<AsyncDisposable & { readonly case: Case }> {
  const folder = temporaryFolder()
  const first = await startTrent(folder.path)
  const account = (await createKey(first.client)).split(':')[4] ?? ''
  await first.stop()
  const arns = await makeKeys(folder.path, account, count)
  const used = arns.filter((_, index) => index % Math.ceil(count / 10) === 0)
  const server = await startTrent(folder.path)
  const work = await encrypting(server.client, 32, used)
  return {
    case: { ...caseOf(server, work, bench), name: `${count} keys` },
    [Symbol.asyncDispose]: async () => {
      await server.stop()
      folder[Symbol.dispose]()
    },
  }
}

/** The small case, the large one and the bare server: the large one may take a twentieth more processor time. */
async function compare(
  title: string,
  bench: Bench,
  [small, large]: readonly [Case, Case],
): Promise<Result> {
  const rounds = await turnsOf([small, large, bareCase(bench.bare, large)], bench)
  const ratio = rounds.ratio(1, 0, (turn) => turn.serverMicroseconds)
  return {
    title: `${title}, Encrypt of 32 bytes`,
    head: ['case', ...throughputHead],
    rows: [
      [small.name, ...throughputCells(rounds, 0)],
      [large.name, ...throughputCells(rounds, 1)],
      [bench.bare.name, ...throughputCells(rounds, 2)],
      ['**large / small**', ...ratioCells(rounds, 1, 0)],
      ['**small / bare**', ...ratioCells(rounds, 0, 2)],
    ],
    bars: [{ label: `CPU: ${large.name} / small`, ratio, aim: { value: 1.05, atLeast: false } }],
  }
}
