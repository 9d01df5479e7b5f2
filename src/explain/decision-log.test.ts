import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Judgement } from '../access/authorize.ts'
import { type AccessQuestion, decide } from '../access/decide.ts'
import { RequestContext } from '../access/request-context.ts'
import { systemClock, testClock } from '../clock.ts'
import { rootUser } from '../identities/principal.ts'
import { compilePolicy } from '../policies/compile.ts'
import {
  type DecidedCall,
  decisionFiles,
  type DecisionLimits,
  DecisionLog,
} from './decision-log.ts'
import type { ExplainedCall } from './explanation.ts'
import { findExplanation } from './find-explanation.ts'

const account = '111122223333'
const principal = rootUser(account, { accessKeyId: 'AKIAEXAMPLE', region: 'us-east-1' })
const resource = `arn:aws:kms:us-east-1:${account}:key/1234abcd-12ab-34cd-56ef-1234567890ab`

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'trent-decisions-'))
  after(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

function judgement(effect: 'Allow' | 'Deny'): Judgement & { readonly context: RequestContext } {
  const text = JSON.stringify({
    Statement: { Effect: effect, Principal: '*', Action: 'kms:*', Resource: '*' },
  })
  const context = new RequestContext({
    asked: { 'kms:requestalias': ['alias/a'] },
    encryptionContext: new Map([['App', 'one']]),
    resource: { 'kms:keyspec': ['SYMMETRIC_DEFAULT'], 'kms:requestalias': ['alias/b'] },
    principal,
    tellsAccount: true,
    request: {
      now: 0,
      region: 'us-east-1',
      sourceIp: '::ffff:10.0.0.1',
      userAgent: 'a "quoted" agent',
      secureTransport: true,
    },
  })
  const question: AccessQuestion = {
    on: 'resource',
    request: {
      action: 'kms:Encrypt',
      resource,
      caller: { type: 'root', account, arn: principal.arn },
      context: context.lookUp,
    },
    owner: account,
    acrossAccounts: true,
    layers: {
      resource: { name: 'default', policy: compilePolicy(text, 'key') },
      identity: [],
      boundary: undefined,
      session: undefined,
    },
  }
  return { question, decision: decide(question), context }
}

const call = (requestId: string, effect: 'Allow' | 'Deny' = 'Allow'): DecidedCall => ({
  requestId,
  time: 1_700_000_000_000,
  operation: 'Encrypt',
  region: 'us-east-1',
  identity: principal.identity,
  judgements: [judgement(effect)],
})

function newLog(limits?: DecisionLimits, folder = newFolder()): DecisionLog {
  const log = new DecisionLog({
    folder,
    clock: systemClock,
    report: (error) => assert.fail(String(error)),
    ...(limits && { limits }),
  })
  after(() => log[Symbol.asyncDispose]())
  return log
}

const read = (text: string | undefined) => JSON.parse(text ?? 'null') as ExplainedCall | null

test('the newest calls are whole in memory, and the last of them is the last', async () => {
  const log = newLog({ calls: 3, fileBytes: 1_000_000 })
  for (const id of ['a', 'b', 'c', 'd']) log.keep(call(id))
  assert.equal(log.find('a'), undefined)
  assert.equal(read(log.find(undefined))?.requestId, 'd')
  const kept = read(log.find('b'))
  assert.equal(kept?.decisions[0]?.policies?.[0]?.statements.length, 1)
  await log.flush()
  assert.equal(findExplanation(log.folder, 'a')?.decisions[0]?.verdict, 'allowed')
})

test('a call without a decision leaves nothing', async () => {
  const log = newLog()
  log.keep({ ...call('a'), judgements: [] })
  await log.flush()
  assert.equal(log.find(undefined), undefined)
  assert.deepEqual(readdirSync(log.folder), [])
})

test('files keep an allow by what decided, and a refusal whole', async () => {
  const log = newLog()
  log.keep(call('allow'))
  log.keep(call('deny', 'Deny'))
  await log.flush()
  const [allowed] = findExplanation(log.folder, 'allow')?.decisions ?? []
  assert.equal(allowed?.because.statements?.[0]?.statement.index, 0)
  assert.equal(allowed.policies, undefined)
  const refused = findExplanation(log.folder, undefined)
  assert.equal(refused?.requestId, 'deny')
  assert.equal(refused.decisions[0]?.policies?.[0]?.statements[0]?.applies, true)
})

test('values that stand in two places are those that count', () => {
  const { context } = judgement('Allow')
  const values = JSON.parse(context.text()) as Record<string, string[]>
  assert.deepEqual(values['kms:requestalias'], ['alias/a'])
  assert.deepEqual(context.lookUp('kms:requestalias'), ['alias/a'])
  assert.deepEqual(values['aws:sourceip'], ['10.0.0.1'])
  assert.deepEqual(values['aws:useragent'], ['a "quoted" agent'])
  assert.deepEqual(values['kms:encryptioncontext:App'], ['one'])
  assert.deepEqual(context.lookUp('kms:encryptioncontext:app'), ['one'])
})

test('a file that is full becomes an older one, and the oldest goes', async () => {
  const log = newLog({ calls: 10, fileBytes: 6000 })
  for (let number = 0; number < 30; number += 1) {
    log.keep(call(`r${number}`))
    await log.flush()
  }
  const files = decisionFiles(log.folder)
  assert.deepEqual(readdirSync(log.folder).toSorted(), [
    'decisions.1.jsonl',
    'decisions.2.jsonl',
    'decisions.3.jsonl',
    'decisions.jsonl',
  ])
  for (const file of files) assert.ok(readFileSync(file).length <= 6000)
  assert.equal(findExplanation(log.folder, undefined)?.requestId, 'r29')
  assert.ok(findExplanation(log.folder, 'r25') !== undefined)
  assert.equal(findExplanation(log.folder, 'r0'), undefined)
})

test('a line that is still being written is not read', () => {
  const folder = newFolder()
  const [newest = ''] = decisionFiles(folder)
  writeFileSync(newest, '{"requestId":"a","decisions":[]}\n{"requestId":"b","deci')
  assert.equal(findExplanation(folder, undefined)?.requestId, 'a')
  assert.equal(findExplanation(folder, 'b'), undefined)
  writeFileSync(newest, '{"requestId":"b"')
  assert.equal(findExplanation(folder, undefined), undefined)
})

test('a disk that refuses is reported, and holds up nothing', async () => {
  const folder = newFolder()
  const inTheWay = join(folder, 'file')
  writeFileSync(inTheWay, '')
  const reported: unknown[] = []
  const log = new DecisionLog({
    folder: join(inTheWay, 'decisions'),
    clock: systemClock,
    report: (error) => reported.push(error),
  })
  after(() => log[Symbol.asyncDispose]())
  log.keep(call('a'))
  await log.flush()
  assert.equal(reported.length, 1)
  assert.equal(read(log.find('a'))?.requestId, 'a')
  rmSync(inTheWay)
  mkdirSync(inTheWay)
  assert.equal(reported.length, 1)
  log.keep(call('b'))
  await log.flush()
  assert.equal(findExplanation(log.folder, undefined)?.requestId, 'b')
})

test('lines do not wait without end where nobody turns the clock', async () => {
  const folder = newFolder()
  const log = new DecisionLog({ folder, clock: testClock(), report: () => assert.fail() })
  after(() => log[Symbol.asyncDispose]())
  for (let number = 0; number < 1000; number += 1) log.keep(call(`r${number}`))
  for (let tries = 0; tries < 1000 && findExplanation(folder, 'r999') === undefined; tries += 1) {
    await new Promise((resolve) => {
      setTimeout(resolve, 10)
    })
  }
  assert.ok(findExplanation(folder, 'r999') !== undefined)
  log.keep(call('later'))
  await log.flush()
  assert.equal(findExplanation(folder, undefined)?.requestId, 'later')
})

test('a server that starts again goes on with the file', async () => {
  const folder = newFolder()
  const first = newLog(undefined, folder)
  first.keep(call('a'))
  await first.flush()
  const second = newLog(undefined, folder)
  second.keep(call('b'))
  await second.flush()
  assert.equal(findExplanation(folder, 'a')?.requestId, 'a')
  assert.equal(findExplanation(folder, undefined)?.requestId, 'b')
})
