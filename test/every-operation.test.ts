/**
 * Walks the table of operations: what holds of each, and what each answers about a key in each of its states.
 */
import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { shapes } from '../src/api/shapes.ts'
import type { KeyState, OperationName } from '../src/api/types.ts'
import { operations } from '../src/operations.ts'
import { sendDocument } from './support/documents.ts'
import { keyOperations, otherOperations, type Outcome, type Row } from './support/key-states.ts'
import { type Subject, Subjects } from './support/key-subjects.ts'
import { absentId, arnOf, makeAlias, makeKey } from './support/made-keys.ts'
import { type RecordedEvent, recordText } from './support/record.ts'
import { deniedAcrossAccounts, dryRun } from './support/sentences.ts'
import { startService } from './support/service.ts'
import { documentOf, type RawAnswer, send } from './support/wire.ts'

const trent = await startService()
const subjects = new Subjects(trent)
after(() => subjects[Symbol.asyncDispose]())
const foreign = await makeKey(trent.client({ account: await trent.createAccount() }))
await makeAlias(trent.client(), 'alias/to-delete', await makeKey(trent.client()))
const names = Object.keys(operations) as OperationName[]

test('every operation has its row: one that concerns a key, or one of the others', () => {
  const rows = [...Object.keys(keyOperations), ...Object.keys(otherOperations)]
  assert.deepEqual(rows.toSorted(), names.toSorted())
})

test('every operation that the model gives a DryRun says so in its row', () => {
  const built = names.filter((name) => otherOperations[name]?.refusal === undefined)
  assert.deepEqual(
    built.filter((name) => keyOperations[name]?.dryRun === true),
    built.filter((name) => 'DryRun' in shapes[name]),
  )
})

for (const name of names) {
  // All at once, so that the keys of a row share their commits.
  suite(name, { concurrency: true }, () => {
    const row = keyOperations[name]
    if (row !== undefined) testKeyOperation(name, row)
    else testOther(name)
  })
}

function testKeyOperation(name: OperationName, row: Row): void {
  testUnsigned(name)

  test(`${name}: a key that does not exist is NotFoundException`, async () => {
    const arn = arnOf(trent.accountId, `key/${absentId}`)
    const text = `Key '${arn}' does not exist`
    for (const id of [absentId, arn]) {
      assertRefused(await askOf(name, row, id), 'NotFoundException', text)
    }
  })

  test(`${name}: a key of another account is AccessDeniedException`, async () => {
    const answer = await askOf(name, row, foreign.Arn)
    const text = deniedAcrossAccounts(trent.accountId, row.action ?? `kms:${name}`)
    assertRefused(answer, 'AccessDeniedException', text)
  })

  for (const [state, outcome] of Object.entries(row.states) as [KeyState, Outcome][]) {
    if (outcome === 'never' || outcome === 'later') continue
    test(`${name}: ${state}: ${outcome}`, async () => {
      const subject = await subjects.make(row.kind, state)
      const answer = await sendDocument(trent, name, row.request(subject))
      assertOutcome(answer, outcome, subject)
      assertRecorded(name, answer, outcome === 'served' ? (row.events ?? 1) : 1)
    })
  }

  if (row.dryRun === true) {
    test(`${name}: a dry run of what would succeed is DryRunOperationException, of what would not the refusal`, async () => {
      const enabled = await subjects.make(row.kind, 'Enabled')
      const request = { ...row.request(enabled), DryRun: true }
      const answer = await sendDocument(trent, name, request)
      assertRefused(answer, 'DryRunOperationException', dryRun)
      assertRecorded(name, answer, 1)
      if (row.states.Disabled === 'served') return
      const disabled = await subjects.make(row.kind, 'Disabled')
      const refusal = { ...row.request(disabled), DryRun: true }
      assertOutcome(await sendDocument(trent, name, refusal), 'is disabled', disabled)
    })
  }
}

function testOther(name: OperationName): void {
  const row = otherOperations[name]
  testUnsigned(name)
  assert.ok(row !== undefined)
  const what = row.refusal === undefined ? 'served' : row.refusal.__type
  test(`${name}: it is ${what}, and recorded`, async () => {
    const answer = await sendDocument(trent, name, row.request(trent.accountId))
    if (row.refusal === undefined) assert.equal(answer.status, 200, answer.body)
    else assert.deepEqual(documentOf(answer), row.refusal)
    assertRecorded(name, answer, 1)
  })
}

/** Nothing of an unsigned request is looked at. */
function testUnsigned(name: OperationName): void {
  test(`${name}: without a signature it is MissingAuthenticationTokenException`, async () => {
    const answer = await send(trent.endpoint, {
      method: 'POST',
      url: '/',
      headers: [
        ['Host', new URL(trent.endpoint).host],
        ['Content-Type', 'application/x-amz-json-1.1'],
        ['X-Amz-Target', `TrentService.${name}`],
      ],
      body: Buffer.from('{'),
    })
    const text = 'Request is missing Authentication Token'
    assertRefused(answer, 'MissingAuthenticationTokenException', text)
    assert.deepEqual(eventsOf(answer), [])
  })
}

/** Asks an operation of a key by this id; the rest of the request is that of a key of ours. */
async function askOf(name: OperationName, row: Row, id: string): Promise<RawAnswer> {
  const subject = await subjects.make(row.kind, 'Enabled')
  return sendDocument(trent, name, { ...row.request(subject), [row.member]: id })
}

function assertOutcome(answer: RawAnswer, outcome: Outcome, { arn, origin }: Subject): void {
  if (outcome === 'served') assert.equal(answer.status, 200, answer.body)
  else if (outcome === 'has another origin') {
    const text = `${arn} origin is ${origin} which is not valid for this operation.`
    assertRefused(answer, 'UnsupportedOperationException', text)
  } else {
    const code = outcome === 'is disabled' ? 'DisabledException' : 'KMSInvalidStateException'
    assertRefused(answer, code, `${arn} ${outcome}.`)
  }
}

/** AccessDeniedException spells its text with a capital. */
function assertRefused(answer: RawAnswer, code: string, text: string): void {
  const spelling = code === 'AccessDeniedException' ? 'Message' : 'message'
  assert.deepEqual(documentOf(answer), { __type: code, [spelling]: text })
  assert.equal(answer.status, 400)
}

/** A call by a known principal leaves its event, with its error if it has one. */
function assertRecorded(name: OperationName, answer: RawAnswer, count: number): void {
  const events = eventsOf(answer)
  assert.equal(events.length, count)
  const { __type: error } = documentOf(answer) ?? {}
  assert.equal(events[0]?.eventName, name)
  assert.equal(events[0].errorCode, error)
}

function eventsOf(answer: RawAnswer): RecordedEvent[] {
  const requestId = answer.headers.get('x-amzn-requestid')
  return recordText(trent.data)
    .split('\n')
    .filter((line) => line.includes(`"requestID":"${requestId}"`))
    .map((line) => JSON.parse(line) as RecordedEvent)
}
