/**
 * A server of several processes on one folder and one port. The primary has the folder's lock, the administrators' socket,
 * the jobs and the port, and serves no request itself; it hands each new connection to the next of its workers.
 */
import cluster from 'node:cluster'
import { fileURLToPath } from 'node:url'
import { lockForWorkers } from '../database/folder-lock.ts'
import { answersForOperators } from '../operating/ops-answers.ts'
import { type ServeOptions, type Serving, stand } from '../serve.ts'
import { administer } from '../server/administer.ts'
import type { AdminHandler } from '../server/admin-socket.ts'
import { freePort } from '../server/free-port.ts'
import { openService, type Service } from '../service.ts'
import { answersOfAll } from './ops-answers.ts'
import { slotsOf } from './slots.ts'
import type { WorkerSlot } from './worker-slot.ts'

/** Starts a server with workers. When this resolves, all of them answer. Throws an error that an operator can act on. */
export async function serveWithWorkers(
  options: ServeOptions & { readonly workers: number },
  prepare: (service: Service) => Promise<void>,
): Promise<Serving> {
  // Every worker that follows has to find the same port, also when there is none left that has it.
  const port = options.port === 0 ? await freePort(options.host) : options.port
  let run = ''
  const service = await openService(options, (folder) => {
    const lock = lockForWorkers(folder)
    run = lock.run
    return { alone: false, leave: lock.unlock }
  })
  const slots = slotsOf({ ...options, port }, run)
  const operators = answersOfAll(answersForOperators(service), slots)
  return stand(service, options, {
    prepare,
    desk: { administer: explaining(slots, administer(service)), operators },
    listen: async (onClose) => {
      onClose(async () => {
        await Promise.all(slots.map((slot) => slot.drain()))
      })
      shareConnections()
      const [url = ''] = await Promise.all(slots.map((slot) => slot.start()))
      return url
    },
  })
}

/** The system's own ways to share a port leave some workers idle: see `docs/decisions/0020-workers.md`. */
function shareConnections(): void {
  cluster.schedulingPolicy = cluster.SCHED_RR
  // Settings have maps in them, which JSON has not.
  cluster.setupPrimary({ exec: workerFile, args: [], serialization: 'advanced' })
}

/** What was decided is in the memory of the worker that decided it. */
function explaining(slots: readonly WorkerSlot[], others: AdminHandler): AdminHandler {
  return async (operation, input) => {
    if (operation !== 'explain') return others(operation, input)
    const requestId = input['request-id']
    const all = await Promise.all(slots.map((slot) => slot.ask({ about: 'call', requestId })))
    const found = all.map((answer) => answer?.call).filter((call) => call !== undefined)
    const newest = found.sort((a, b) => b.time - a.time)[0]
    return newest === undefined ? others(operation, input) : { result: JSON.parse(newest.text) }
  }
}

/** Sources are run as they are, and built to JavaScript in `dist/`. */
const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
const workerFile = fileURLToPath(new URL(`./worker.${extension}`, import.meta.url))
