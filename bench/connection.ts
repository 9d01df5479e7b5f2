/**
 * One keep-alive connection that sends ready-made requests, one at a time. It reads of an answer only what it must, so
 * that the client costs less than any server.
 */
import { connect, type Socket } from 'node:net'

/** What came back: the status, and the body's bytes. */
export interface Response {
  readonly status: number
  readonly body: Buffer
  /** The bytes of the head and the body together. */
  readonly size: number
}

/** A connection; it has one request under way at a time. */
export class Connection {
  readonly #socket: Socket
  #pending: Buffer = Buffer.alloc(0)
  #answered: ((response: Response) => void) | undefined
  #failed: ((error: Error) => void) | undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => {
      this.#read(chunk)
    })
    socket.on('error', (error) => this.#failed?.(error))
    socket.on('end', () => this.#failed?.(new Error('the server closed a connection')))
  }

  /** Connects to a port of this machine. */
  static open(port: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(new Connection(socket))
      })
    })
  }

  /** Sends a request and calls `answered` with its answer. */
  send(
    request: Buffer,
    answered: (response: Response) => void,
    failed: (error: Error) => void,
  ): void {
    this.#answered = answered
    this.#failed = failed
    this.#socket.write(request)
  }

  /** `send`, as a promise. */
  ask(request: Buffer): Promise<Response> {
    return new Promise((resolve, reject) => {
      this.send(request, resolve, reject)
    })
  }

  close(): void {
    this.#failed = undefined
    this.#socket.destroy()
  }

  #read(chunk: Buffer): void {
    const bytes = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk])
    const response = parse(bytes)
    this.#pending = response === undefined ? bytes : Buffer.alloc(0)
    if (response !== undefined) this.#answered?.(response)
  }
}

/** The answer, or undefined while some of it is missing. */
function parse(bytes: Buffer): Response | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const head = bytes.toString('latin1', 0, end)
  const length = /content-length: (\d+)/i.exec(head)?.[1]
  if (length === undefined) throw new Error(`an answer without a Content-Length: ${head}`)
  const size = end + 4 + Number(length)
  if (bytes.length < size) return undefined
  return { status: Number(head.slice(9, 12)), body: bytes.subarray(end + 4, size), size }
}
