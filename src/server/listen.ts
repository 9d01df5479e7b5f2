/**
 * HTTP in, HTTP out: reads a request whole within its limits, has it handled, writes the answer.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import {
  type KmsError,
  malformedHttpRequest,
  requestEntityTooLarge,
  requestTimeout,
} from '../api/errors.ts'
import { httpTime, systemClock } from '../clock.ts'
import { uuid } from '../crypto/random.ts'
import type { Service } from '../service.ts'
import { type Answer, failure } from './answer.ts'
import { type HttpRequest, handle } from './handle.ts'

/** The limits of one request: bytes and milliseconds. The largest legal request has about half a megabyte. */
export interface HttpLimits {
  readonly bodyBytes: number
  readonly headerBytes: number
  readonly headersTime: number
  readonly requestTime: number
  readonly idleTime: number
  /** How long connections may hold up the end of a server that drains. */
  readonly drainTime: number
}

/** The limits when nothing else is said. */
export const httpLimits: HttpLimits = {
  bodyBytes: 1_048_576,
  headerBytes: 32_768,
  headersTime: 10_000,
  requestTime: 30_000,
  idleTime: 65_000,
  drainTime: 5000,
}

/** A server that listens. */
export interface Listening {
  readonly url: string
  /** Stops listening, lets requests under way end, and closes the connections. */
  drain(): Promise<void>
}

/** Listens on an address. Throws when it is taken. */
export async function listen(
  service: Service,
  at: { readonly host: string; readonly port: number; readonly limits?: Partial<HttpLimits> },
): Promise<Listening> {
  const limits = { ...httpLimits, ...at.limits }
  const server: Server = createServer(
    {
      requireHostHeader: false,
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersTime,
      requestTimeout: limits.requestTime,
      keepAliveTimeout: limits.idleTime,
      connectionsCheckingInterval: Math.min(1000, limits.requestTime),
    },
    (request, response) => {
      void serve(request, response, { service, limits, server })
    },
  )
  // An expectation that nobody knows is ignored: a request without an answer of ours would have no request id.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response))
  server.on('clientError', refuseConnection)
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = `port ${at.port} on ${at.host} is taken; choose another with --port`
      reject(error.code === 'EADDRINUSE' ? new Error(taken) : error)
    })
    server.listen(at.port, at.host, () => {
      server.removeAllListeners('error')
      resolve()
    })
  })
  const { port } = server.address() as AddressInfo
  const name = at.host.includes(':') ? `[${at.host}]` : at.host
  return { url: `http://${name}:${port}`, drain: () => drain(server, limits.drainTime) }
}

/** The newest response of each connection. */
const newest = new WeakMap<Socket, ServerResponse>()

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  context: { readonly service: Service; readonly limits: HttpLimits; readonly server: Server },
): Promise<void> {
  const { service, limits, server } = context
  newest.set(request.socket, response)
  try {
    const body = await readBody(request, limits.bodyBytes)
    const answer =
      body === undefined
        ? failure(uuid(), requestEntityTooLarge())
        : await handle(toHttpRequest(request, body), service)
    // A server that drains takes no further request on the connection.
    if (!server.listening) response.shouldKeepAlive = false
    write(response, answer, service.clock.now())
  } catch (error) {
    // The client went away in the middle of its request, or of our answer.
    if (!request.destroyed) service.report(error, 'a connection failed')
    response.destroy()
  }
}

/**
 * The whole body; undefined as soon as it is known to be larger than it may be. The rest of it is read and thrown away,
 * within the time of a request: a connection that is closed on a client that still sends loses it the answer. Rejects
 * when the client goes away.
 */
function readBody(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    if (Number(headerOf(request.rawHeaders, 'content-length') ?? 0) > limit) resolve(undefined)
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= limit) chunks.push(chunk)
      else {
        chunks.length = 0
        resolve(undefined)
      }
    })
    request.on('end', () => {
      resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))
    })
    request.on('error', reject)
    request.on('close', () => {
      if (!request.complete) reject(new Error('the client went away'))
    })
  })
}

function toHttpRequest(request: IncomingMessage, body: Buffer): HttpRequest {
  const url = request.url ?? '/'
  const mark = url.indexOf('?')
  const headers = request.rawHeaders
  return {
    method: request.method ?? '',
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? '' : url.slice(mark + 1),
    headers,
    body,
    target: headerOf(headers, 'x-amz-target'),
    contentType: headerOf(headers, 'content-type'),
    userAgent: headerOf(headers, 'user-agent'),
    referer: headerOf(headers, 'referer'),
    host: headerOf(headers, 'host'),
    sourceIp: request.socket.remoteAddress ?? '',
    secureTransport: 'encrypted' in request.socket,
  }
}

/** The value of a header, the first if it was sent more than once. Node's own table of them costs more than this. */
function headerOf(headers: readonly string[], name: string): string | undefined {
  for (let index = 0; index < headers.length; index += 2) {
    const sent = headers[index]
    if (sent?.length === name.length && sent.toLowerCase() === name) return headers[index + 1]
  }
  return undefined
}

function write(response: ServerResponse, answer: Answer, now: number): void {
  const length = Buffer.byteLength(answer.body)
  response.writeHead(answer.status, {
    'x-amzn-RequestId': answer.requestId,
    'Cache-Control': 'no-cache, no-store, must-revalidate, private',
    'Content-Type': answer.contentType ?? 'application/x-amz-json-1.1',
    'Content-Length': length,
    // The service's own time, which a test may have turned.
    Date: httpTime(now),
  })
  // Text without anything beyond ASCII needs no encoding.
  response.end(answer.body, length === answer.body.length ? 'latin1' : 'utf8')
}

/**
 * What cannot be read as HTTP, or not in time, is answered like any other fault of the client, and the connection ends;
 * but a whole request that came before is answered first, and with its own answer alone.
 */
function refuseConnection(error: NodeJS.ErrnoException, socket: Socket): void {
  const last = newest.get(socket)
  const answered = last?.writableEnded === true && !last.req.complete
  if (error.code === 'ECONNRESET' || !socket.writable || answered) {
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

/** How long a connection stays open for its client to read why it ends, in milliseconds. */
const lingerTime = 1000

function connectionFault(code: string | undefined): KmsError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return requestTimeout()
  if (code === 'HPE_HEADER_OVERFLOW') return requestEntityTooLarge()
  return malformedHttpRequest()
}

/** Lets requests under way end. Connections that send no whole request meanwhile are closed after `time` milliseconds. */
function drain(server: Server, time: number): Promise<void> {
  return new Promise((resolve) => {
    const callOff = systemClock.after(time, () => {
      server.closeAllConnections()
    })
    server.close(() => {
      callOff()
      resolve()
    })
  })
}
