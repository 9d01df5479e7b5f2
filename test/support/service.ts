/**
 * What the operations' tests stand on: a listening server with a clock to turn, and the official SDK against it.
 */
import assert from 'node:assert/strict'
import { after } from 'node:test'
import { KMSClient, KMSServiceException } from '@aws-sdk/client-kms'
import {
  type Account,
  startTrent as start,
  type StartOptions,
  type TestClock,
  testClock,
  type Trent,
} from '../../src/index.ts'
import { databaseOf, noteDatabase, usualEngine } from './engines.ts'
import { nodeCount } from './node-count.ts'
import { createDatabase } from './postgres.ts'
import { joinSecond } from './round-robin.ts'

/** A server that ends with the test file. */
export interface Started extends Account {
  readonly endpoint: string
  readonly opsUrl: string | undefined
  readonly data: string
  /** The URL of its PostgreSQL, if it has one. */
  readonly database: string | undefined
  readonly clock: TestClock
  /** Moves the time of the server, and of the clients' signatures with it. */
  turn(milliseconds: number): void
  /** A client of the first account in us-east-1, or of another account or region. */
  client(other?: { readonly account?: Account; readonly region?: string }): KMSClient
  /** Ends a client with the server: what is registered within a test may be another's, where they share a promise. */
  ends(client: { destroy(): void }): void
  createAccount(name?: string): Promise<Account>
  runJobs(): Promise<boolean>
  confirmClock(): Promise<void>
}

/** Starts a server on a clock that starts now and moves only by hand; tests are over within minutes of it. */
export async function startService(options: Omit<StartOptions, 'clock'> = {}): Promise<Started> {
  const clock = testClock()
  const chosen = await onEngine(options)
  const trent = await start({ ...chosen, clock })
  if (chosen.database !== undefined) noteDatabase(trent.data, chosen.database)
  const shared = nodeCount > 1 && chosen.database !== undefined && options.data === undefined
  const served = shared ? await joinSecond(trent, { ...chosen, clock }) : trent
  const clients: { destroy(): void }[] = []
  after(async () => {
    for (const client of clients) client.destroy()
    await trent.close()
  })
  return {
    ...trent,
    endpoint: served.endpoint,
    runJobs: () => served.runJobs(),
    database: chosen.database,
    clock,
    turn: (milliseconds) => {
      clock.turn(milliseconds)
    },
    ends: (client) => {
      clients.push(client)
    },
    client: ({ account = trent, region = 'us-east-1' } = {}) => {
      const client = new KMSClient({
        endpoint: served.endpoint,
        region,
        credentials: account.credentials,
        maxAttempts: 1,
      })
      // The SDK would correct its clock by the Date header of a refusal, which tells the machine's time.
      Object.defineProperty(client.config, 'systemClockOffset', {
        get: () => clock.monotonic(),
        set: () => {},
      })
      clients.push(client)
      return client
    },
  }
}

/** Starts a server as the library does, on the engine that the tests run on. */
export async function startTrent(options: StartOptions = {}): Promise<Trent> {
  return start(await onEngine(options))
}

/** Says which database a server has that does not say it itself. */
async function onEngine<Options extends StartOptions>(options: Options): Promise<Options> {
  if (options.database !== undefined || usualEngine === 'sqlite') return options
  const { data } = options
  const database = data === undefined ? await createDatabase() : await databaseOf(data)
  return { ...options, ...(database !== undefined && { database }) }
}

/** Asserts that a call is refused with AWS's code, text (undefined: none at all) and status 400. */
export async function refused(
  call: Promise<unknown>,
  code: string,
  text: string | RegExp | undefined,
): Promise<void> {
  const error = await call.then(
    () => assert.fail(`not refused: ${code} was expected`),
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof KMSServiceException, String(error))
  assert.equal(error.name, code)
  assert.equal(error.$metadata.httpStatusCode, 400)
  if (text instanceof RegExp) assert.match(error.message, text)
  else if (text !== undefined) assert.equal(error.message, text)
  else assert.ok(error.message === '' || error.message === code || error.message === 'UnknownError')
}
