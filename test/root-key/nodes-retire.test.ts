/**
 * The end of the root key before, on nodes that share a database: what was made under it ends on all of them at once.
 */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { CreateKeyCommand, EncryptCommand, KMSClient, ListKeysCommand } from '@aws-sdk/client-kms'
import { GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts'
import { testClock } from '../../src/index.ts'
import { createDatabase, runIn } from '../support/postgres.ts'
import { credentialsOf, temporaryFolder } from '../support/process.ts'
import { following, serveOn } from '../support/root-keys.ts'

const clock = testClock()

const standing = <Client extends { readonly config: object }>(client: Client): Client =>
  following(clock, client)

async function startNode(database: string, rootKey: string) {
  const serving = await serveOn(clock, { database, rootKey })
  const { data, url, service } = serving
  return {
    data,
    url,
    rotation: service.rotation,
    [Symbol.asyncDispose]: () => serving.close(),
  }
}

test('a session ends on every node when the root key before is retired on one, and rows open on all', async () => {
  const database = await createDatabase()
  const rootKey = join(temporaryFolder(), 'root.key')
  await using one = await startNode(database, rootKey)
  await using two = await startNode(database, rootKey)
  const shape = { region: 'us-east-1', maxAttempts: 1 }
  const credentials = credentialsOf(one.data)
  const sts = standing(new STSClient({ ...shape, endpoint: one.url, credentials }))
  const kms = standing(new KMSClient({ ...shape, endpoint: one.url, credentials }))
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
  const { Credentials } = await sts.send(new GetSessionTokenCommand({}))
  const session = standing(
    new KMSClient({
      ...shape,
      endpoint: two.url,
      credentials: {
        accessKeyId: Credentials?.AccessKeyId ?? '',
        secretAccessKey: Credentials?.SecretAccessKey ?? '',
        sessionToken: Credentials?.SessionToken ?? '',
      },
    }),
  )
  await session.send(new ListKeysCommand({}))
  await one.rotation.prepare()
  // Both begin; one of them changes it, and the other is refused.
  const both = await Promise.allSettled([one.rotation.rotate(), two.rotation.rotate()])
  assert.deepEqual(both.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected'])
  await Promise.all([one.rotation.goOn(false), two.rotation.goOn(false)])
  await session.send(new ListKeysCommand({}))
  await assert.rejects(one.rotation.retire(), /within the last minute/)
  clock.turn(60_000)
  await one.rotation.retire()
  await assert.rejects(session.send(new ListKeysCommand({})), {
    name: 'UnrecognizedClientException',
  })
  // Work that was under way on the other node brings nothing back.
  await two.rotation.goOn(true)
  for (const { rotation } of [one, two]) {
    const { stage, previousRootKeyId } = await rotation.status()
    assert.deepEqual({ stage, previousRootKeyId }, { stage: 'none', previousRootKeyId: undefined })
  }
  const other = standing(new KMSClient({ ...shape, endpoint: two.url, credentials }))
  const Plaintext = Buffer.from('plain')
  await other.send(new EncryptCommand({ KeyId: KeyMetadata?.KeyId, Plaintext }))
  const left = await runIn(database, "SELECT name FROM meta WHERE name LIKE 'root-key-next%'")
  assert.deepEqual(left, [])
  for (const client of [sts, kms, session, other]) client.destroy()
})
