/**
 * A request whose body is gathered as it is parsed. Read as a stream, each would cost a dozen events and turns of queues,
 * which say nothing more: a body here is always wanted whole.
 */
import { IncomingMessage } from 'node:http'

/** Who is told how the body ended, once. */
export interface Gathering {
  /**
   * The whole body; undefined as soon as it is known to be larger than it may be. The rest of it is read and thrown away,
   * within the time of a request: a connection that is closed on a client that still sends loses it the answer.
   */
  readonly whole: (body: Buffer | undefined) => void
  /** The client went away before. */
  readonly gone: () => void
}

/** The headers that the server itself reads, each the first if it was sent more than once. */
export interface KnownHeaders {
  contentLength: string | undefined
  contentType: string | undefined
  expect: string | undefined
  host: string | undefined
  referer: string | undefined
  target: string | undefined
  userAgent: string | undefined
}

/** Where each of them goes, by its name in lower case. */
const knownHeaders: ReadonlyMap<string, keyof KnownHeaders> = new Map([
  ['content-length', 'contentLength'],
  ['content-type', 'contentType'],
  ['expect', 'expect'],
  ['host', 'host'],
  ['referer', 'referer'],
  ['x-amz-target', 'target'],
  ['user-agent', 'userAgent'],
])

/** The class that a server makes its requests of. Its `headers` are the known ones. */
export class WholeRequest extends IncomingMessage {
  #gathering: Gathering | undefined
  #limit = 0
  #size = 0
  #first: Buffer | undefined
  #more: Buffer[] | undefined
  #known: KnownHeaders | undefined

  /** The headers that the server reads. */
  get known(): KnownHeaders {
    this.#known ??= readKnown(this.rawHeaders)
    return this.#known
  }

  /** Gathers the body, of which no more than `limit` bytes are kept. */
  gather(limit: number, gathering: Gathering): void {
    const { contentLength } = this.known
    this.#gathering = gathering
    this.#limit = limit
    // A request that breaks off has an error only for those who listen for it; closed it is in any case.
    this.once('close', () => {
      if (!this.complete) this.#settle()?.gone()
    })
    if (contentLength !== undefined && Number(contentLength) > limit)
      this.#settle()?.whole(undefined)
  }

  /** Called by node's parser with each piece of the body, and with null at its end. */
  override push(chunk: Buffer | null): boolean {
    if (chunk === null) this.#settle()?.whole(this.#body())
    else this.#add(chunk)
    return true
  }

  #add(chunk: Buffer): void {
    // Nobody waits for it any more: it is read, and thrown away.
    if (this.#gathering === undefined) return
    this.#size += chunk.length
    if (this.#size > this.#limit) {
      this.#first = undefined
      this.#more = undefined
      this.#settle()?.whole(undefined)
    } else if (this.#first === undefined) this.#first = chunk
    else if (this.#more === undefined) this.#more = [this.#first, chunk]
    else this.#more.push(chunk)
  }

  /** Hands the body out and keeps nothing of it: an idle connection still holds on to its last request. */
  #body(): Buffer {
    const [first, more] = [this.#first, this.#more]
    this.#first = undefined
    this.#more = undefined
    return more === undefined ? (first ?? Buffer.alloc(0)) : Buffer.concat(more)
  }

  /** Who is to be told now; nobody the second time. */
  #settle(): Gathering | undefined {
    const gathering = this.#gathering
    this.#gathering = undefined
    return gathering
  }
}

/** Node itself looks whether a request expects to be told to go on; its own table of all headers costs more than all this. */
Object.defineProperty(WholeRequest.prototype, 'headers', {
  get(this: WholeRequest): KnownHeaders {
    return this.known
  },
})

function readKnown(headers: readonly string[]): KnownHeaders {
  const known: KnownHeaders = {
    contentLength: undefined,
    contentType: undefined,
    expect: undefined,
    host: undefined,
    referer: undefined,
    target: undefined,
    userAgent: undefined,
  }
  for (let index = 0; index < headers.length; index += 2) {
    const name = knownHeaders.get((headers[index] ?? '').toLowerCase())
    if (name !== undefined) known[name] ??= headers[index + 1]
  }
  return known
}
