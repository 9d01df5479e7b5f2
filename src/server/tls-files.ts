/**
 * The files of TLS. They are read again every few seconds rather than watched: a certificate that is renewed is often a
 * symbolic link that moves, which no watcher tells reliably. What does not load never takes the place of what did.
 */
import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext, type TlsOptions } from 'node:tls'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'

/** PEM files. */
export interface TlsFiles {
  /** The server's certificate, and those between it and its authority. */
  readonly cert: string
  readonly key: string
  /** The authorities that a client's certificate has to come from. With them, a client without one is not served. */
  readonly clientCa?: string
}

/** Forward secrecy and authenticated encryption alone, in TLS 1.2 as in 1.3, where there is nothing else. */
const ciphers = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
].join(':')

/** How often the files are looked at, in milliseconds. */
const interval = 10_000

/** The files' content, and the certificate that it is. */
interface Loaded {
  readonly options: TlsOptions
  /** When the certificate ends, in milliseconds since 1970. */
  readonly validUntil: number
}

/** The certificate in use, followed through its renewals. */
export class Certificates {
  readonly #files: TlsFiles
  /** What the files held when they were last tried, whether or not that loaded. */
  #tried: readonly Buffer[]
  #loaded: Loaded

  /** Reads the files. Throws an error that an operator can act on when they make no TLS. */
  static async open(files: TlsFiles): Promise<Certificates> {
    try {
      const contents = await readAll(files)
      return new Certificates(files, contents, load(contents))
    } catch (error) {
      throw new Error(`the TLS files do not load: ${(error as Error).message}`, { cause: error })
    }
  }

  private constructor(files: TlsFiles, contents: readonly Buffer[], loaded: Loaded) {
    this.#files = files
    this.#tried = contents
    this.#loaded = loaded
  }

  get options(): TlsOptions {
    return this.#loaded.options
  }

  /** When the certificate in use ends, in milliseconds since 1970. */
  get validUntil(): number {
    return this.#loaded.validUntil
  }

  /** Looks at the files from time to time, and calls `changed` when others have been loaded; answers the way to stop. */
  follow(clock: Clock, log: Log, changed: () => void): () => void {
    let stopped = false
    let callOff = (): void => undefined
    const schedule = (): void => {
      callOff = clock.after(interval, () => {
        this.#reload()
          .then((loaded) => {
            if (!loaded || stopped) return
            changed()
            log.info('the TLS files were loaded again', { validUntil: this.#loaded.validUntil })
          })
          .catch((error: unknown) => {
            log.error('the TLS files do not load; those loaded before are still in use', error)
          })
          .finally(() => {
            if (!stopped) schedule()
          })
      })
    }
    schedule()
    return () => {
      stopped = true
      callOff()
    }
  }

  /** Whether other content was loaded. Throws when there is other content that does not load, once. */
  async #reload(): Promise<boolean> {
    const contents = await readAll(this.#files).catch((error: unknown) => {
      // A file that is away is told once, too.
      if (this.#tried.length === 0) return undefined
      this.#tried = []
      throw error
    })
    if (contents === undefined || same(contents, this.#tried)) return false
    this.#tried = contents
    this.#loaded = load(contents)
    return true
  }
}

function readAll({ cert, key, clientCa }: TlsFiles): Promise<readonly Buffer[]> {
  const paths = clientCa === undefined ? [cert, key] : [cert, key, clientCa]
  return Promise.all(paths.map((path) => readFile(path)))
}

function same(these: readonly Buffer[], those: readonly Buffer[]): boolean {
  return (
    these.length === those.length && these.every((each, at) => each.equals(those[at] ?? noBytes))
  )
}

const noBytes = Buffer.alloc(0)

function load([cert, key, clientCa]: readonly Buffer[]): Loaded {
  if (cert === undefined || key === undefined) throw new Error('a file is missing')
  const mutual =
    clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true }
  // An empty list of authorities would be read as no list at all.
  if (clientCa !== undefined) new X509Certificate(clientCa)
  const options = { cert, key, ciphers, minVersion: 'TLSv1.2', ...mutual } as const
  createSecureContext(options)
  return { options, validUntil: new X509Certificate(cert).validToDate.getTime() }
}
