/**
 * Every operation refuses whoever has no permission for it, and serves the same user with exactly what it needs and nothing
 * else: from an identity policy beside the default key policy, from a key policy that names the user, and from a grant. And
 * whatever a role may, its session may no more than the session policy says.
 */
import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import type { KeyState, OperationName } from '../../src/api/types.ts'
import { feedEnd } from '../../src/database/feed.ts'
import { operations } from '../../src/operations.ts'
import { openBeside } from '../support/engines.ts'
import { keyOperations, otherOperations } from '../support/key-states.ts'
import { type Subject, Subjects } from '../support/key-subjects.ts'
import { sendDocument } from '../support/documents.ts'
import { makeAlias, makeKey } from '../support/made-keys.ts'
import {
  givePolicies,
  makePerson,
  makeWorld,
  type Person,
  type Statement,
} from '../support/people.ts'
import { makeGrant } from '../support/granting.ts'
import { recordText, type RecordedEvent } from '../support/record.ts'
import { startService } from '../support/service.ts'
import { documentOf, type RawAnswer } from '../support/wire.ts'
import { allow, delegation, type Denied, may, mayNot } from './cases/case.ts'
import { refusalOf, send } from './run.ts'
import { type Need, needsOf } from './needs.ts'

const trent = await startService()
const world = await makeWorld(trent)
const { kms, iam } = world.homes.home
const subjects = new Subjects(trent)
const database = await openBeside(trent.data)
after(async () => {
  await subjects[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})
const toDelete = await makeKey(kms)
await makeAlias(kms, 'alias/to-delete', toDelete)

/** What a test asks, and of which key. */
interface Question {
  readonly name: OperationName
  readonly person: Person
  readonly subject: Subject
  readonly request: Readonly<Record<string, unknown>>
  readonly need: Need
}

/** The subject of an operation that has none. */
const nobody: Subject = {
  id: '',
  arn: toDelete.Arn,
  origin: '',
  proof: '',
  imports: { ImportToken: '', EncryptedKeyMaterial: '' },
  grant: '',
  otherBlob: '',
  otherAlias: '',
  otherArn: '',
}

for (const name of Object.keys(operations) as OperationName[]) {
  suite(name, () => {
    test(`${name}: nothing is done for whom nothing allows it, and it is recorded once`, async () => {
      const question = await ask(name)
      const before = await feedEnd(database.read)
      const answer = await answerTo(question)
      const { person, need } = question
      const [code, text] = refusalOf(name, need.refusal, person.arn)
      assert.deepEqual(documentOf(answer), { __type: code, Message: text })
      assert.equal(answer.status, 400)
      assert.deepEqual(await feedEnd(database.read), before)
      const events = eventsOf(answer)
      assert.deepEqual(
        events.map(({ eventName, errorCode, recipientAccountId }) => ({
          eventName,
          errorCode,
          recipientAccountId,
        })),
        [{ eventName: name, errorCode: 'AccessDenied', recipientAccountId: trent.accountId }],
      )
      assert.deepEqual(events[0]?.userIdentity, {
        type: 'IAMUser',
        principalId: person.id,
        arn: person.arn,
        accountId: trent.accountId,
        accessKeyId: person.credentials.accessKeyId,
        userName: person.name,
      })
    })

    test(`${name}: an identity policy with just that is enough, and a part of it is not`, async () => {
      const question = await ask(name)
      const { permissions } = question.need
      for (const missing of permissions) {
        if (permissions.length === 1) break
        await identity(question, permissions.filter((each) => each !== missing).map(statementOf))
        assert.equal(documentOf(await answerTo(question))?.['__type'], 'AccessDeniedException')
      }
      await identity(question, permissions.map(statementOf))
      assertServed(question, await answerTo(question))
    })

    test(`${name}: a session of a role that may everything is held to its session policy`, async () => {
      const question = await ask(name)
      const { permissions, refusal } = question.need
      const other = await asSession(question, [may('kms:Nothing')])
      const isByGrant = refusal.why === 'no resource'
      await assertRefused(other, { ...refusal, why: isByGrant ? 'no resource' : 'no session' })
      const action = permissions.map((each) => each.action)
      const denied = await asSession(question, [may(), mayNot(action)])
      await assertRefused(denied, { ...refusal, why: 'deny session' })
      await restoreAlias(question)
      const just = await asSession(question, permissions.map(statementOf))
      assertServed(just, await answerTo(just))
    })

    const { byKeyPolicy, byGrant } = needsOf(name, nobody)
    if (byKeyPolicy) {
      test(`${name}: a key policy that names the user for just that is enough`, async () => {
        const question = await ask(name)
        const Action = question.need.permissions.map(({ action }) => action)
        await keyPolicy(question, [delegation, allow(question.person.arn, { Action })])
        assertServed(question, await answerTo(question))
      })
    } else {
      test(`${name}: a key policy that names the user does not give it`, async () => {
        const question = await ask(name)
        await keyPolicy(question, [delegation, allow(question.person.arn)])
        assert.equal(documentOf(await answerTo(question))?.['__type'], 'AccessDeniedException')
      })
    }

    if (byGrant !== undefined) {
      test(`${name}: a grant of just that is enough`, async () => {
        const question = await ask(name)
        for (const { operation, key } of needsOf(name, question.subject).byGrant ?? []) {
          const Operations = name === 'CreateGrant' ? [operation, 'Decrypt' as const] : [operation]
          const { id } = await makeGrant(kms, key, {
            GranteePrincipal: question.person.arn,
            Operations,
          })
          // The grant that is retired is the one that permits it.
          if (name === 'RetireGrant') Object.assign(question.request, { GrantId: id })
        }
        assertServed(question, await answerTo(question))
      })
    } else {
      test(`${name}: no grant gives it`, async () => {
        const question = await ask(name, 'Enabled')
        const { id } = question.subject
        const Operations = ['CreateGrant', 'DescribeKey', 'RetireGrant'] as const
        const grant = { GranteePrincipal: question.person.arn, Operations: [...Operations] }
        await makeGrant(kms, id === '' ? toDelete.KeyId : id, grant)
        assert.equal(documentOf(await answerTo(question))?.['__type'], 'AccessDeniedException')
      })
    }
  })
}

async function ask(name: OperationName, state = usableState(name)): Promise<Question> {
  const row = keyOperations[name]
  const subject = row === undefined ? nobody : await subjects.make(row.kind, state)
  const request = row?.request(subject) ?? otherOperations[name]?.request(trent.accountId)
  assert.ok(request !== undefined, `${name} has a row`)
  const person = await makePerson(world, {})
  return { name, person, subject, request: { ...request }, need: needsOf(name, subject) }
}

/** The same question by a session of a role that may everything. */
async function asSession(question: Question, policy: readonly Statement[]): Promise<Question> {
  const spec = { kind: 'role', identity: [may()], session: { policy } } as const
  const role = await makePerson(world, spec)
  return { ...question, person: await givePolicies(world, role, (text) => text) }
}

/** The alias that the operation is about was changed by a test before, which was served. */
async function restoreAlias({ name, subject }: Question): Promise<void> {
  if (name === 'DeleteAlias') await makeAlias(kms, 'alias/to-delete', toDelete)
  if (name !== 'UpdateAlias') return
  const [AliasName, TargetKeyId] = [subject.otherAlias, subject.otherArn]
  await send(kms, 'UpdateAlias', { AliasName, TargetKeyId })
}

async function assertRefused(question: Question, expected: Denied): Promise<void> {
  const { name, person } = question
  const before = await feedEnd(database.read)
  const answer = await answerTo(question)
  const [code, text] = refusalOf(name, expected, person.arn)
  assert.deepEqual(documentOf(answer), { __type: code, Message: text })
  assert.deepEqual(await feedEnd(database.read), before)
}

/** A state in which the operation is served. */
const usableState = (name: OperationName): KeyState =>
  name === 'CancelKeyDeletion' ? 'PendingDeletion' : 'Enabled'

const answerTo = ({ name, person, request }: Question): Promise<RawAnswer> =>
  sendDocument({ ...trent, credentials: person.credentials }, name, request)

const statementOf = ({ action, on }: Need['permissions'][number]): Statement =>
  may(action, { Resource: on })

async function identity({ person }: Question, statements: readonly Statement[]): Promise<void> {
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: statements })
  await iam.putUserPolicy({ UserName: person.name, PolicyName: 'own', PolicyDocument })
}

async function keyPolicy({ subject }: Question, statements: readonly Statement[]): Promise<void> {
  const text = JSON.stringify({ Version: '2012-10-17', Statement: statements })
  await send(kms, 'PutKeyPolicy', {
    KeyId: subject.id === '' ? toDelete.KeyId : subject.id,
    Policy: text.replaceAll('<home>', trent.accountId),
  })
}

/** Of custom key stores, there is none to serve. */
function assertServed({ name }: Question, answer: RawAnswer): void {
  const refusal = otherOperations[name]?.refusal
  if (refusal === undefined) assert.equal(answer.status, 200, answer.body)
  else assert.deepEqual(documentOf(answer), refusal)
}

function eventsOf(answer: RawAnswer): RecordedEvent[] {
  const requestId = answer.headers.get('x-amzn-requestid')
  return recordText(trent.data)
    .split('\n')
    .filter((line) => line.includes(`"requestID":"${requestId}"`))
    .map((line) => JSON.parse(line) as RecordedEvent)
}
