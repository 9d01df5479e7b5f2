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
import { listen } from './server/listen.ts'
import { openService, type Service } from './service.ts'

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
  readonly service: Service
  /** Drains: stops listening, ends what is under way, closes everything. */
  close(): Promise<void>
}

/** Starts a server. When this resolves, it answers. Throws an error that an operator can act on when it cannot. */
export async function serve(
  options: ServeOptions,
  prepare?: (service: Service) => Promise<void>,
): Promise<Serving> {
  const service = await openService(options)
  const started: (() => Promise<void>)[] = []
  let closing: Promise<void> | undefined
  const closeAll = async (): Promise<void> => {
    for (const stop of started.splice(0)) await stop()
    await service[Symbol.asyncDispose]()
  }
  const close = (): Promise<void> => (closing ??= closeAll())
  try {
    await prepare?.(service)
    started.push(await listenForAdmin(options.data, administer(service)))
    const { host, port, tls, httpLimits: limits } = options
    const listening = await listen(service, { host, port, tls, limits })
    started.unshift(() => listening.drain())
    return { url: listening.url, service, close }
  } catch (error) {
    await close()
    throw error
  }
}
