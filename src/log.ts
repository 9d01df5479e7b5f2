/**
 * The operator's log: structured lines on standard error. The library is loaded when there is something to say, so that a
 * quiet start pays nothing for it. Secrets, plaintext and key material are never handed to it.
 */
import type { Logger } from 'pino'

/** Says something to the operator. */
export interface Log {
  info(message: string, details?: Readonly<Record<string, unknown>>): void
  warn(message: string, details?: Readonly<Record<string, unknown>>): void
  /** `error` is logged with its stack. */
  error(message: string, error: unknown, details?: Readonly<Record<string, unknown>>): void
}

/** The log on standard error. */
export function standardLog(): Log {
  let logger: Promise<Logger> | undefined
  const write = (say: (to: Logger) => void): void => {
    logger ??= import('pino').then(({ pino }) =>
      pino({ name: 'trent' }, pino.destination({ dest: 2, sync: true })),
    )
    void logger.then(say)
  }
  return {
    info: (message, details) => {
      write((to) => {
        to.info(details ?? {}, message)
      })
    },
    warn: (message, details) => {
      write((to) => {
        to.warn(details ?? {}, message)
      })
    },
    error: (message, error, details) => {
      write((to) => {
        to.error({ ...details, err: error }, message)
      })
    },
  }
}

/** A log that says nothing, for a service inside somebody's tests. */
export const silentLog: Log = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}
