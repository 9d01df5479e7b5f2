/**
 * A running server: service, administrators' socket, HTTP. The command line and the library start the same.
 */
import { type Clock, systemClock } from './clock.ts'
import type { Config } from './config.ts'
import type { WorkOptions } from './crypto/work.ts'
import type { Log } from './log.ts'
import type { Limits } from './operation.ts'
import { type AdminHandler, listenForAdmin } from './server/admin-socket.ts'
import { administer } from './server/administer.ts'
import { listen } from './server/listen.ts'
import { answersForOperators, type OpsAnswers } from './operating/ops-answers.ts'
import { listenForOps, opsHandler, type OpsListening } from './server/ops.ts'
import { openService, type Place, type Service } from './service.ts'

/** What a server is started with. */
export interface ServeOptions extends Config {
  readonly clock: Clock
  readonly log: Log
  readonly limits?: Partial<Limits>
  readonly work?: WorkOptions
}

/** A server that serves. */
export interface Serving {
  readonly url: string
  /** Where operators ask, when there is a port for them. */
  readonly opsUrl: string | undefined
  readonly service: Service
  /** Drains: stops listening, ends what is under way, closes everything. */
  close(): Promise<void>
}

/** Takes down how to stop something. */
export type OnClose = (stop: () => Promise<void>) => void

/** What stands on a service. */
export interface Parts {
  /** What is done before anything is served. */
  readonly prepare?: ((service: Service) => Promise<void>) | undefined
  /** Who answers administrators and operators; a worker has nobody to. */
  readonly desk?: { readonly administer: AdminHandler; readonly operators: OpsAnswers }
  /** Starts to serve requests; answers the URL. */
  readonly listen: (onClose: OnClose) => Promise<string>
}

/** Starts a server. When this resolves, it answers. Throws an error that an operator can act on when it cannot. */
export async function serve(
  options: ServeOptions,
  prepare?: (service: Service) => Promise<void>,
): Promise<Serving> {
  const service = await openService(options)
  return stand(service, options, {
    prepare,
    desk: { administer: administer(service), operators: answersForOperators(service) },
    listen: (onClose) => listenFor(options, onClose, service),
  })
}

/** Starts a worker, which takes its own place in the folder. What else a server has is its primary's. */
export async function serveWorker(
  options: ServeOptions,
  take: (folder: string) => Place,
): Promise<Serving> {
  const service = await openService(options, take)
  // Load balancers are given time by the primary, before it tells its workers to end.
  return stand(
    service,
    { ...options, drainDelay: undefined },
    { listen: (onClose) => listenFor(options, onClose, service) },
  )
}

async function listenFor(
  { host, port, tls, httpLimits: limits }: ServeOptions,
  onClose: OnClose,
  service: Service,
): Promise<string> {
  const listening = await listen(service, { host, port, tls, limits })
  onClose(() => listening.drain())
  return listening.url
}

/** Starts what stands on a service; it ends in the reverse order, the service last. */
export async function stand(
  service: Service,
  options: ServeOptions,
  parts: Parts,
): Promise<Serving> {
  const stops: (() => Promise<void>)[] = []
  const onClose: OnClose = (stop) => {
    stops.push(stop)
  }
  let closing: Promise<void> | undefined
  let serves = false
  const closeAll = async (): Promise<void> => {
    service.draining.begun = true
    if (options.drainDelay !== undefined && serves) await pause(options.drainDelay)
    for (const stop of stops.splice(0).reverse()) await stop()
    await service[Symbol.asyncDispose]()
  }
  const close = (): Promise<void> => (closing ??= closeAll())
  try {
    const urls = await start(parts, { service, options, onClose })
    serves = true
    return { ...urls, service, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function start(
  { prepare, desk, listen: listenOn }: Parts,
  on: { readonly service: Service; readonly options: ServeOptions; readonly onClose: OnClose },
): Promise<{ readonly url: string; readonly opsUrl: string | undefined }> {
  const { service, options, onClose } = on
  await prepare?.(service)
  if (desk === undefined) return { url: await listenOn(onClose), opsUrl: undefined }
  const ops = opsHandler(desk.operators, service.report)
  // The operators' port opens last and closes last, so that whoever looks sees the drain.
  const opened: { ops?: OpsListening | undefined } = {}
  onClose(async () => opened.ops?.close())
  onClose(await listenForAdmin(options.data, desk.administer, ops))
  const url = await listenOn(onClose)
  opened.ops = options.ops && (await listenForOps(options.ops, ops))
  return { url, opsUrl: opened.ops?.url }
}

/** Load balancers get this long to notice that the server is not ready; it serves all the while. */
function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    systemClock.after(milliseconds, resolve)
  })
}
