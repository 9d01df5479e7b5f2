/**
 * A running server: service, administrators' socket, HTTP. The command line and the library start the same.
 */
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import type { WorkOptions } from './crypto/work.ts'
import type { Log } from './log.ts'
import type { Limits } from './operation.ts'
import { listenForAdmin } from './server/admin-socket.ts'
import { administer } from './server/administer.ts'
import { type HttpLimits, listen } from './server/listen.ts'
import { openService, type Place, type Service } from './service.ts'

/** What a server is started with. */
export interface ServeOptions extends Config {
  readonly clock: Clock
  readonly log: Log
  readonly limits?: Partial<Limits>
  readonly httpLimits?: Partial<HttpLimits>
  readonly work?: WorkOptions
}

/** A server that serves. */
export interface Serving {
  readonly url: string
  readonly service: Service
  /** Drains: stops listening, ends what is under way, closes everything. */
  close(): Promise<void>
}

/** Starts a server. When this resolves, it answers. Throws an error that an operator can act on when it cannot. */
export async function serve(
  options: ServeOptions,
  prepare?: (service: Service) => Promise<void>,
): Promise<Serving> {
  return stand(await openService(options), async (onClose, service) => {
    await prepare?.(service)
    onClose(await listenForAdmin(options.data, administer(service)))
    return listenFor(options, onClose, service)
  })
}

/** Starts a worker, which takes its own place in the folder. What else a server has is its primary's. */
export async function serveWorker(
  options: ServeOptions,
  take: (folder: string) => Place,
): Promise<Serving> {
  const service = await openService(options, take)
  return stand(service, (onClose) => listenFor(options, onClose, service))
}

async function listenFor(
  { host, port, httpLimits: limits }: ServeOptions,
  onClose: OnClose,
  service: Service,
): Promise<string> {
  const listening = await listen(service, { host, port, ...(limits && { limits }) })
  onClose(() => listening.drain())
  return listening.url
}

/** Takes down how to stop something. */
type OnClose = (stop: () => Promise<void>) => void

/** Starts what stands on a service and answers its URL; it ends in the reverse order, the service last. */
export async function stand(
  service: Service,
  start: (onClose: OnClose, service: Service) => Promise<string>,
): Promise<Serving> {
  const stops: (() => Promise<void>)[] = []
  let closing: Promise<void> | undefined
  const closeAll = async (): Promise<void> => {
    for (const stop of stops.splice(0).reverse()) await stop()
    await service[Symbol.asyncDispose]()
  }
  const close = (): Promise<void> => (closing ??= closeAll())
  try {
    const url = await start((stop) => {
      stops.push(stop)
    }, service)
    return { url, service, close }
  } catch (error) {
    await close()
    throw error
  }
}
