/**
 * What the tests of a change of the root key share: its commands, ciphertexts that have to open before and after, and
 * servers and clients on a clock that is turned by hand.
 */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import {
  CreateKeyCommand,
  DecryptCommand,
  EncryptCommand,
  type KMSClient,
} from '@aws-sdk/client-kms'
import type { Clock } from '../../src/clock.ts'
import { ensureFirstAccount } from '../../src/first-account.ts'
import { silentLog } from '../../src/log.ts'
import { serve, type Serving } from '../../src/serve.ts'
import { askTrent, pause, type Server, temporaryFolder } from './process.ts'

/** What `trent root-key` shows. */
export interface Status {
  readonly RootKeyId: string
  readonly PreviousRootKeyId?: string
  readonly NextRootKeyId?: string
  readonly Stage: string
  readonly Nodes?: readonly { readonly Node: string; readonly HoldsNext: boolean }[]
}

/** Runs a command of `trent root-key`. */
export const ask = (server: Pick<Server, 'data'>, command: string): Promise<Status> =>
  askTrent(['root-key', command, '--data', server.data]) as Promise<Status>

/** Waits for a stage. */
export async function until(server: Pick<Server, 'data'>, stage: string): Promise<Status> {
  for (;;) {
    const status = await ask(server, 'status')
    if (status.Stage === stage) return status
    await pause(50)
  }
}

/** What each ciphertext was made of: none may open to what another one held. */
const plaintexts = new WeakMap<Uint8Array, Buffer>()
let counter = 0

/** Makes a key and answers a ciphertext under it. */
export async function newBlob(kms: KMSClient): Promise<Uint8Array> {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
  counter += 1
  const Plaintext = Buffer.from(`plaintext ${counter}`)
  const made = await kms.send(new EncryptCommand({ KeyId: KeyMetadata?.KeyId, Plaintext }))
  const blob = made.CiphertextBlob ?? new Uint8Array()
  plaintexts.set(blob, Plaintext)
  return blob
}

/** Makes keys and answers a ciphertext under each. */
export async function newBlobs(kms: KMSClient, count: number): Promise<Uint8Array[]> {
  const blobs: Uint8Array[] = []
  for (let i = 0; i < count; i += 1) blobs.push(await newBlob(kms))
  return blobs
}

/** Opens ciphertexts of this file's. */
export async function assertDecrypts(kms: KMSClient, blobs: readonly Uint8Array[]): Promise<void> {
  for (const CiphertextBlob of blobs) {
    const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob }))
    assert.deepEqual(Buffer.from(Plaintext ?? []), plaintexts.get(CiphertextBlob))
  }
}

/** A server in this process, on a clock that is turned by hand. */
export async function serveOn(
  clock: Clock,
  { data = temporaryFolder(), ...more }: ServeOn,
): Promise<Serving & { readonly data: string }> {
  const serving = await serve(
    {
      host: '127.0.0.1',
      port: 0,
      data,
      rootKey: join(data, 'root.key'),
      regions: ['us-east-1'],
      oidcIssuers: [],
      clock,
      log: silentLog,
      ...more,
    },
    (service) => ensureFirstAccount(service, data),
  )
  return { ...serving, data }
}

interface ServeOn {
  readonly data?: string
  readonly database: string | undefined
  readonly rootKey?: string
}

/** A client whose signatures follow the clock that is turned by hand. */
export function following<Client extends { readonly config: object }>(
  clock: Clock,
  client: Client,
): Client {
  Object.defineProperty(client.config, 'systemClockOffset', {
    get: () => clock.monotonic(),
    set: () => {},
  })
  return client
}
