/**
 * One keep-alive connection that sends ready-made requests, one at a time, with or without TLS.
 */
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { readAnswer, type Response } from './http-answer.ts'
import type { Client } from './sign.ts'

/** Where a client connects to. */
export type Place = Pick<Client, 'host' | 'tls'>

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

  /** Connects to a server. */
  static open({ host, tls }: Place): Promise<Connection> {
    const { hostname, port } = new URL(`${tls === undefined ? 'http' : 'https'}://${host}`)
    const at = {
      host: hostname.replaceAll(/[[\]]/g, ''),
      port: Number(port) || (tls === undefined ? 80 : 443),
    }
    return new Promise((resolve, reject) => {
      const socket = tls === undefined ? connect(at) : connectTls({ ...at, ca: tls.ca })
      socket.once('error', reject)
      socket.once(tls === undefined ? 'connect' : 'secureConnect', () => {
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
    try {
      const response = readAnswer(bytes)
      this.#pending = response === undefined ? bytes : Buffer.alloc(0)
      if (response !== undefined) this.#answered?.(response)
    } catch (error) {
      this.#failed?.(error instanceof Error ? error : new Error(String(error)))
    }
  }
}
