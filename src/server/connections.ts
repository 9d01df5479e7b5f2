/**
 * The connections of a server: how many there are, what TLS they came with, what they are told when they do not speak
 * HTTP, and how they end.
 */
import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import {
  type KmsError,
  malformedHttpRequest,
  requestEntityTooLarge,
  requestTimeout,
} from '../api/errors.ts'
import type { TlsFacts } from '../audit/event.ts'
import { systemClock } from '../clock.ts'
import { uuid } from '../crypto/random.ts'

/** Everything about the connections of one server. */
export class Connections {
  readonly #server: Server
  /** By address and port of the client: a TLS connection has two objects, which share nothing else. */
  readonly #open = new Map<string, { readonly socket: Socket; readonly age: number }>()
  /** Those of TLS that have shaken hands. */
  readonly #entered = new Set<Socket>()
  /** The newest response of each connection. */
  readonly #newest = new WeakMap<Socket, ServerResponse>()
  /** How each TLS connection is encrypted, and under which files it was accepted. */
  readonly #secured = new WeakMap<Socket, { readonly facts: TlsFacts; readonly age: number }>()
  readonly #secure: boolean
  #age = 0

  constructor(server: Server, secure: boolean) {
    this.#server = server
    this.#secure = secure
    server.on('connection', (socket) => {
      const name = peerOf(socket)
      this.#open.set(name, { socket, age: this.#age })
      socket.once('close', () => {
        this.#open.delete(name)
      })
    })
    server.on('secureConnection', (socket: TLSSocket) => {
      this.#enter(socket)
    })
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      this.#refuse(error, socket as Socket)
    })
  }

  /** How many connections are open. */
  get count(): number {
    return this.#open.size
  }

  /** How a connection is encrypted; undefined when it is not. */
  tlsOf(socket: Socket): TlsFacts | undefined {
    return this.#secure ? this.#secured.get(socket)?.facts : undefined
  }

  /** Notes the response that a connection is to get next. */
  answering(socket: Socket, response: ServerResponse): void {
    this.#newest.set(socket, response)
  }

  /** Whether a connection may carry another request: not when the server drains, nor under files that have been replaced. */
  mayGoOn(socket: Socket): boolean {
    const secured = this.#secure ? this.#secured.get(socket) : undefined
    return this.#server.listening && (secured === undefined || secured.age === this.#age)
  }

  /** Other TLS files are in use: who was let in under the old ones has to come in again. */
  renewed(): void {
    this.#age += 1
    this.#server.closeIdleConnections()
    // One that has not begun its first request does not count as idle.
    for (const socket of this.#entered) if (!this.#newest.has(socket)) socket.destroy()
  }

  /** Lets requests under way end. Connections that send no whole request meanwhile are closed after `time` milliseconds. */
  drain(time: number): Promise<void> {
    return new Promise((resolve) => {
      const callOff = systemClock.after(time, () => {
        // The server's own list lacks those that still shake hands.
        this.#server.closeAllConnections()
        for (const { socket } of this.#open.values()) socket.destroy()
      })
      this.#server.close(() => {
        callOff()
        resolve()
      })
    })
  }

  #enter(socket: TLSSocket): void {
    const age = this.#open.get(peerOf(socket))?.age
    // The files were replaced while hands were shaken.
    if (age !== this.#age) {
      socket.destroy()
      return
    }
    this.#secured.set(socket, { facts: factsOf(socket), age })
    this.#entered.add(socket)
    socket.once('close', () => {
      this.#entered.delete(socket)
    })
  }

  /**
   * What cannot be read as HTTP, or not in time, is answered like any other fault of the client, and the connection ends;
   * but a whole request that came before is answered first, and with its own answer alone.
   */
  #refuse(error: NodeJS.ErrnoException, socket: Socket): void {
    const last = this.#newest.get(socket)
    const answered = last?.writableEnded === true && !last.req.complete
    const noTls = this.#secure && !this.#secured.has(socket)
    if (error.code === 'ECONNRESET' || !socket.writable || answered || noTls) {
      socket.destroy()
      return
    }
    if (last?.req.complete === true && !last.writableFinished) {
      last.shouldKeepAlive = false
      last.once('finish', () => {
        socket.destroySoon()
      })
      return
    }
    const fault = connectionFault(error.code)
    const body = fault.body()
    socket.end(
      `HTTP/1.1 ${fault.status} ${fault.code}\r\nConnection: close\r\nx-amzn-RequestId: ${uuid()}\r\n` +
        `Content-Type: application/x-amz-json-1.1\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    )
    // Whoever does not close his side does not keep ours open.
    socket.setTimeout(lingerTime, () => {
      socket.destroy()
    })
  }
}

/** How long a connection stays open for its client to read why it ends, in milliseconds. */
const lingerTime = 1000

function connectionFault(code: string | undefined): KmsError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return requestTimeout()
  if (code === 'HPE_HEADER_OVERFLOW') return requestEntityTooLarge()
  return malformedHttpRequest()
}

const peerOf = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress} ${remotePort}`

function factsOf(socket: TLSSocket): TlsFacts {
  return { version: socket.getProtocol() ?? 'unknown', cipher: socket.getCipher().name }
}
