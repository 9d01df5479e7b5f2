/**
 * A running server: service, administrators' socket, HTTP. The command line and the library start the same.
 */
import { type Clock, systemClock } from './clock.ts'
import type { Config } from './config.ts'
import type { WorkOptions } from './crypto/work.ts'
import type { Log } from './log.ts'
import type { Limits } from './operation.ts'
import { listenForAdmin } from './server/admin-socket.ts'
import { administer } from './server/administer.ts'
import { listenForOps, opsHandler } from './server/ops.ts'
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
  /** Where operators ask, when there is a port for them. */
  readonly opsUrl: string | undefined
  readonly service: Service
  /** Drains: stops listening, ends what is under way, closes everything. */
  close(): Promise<void>
}

/** Load balancers get this long to notice that the server is not ready; it serves all the while. */
function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    systemClock.after(milliseconds, resolve)
  })
}

/** Starts a server. When this resolves, it answers. Throws an error that an operator can act on when it cannot. */
export async function serve(
  options: ServeOptions,
  prepare?: (service: Service) => Promise<void>,
): Promise<Serving> {
  const service = await openService(options)
  const started: (() => Promise<void>)[] = []
  let closing: Promise<void> | undefined
  let serves = false
  const closeAll = async (): Promise<void> => {
    service.draining.begun = true
    if (options.drainDelay !== undefined && serves) await pause(options.drainDelay)
    for (const stop of started.splice(0)) await stop()
    await service[Symbol.asyncDispose]()
  }
  const close = (): Promise<void> => (closing ??= closeAll())
  try {
    await prepare?.(service)
    const ops = opsHandler(service)
    started.push(await listenForAdmin(options.data, administer(service), ops))
    const { host, port, tls, httpLimits: limits } = options
    const listening = await listen(service, { host, port, tls, limits })
    started.unshift(() => listening.drain())
    // The operators' port opens last and closes last, so that whoever looks sees the drain.
    const opsListening = options.ops && (await listenForOps(options.ops, ops))
    if (opsListening !== undefined) started.push(() => opsListening.close())
    serves = true
    return { url: listening.url, opsUrl: opsListening?.url, service, close }
  } catch (error) {
    await close()
    throw error
  }
}
