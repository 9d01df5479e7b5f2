/**
 * HTTP spelt out byte by byte, for what no client library would send; and answers read as they come.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** A request in parts. Its length is announced unless a header says how it travels. */
export interface RawRequest {
  readonly method: string
  /** Path and query, as on the request line. */
  readonly url: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Buffer
}

/** An answer, taken apart. */
export interface RawAnswer {
  readonly status: number
  readonly reason: string
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>
  /** The head as it came. */
  readonly head: string
  readonly body: string
}

/** How long an answer may take before the test fails, in milliseconds. */
const patience = 10_000

/** The request as it goes over the wire. */
export function bytesOf(request: RawRequest): Buffer {
  const names = new Set(request.headers.map(([name]) => name.toLowerCase()))
  const lines = request.headers.map(([name, value]) => `${name}: ${value}\r\n`)
  if (!names.has('content-length') && !names.has('transfer-encoding')) {
    lines.push(`Content-Length: ${request.body.length}\r\n`)
  }
  const head = `${request.method} ${request.url} HTTP/1.1\r\n${lines.join('')}\r\n`
  return Buffer.concat([Buffer.from(head, 'latin1'), request.body])
}

/** Sends one request on a connection of its own. */
export async function send(endpoint: string, request: RawRequest | string): Promise<RawAnswer> {
  const wire = await Wire.open(endpoint)
  try {
    wire.write(typeof request === 'string' ? request : bytesOf(request))
    return await wire.next()
  } finally {
    wire.destroy()
  }
}

/** A connection. */
export class Wire {
  readonly socket: Socket
  #received = Buffer.alloc(0)
  #ended = false
  #wake = (): void => undefined

  static async open(endpoint: string): Promise<Wire> {
    const { hostname, port } = new URL(endpoint)
    const socket = connect({ host: hostname, port: Number(port), noDelay: true })
    await once(socket, 'connect')
    return new Wire(socket)
  }

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk])
      this.#wake()
    })
    socket.on('error', () => undefined)
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        this.#ended = true
        this.#wake()
      })
    }
  }

  write(bytes: Buffer | string): void {
    this.socket.write(bytes)
  }

  /** The next answer; fails when the connection ends before it is whole, or when none comes. */
  async next(): Promise<RawAnswer> {
    const answer = await this.#until(() => this.#take())
    assert.ok(answer !== undefined, `no whole answer: ${JSON.stringify(this.#received.toString())}`)
    return answer
  }

  /** Resolves with what is left when the server has ended the connection. */
  async ended(): Promise<string> {
    await this.#until(() => (this.#ended ? true : undefined))
    return this.#received.toString('latin1')
  }

  destroy(): void {
    this.socket.destroy()
  }

  async #until<Result>(look: () => Result | undefined): Promise<Result | undefined> {
    const late = AbortSignal.timeout(patience)
    for (;;) {
      const found = look()
      if (found !== undefined || this.#ended) return found
      await new Promise<void>((resolve, reject) => {
        this.#wake = resolve
        late.addEventListener('abort', () => {
          reject(new Error(`nothing came for ${patience} ms`))
        })
      })
    }
  }

  #take(): RawAnswer | undefined {
    const end = this.#received.indexOf('\r\n\r\n')
    if (end < 0) return undefined
    const head = this.#received.subarray(0, end).toString('latin1')
    const [first = '', ...lines] = head.split('\r\n')
    const parts = /^HTTP\/1\.1 (\d{3}) ?(.*)$/.exec(first)
    assert.ok(parts !== null, `no status line: ${first}`)
    const headers = new Map<string, string>()
    for (const line of lines) {
      const colon = line.indexOf(':')
      const name = line.slice(0, colon).toLowerCase()
      assert.ok(!headers.has(name), `twice: ${name}`)
      headers.set(name, line.slice(colon + 1).trim())
    }
    const length = Number(headers.get('content-length') ?? 0)
    if (this.#received.length < end + 4 + length) return undefined
    const body = this.#received.subarray(end + 4, end + 4 + length).toString('utf8')
    this.#received = this.#received.subarray(end + 4 + length)
    return { status: Number(parts[1]), reason: parts[2] ?? '', headers, head, body }
  }
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** Asserts what holds of every answer, and answers its document: undefined for a body of no bytes. */
export function documentOf(answer: RawAnswer): Record<string, unknown> | undefined {
  assert.match(answer.headers.get('x-amzn-requestid') ?? '', uuid)
  assert.match(answer.head, /\r\nx-amzn-RequestId: /)
  assert.equal(answer.headers.get('content-type'), 'application/x-amz-json-1.1')
  assert.equal(Number(answer.headers.get('content-length')), Buffer.byteLength(answer.body))
  return answer.body === '' ? undefined : (JSON.parse(answer.body) as Record<string, unknown>)
}

/** Asserts that an answer is AWS's refusal with this code, text (undefined: none at all) and status. */
export function assertRefused(
  answer: RawAnswer,
  code: string,
  { text, status = 400 }: { readonly text?: string; readonly status?: number } = {},
): void {
  const spelling = code === 'SerializationException' ? 'Message' : 'message'
  const expected = { __type: code, ...(text !== undefined && { [spelling]: text }) }
  assert.deepEqual(documentOf(answer), expected)
  assert.equal(answer.status, status)
}
