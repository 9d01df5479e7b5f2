/**
 * `trent account ...` and `trent jobs ...`: what administrators do at the running server.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askServer } from '../../src/server/admin-socket.ts'
import { askTrent, runTrent, serveTrent, temporaryFolder } from '../support/process.ts'
import { signHeader } from '../support/signer.ts'
import { documentOf, type RawAnswer, send } from '../support/wire.ts'

interface MadeKey {
  readonly AccountId: string
  readonly AccessKeyId: string
  readonly SecretAccessKey: string
}

const server = await serveTrent(temporaryFolder())
const { data, endpoint } = server
const account = (...args: readonly string[]) => askTrent(['account', ...args, '--data', data])
const accessKey = (...args: readonly string[]) => account('access-key', ...args)

/** A call signed with an access key. */
function call(key: MadeKey): Promise<RawAnswer> {
  const credentials = { accessKeyId: key.AccessKeyId, secretAccessKey: key.SecretAccessKey }
  return send(endpoint, signHeader({ endpoint, credentials, at: Date.now() }))
}

async function assertSignsNothing(key: MadeKey): Promise<void> {
  const answer = await call(key)
  assert.equal(documentOf(answer)?.['__type'], 'UnrecognizedClientException')
}

/** A command that has to fail; answers what it says. */
async function problem(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runTrent([...args, '--data', data])
  assert.equal(code, 1)
  assert.equal(stdout, '')
  return stderr
}

test('account create makes an account whose access key signs at once', async () => {
  const made = (await account('create', '--name', 'a team')) as MadeKey
  assert.deepEqual(Object.keys(made), ['AccountId', 'AccessKeyId', 'SecretAccessKey'])
  assert.match(made.AccountId, /^\d{12}$/)
  assert.match(made.AccessKeyId, /^AKIA[A-Z2-7]{16}$/)
  assert.match(made.SecretAccessKey, /^[A-Za-z0-9+/]{40}$/)
  assert.equal((await call(made)).status, 200)
})

test('account list shows every account by name, and no secret', async () => {
  const made = (await account('create', '--name', 'listed')) as MadeKey
  const { Accounts } = (await account('list')) as { Accounts: Record<string, string>[] }
  const [first] = Accounts.filter(({ Name }) => Name === 'first')
  assert.deepEqual(Object.keys(first ?? {}), ['AccountId', 'Name', 'CreateDate'])
  assert.match(first?.['CreateDate'] ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  assert.ok(
    Accounts.some(({ AccountId, Name }) => AccountId === made.AccountId && Name === 'listed'),
  )
})

test('an access key lives: created, listed, deactivated, activated, deleted', async () => {
  const { AccountId } = (await account('create')) as MadeKey
  const made = (await accessKey('create', AccountId)) as MadeKey
  const id = made.AccessKeyId
  const listed = async () => {
    const { AccessKeys } = (await accessKey('list', AccountId)) as {
      AccessKeys: { AccessKeyId: string; Status: string }[]
    }
    assert.ok(AccessKeys.every((each) => !('SecretAccessKey' in each)))
    return AccessKeys.find(({ AccessKeyId }) => AccessKeyId === id)?.Status
  }
  assert.equal(made.AccountId, AccountId)
  assert.equal((await call(made)).status, 200)
  assert.equal(await listed(), 'Active')
  assert.deepEqual(await accessKey('deactivate', id), { AccessKeyId: id, Status: 'Inactive' })
  await assertSignsNothing(made)
  assert.equal(await listed(), 'Inactive')
  assert.deepEqual(await accessKey('activate', id), { AccessKeyId: id, Status: 'Active' })
  assert.equal((await call(made)).status, 200)
  assert.deepEqual(await accessKey('delete', id), { AccessKeyId: id, Deleted: true })
  await assertSignsNothing(made)
  assert.equal(await listed(), undefined)
})

test('what is not there is said so, with a hint', async () => {
  assert.equal(
    await problem('account', 'access-key', 'create', '000000000000'),
    'trent: there is no account `000000000000`; trent account list shows them\n',
  )
  for (const command of ['deactivate', 'activate', 'delete']) {
    assert.equal(
      await problem('account', 'access-key', command, 'AKIANONE'),
      'trent: there is no access key `AKIANONE`\n',
    )
  }
})

test('a name of more than 256 characters is refused', async () => {
  assert.equal(
    await problem('account', 'create', '--name', 'a'.repeat(257)),
    'trent: the name of an account has at most 256 characters\n',
  )
  await account('create', '--name', 'a'.repeat(256))
})

test('an account has a hundred access keys at most', async () => {
  const { AccountId } = (await account('create')) as MadeKey
  for (let i = 1; i < 100; i += 1) {
    const made = await askServer(data, 'create-access-key', { account: AccountId })
    assert.ok('result' in made)
  }
  assert.equal(
    await problem('account', 'access-key', 'create', AccountId),
    `trent: account \`${AccountId}\` has 100 access keys; delete one first\n`,
  )
})

test('jobs confirm-clock answers the time that it takes for right', async () => {
  const { Now } = (await askTrent(['jobs', 'confirm-clock', '--data', data])) as { Now: string }
  assert.ok(Math.abs(Date.parse(Now) - Date.now()) < 10_000)
})

test('an operation that the server does not know is refused on its socket', async () => {
  for (const operation of ['', 'toString', 'create-account/x', '../x']) {
    const answer = await askServer(data, operation, {})
    assert.deepEqual(answer, { problem: `this server knows no operation \`${operation}\`` })
  }
})

test('a status that is none is refused on its socket', async () => {
  const answer = await askServer(data, 'update-access-key', {
    'access-key-id': 'AKIANONE',
    status: 'Maybe',
  })
  assert.deepEqual(answer, { problem: '`Maybe` is no status; it is Active or Inactive' })
  assert.deepEqual(await askServer(data, 'update-access-key', {}), {
    problem: '`access-key-id` is missing',
  })
})

test('the server is quiet about all of this', async () => {
  const { stdout, stderr } = server.said()
  assert.equal(stdout.split('\n').length, 4)
  assert.equal(stderr, '')
})
