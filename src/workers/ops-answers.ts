/**
 * What operators are told of a server of several processes: what its primary and every worker say.
 */
import type { OpsAnswers } from '../operating/ops-answers.ts'
import type { WorkerState } from './messages.ts'
import type { WorkerSlot } from './worker-slot.ts'

/** A worker as operators see it: whether it serves, and what it says. */
export type Observed = Pick<WorkerSlot, 'ask' | 'number' | 'serves'>

/**
 * The answers of primary and workers together. The server is ready when one worker serves and none that does is unready:
 * connections go to all of those. A worker that is being replaced gets none.
 */
export function answersOfAll(primary: OpsAnswers, slots: readonly Observed[]): OpsAnswers {
  return {
    reasonsNotReady: async () => {
      const own = await primary.reasonsNotReady()
      const serving = slots.filter((slot) => slot.serves)
      const theirs = await Promise.all(serving.map(reasonsOf))
      const nobody = serving.length === 0 ? ['no worker serves'] : []
      return [...new Set([...own, ...nobody, ...theirs.flat()])]
    },
    metrics: async () => {
      const states = await Promise.all(
        slots.map(async (slot) => ({ slot, state: await stateOf(slot) })),
      )
      const texts = new Map([['primary', await primary.metrics()]])
      for (const { slot, state } of states) {
        if (state !== undefined) texts.set(String(slot.number), state.metrics)
      }
      return mergeMetrics(texts) + workersServing(slots)
    },
  }
}

async function reasonsOf(slot: Observed): Promise<readonly string[]> {
  const state = await stateOf(slot)
  return state?.reasons ?? (slot.serves ? ['a worker does not answer'] : [])
}

async function stateOf(slot: Observed): Promise<WorkerState | undefined> {
  return (await slot.ask({ about: 'state' }))?.state
}

function workersServing(slots: readonly Observed[]): string {
  const name = 'trent_workers_serving'
  const count = slots.filter((slot) => slot.serves).length
  return `# HELP ${name} Workers that serve.\n# TYPE ${name} gauge\n${name} ${count}\n`
}

/** One text out of those of several processes: every sample gets its process as the label `worker`. */
export function mergeMetrics(texts: ReadonlyMap<string, string>): string {
  const families = new Map<string, { head: string; samples: string[] }>()
  for (const [worker, text] of texts) {
    for (const part of text.split(/^(?=# HELP )/m)) {
      const [help = '', type = '', ...samples] = part.split('\n')
      const name = help.split(' ')[2] ?? ''
      const family = families.get(name) ?? { head: `${help}\n${type}\n`, samples: [] }
      families.set(name, family)
      for (const sample of samples) if (sample !== '') family.samples.push(labelled(sample, worker))
    }
  }
  return [...families.values()].map(({ head, samples }) => head + samples.join('')).join('')
}

/** `name 1` and `name{a="b"} 1`, each with the label. */
function labelled(sample: string, worker: string): string {
  const [, name = '', labels = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(sample) ?? []
  const all = [`worker="${worker}"`, ...(labels === '' ? [] : [labels])].join(',')
  return `${name}{${all}} ${value}\n`
}
