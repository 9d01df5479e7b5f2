/**
 * The process of a worker: a server like any other, but for the folder's lock, the administrators' socket and the jobs,
 * which are its primary's. It ends with its primary, whatever happens.
 */
import { systemClock } from '../clock.ts'
import { joinFolder } from '../database/folder-lock.ts'
import { standardLog } from '../log.ts'
import { answersForOperators } from '../operating/ops-answers.ts'
import { collectAlone } from '../operating/young-collections.ts'
import { type Serving, serveWorker } from '../serve.ts'
import type { Service } from '../service.ts'
import type { Answer, Assignment, FoundCall, Order, Question, Word } from './messages.ts'

let serving: Promise<Serving> | undefined

collectAlone()
process.on('message', (order: Order) => {
  if (order.order === 'serve') void start(order.assignment)
  else if (order.order === 'drain') void drain()
  else void reply(order.number, order.question)
})
// The folder may be somebody else's from now on.
process.once('disconnect', () => process.exit(1))
process.once('SIGTERM', () => void drain())
// A terminal sends these to everybody; what they mean for a worker is its primary's to say.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined)

async function start({ worker, run, threads, config }: Assignment): Promise<void> {
  const options = { ...config, clock: systemClock, log: standardLog(), work: { threads } }
  serving = serveWorker(options, (folder) => ({
    worker,
    alone: false,
    leave: joinFolder(folder, run),
  }))
  try {
    const { url } = await serving
    say({ word: 'ready', url })
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    say({ word: 'failed', problem }, () => process.exit(1))
  }
}

/** Ends what is under way, and then the process. */
async function drain(): Promise<void> {
  const started = await serving?.catch(() => undefined)
  await started?.close()
  process.exit(0)
}

async function reply(number: number, question: Question): Promise<void> {
  const { service } = (await serving?.catch(() => undefined)) ?? {}
  say({ word: 'answered', number, answer: service ? await answer(question, service) : {} })
}

async function answer(question: Question, service: Service): Promise<Answer> {
  if (question.about === 'call') return { call: await recall(question.requestId, service) }
  const answers = answersForOperators(service)
  return { state: { reasons: await answers.reasonsNotReady(), metrics: await answers.metrics() } }
}

/** Looks in memory; what is not there is in the files when this is answered. */
async function recall(
  requestId: string | undefined,
  service: Service,
): Promise<FoundCall | undefined> {
  const { decisions } = service
  const call = decisions.recall(requestId)
  const text = call && decisions.find(call.requestId)
  if (call && text) return { time: call.time, text }
  await decisions.flush()
  return undefined
}

function say(word: Word, then: () => void = () => undefined): void {
  process.send?.(word, then)
}
