/**
 * HTTP in, HTTP out: reads a request whole within its limits, has it handled, writes the answer.
 */
import {
  createServer as createHttpServer,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { Server as TlsServer } from 'node:tls'
import type { TlsFacts } from '../audit/event.ts'
import { httpTime } from '../clock.ts'
import type { Answered, Gauge } from '../operating/metrics.ts'
import type { Service } from '../service.ts'
import { type Answer, tooLarge } from './answer.ts'
import { Connections } from './connections.ts'
import { type HttpRequest, handle, kmsOperations } from './handle.ts'
import { Certificates, type TlsFiles } from './tls-files.ts'
import { WholeRequest } from './whole-request.ts'

/** The limits of a server and of one request: bytes and milliseconds. The largest legal request has about half a megabyte. */
export interface HttpLimits {
  /** How many connections may be open; another one is closed as it comes. */
  readonly connections: number
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
  connections: 10_000,
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

/** Where and how to listen. */
export interface ListenOptions {
  readonly host: string
  readonly port: number
  readonly limits?: Partial<HttpLimits> | undefined
  /** Certificate and key; without them, plain HTTP. */
  readonly tls?: TlsFiles | undefined
}

/** Listens on an address. Throws when it is taken, or when the TLS files do not load. */
export async function listen(service: Service, at: ListenOptions): Promise<Listening> {
  const limits = { ...httpLimits, ...at.limits }
  const certificates = at.tls && (await Certificates.open(at.tls))
  const server = createServer(limits, certificates)
  const connections = new Connections(server, certificates !== undefined)
  const serving = { service, limits, connections }
  server.on('request', (request, response) => {
    serve(request as WholeRequest, response, serving)
  })
  // An expectation that nobody knows is ignored: a request without an answer of ours would have no request id.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response))
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
  service.metrics.add(...gaugesOf(server, connections, certificates))
  const unfollow = follow(server, certificates, { service, connections })
  const { port } = server.address() as AddressInfo
  const name = at.host.includes(':') ? `[${at.host}]` : at.host
  return {
    url: `${certificates === undefined ? 'http' : 'https'}://${name}:${port}`,
    drain: () => {
      unfollow()
      return connections.drain(limits.drainTime)
    },
  }
}

function createServer(limits: HttpLimits, certificates: Certificates | undefined): Server {
  const options: ServerOptions<typeof WholeRequest> = {
    IncomingMessage: WholeRequest,
    requireHostHeader: false,
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersTime,
    requestTimeout: limits.requestTime,
    keepAliveTimeout: limits.idleTime,
    connectionsCheckingInterval: Math.min(1000, limits.requestTime),
  }
  const server =
    certificates === undefined
      ? createHttpServer(options)
      : createHttpsServer({
          ...options,
          ...certificates.options,
          handshakeTimeout: limits.headersTime,
        })
  server.maxConnections = limits.connections
  // Workers would otherwise hand a connection that is one too many from one to the next. (The types lack it.)
  Object.assign(server, { dropMaxConnection: true })
  return server
}

function gaugesOf(
  server: Server,
  connections: Connections,
  certificates: Certificates | undefined,
): readonly Gauge[] {
  let dropped = 0
  server.on('drop', () => {
    dropped += 1
  })
  const open: Gauge = {
    name: 'trent_connections',
    help: 'Open connections.',
    values: () => [['', connections.count]],
  }
  const refused: Gauge = {
    name: 'trent_connections_refused_total',
    help: 'Connections closed as they came, being too many.',
    type: 'counter',
    values: () => [['', dropped]],
  }
  if (certificates === undefined) return [open, refused]
  const ends: Gauge = {
    name: 'trent_tls_certificate_expiry_timestamp_seconds',
    help: 'When the certificate in use ends.',
    values: () => [['', certificates.validUntil / 1000]],
  }
  return [open, refused, ends]
}

/** Takes up other TLS files as they come. */
function follow(
  server: Server,
  certificates: Certificates | undefined,
  { service, connections }: { readonly service: Service; readonly connections: Connections },
): () => void {
  if (certificates === undefined || !(server instanceof TlsServer)) return () => undefined
  return certificates.follow(service.clock, service.log, () => {
    server.setSecureContext(certificates.options)
    connections.renewed()
  })
}

/** What requests are served with. */
interface Serving {
  readonly service: Service
  readonly limits: HttpLimits
  readonly connections: Connections
}

/** Serves a request when its body is there, or known to be too large. */
function serve(request: WholeRequest, response: ServerResponse, serving: Serving): void {
  const { metrics, clock } = serving.service
  const began = clock.monotonic()
  metrics.began()
  serving.connections.answering(request.socket, response)
  request.gather(serving.limits.bodyBytes, {
    whole: (body) => {
      void answer(request, response, { ...serving, body, began })
    },
    gone: () => {
      metrics.ended(undefined)
      response.destroy()
    },
  })
}

async function answer(
  request: WholeRequest,
  response: ServerResponse,
  {
    service,
    connections,
    body,
    began,
  }: Serving & {
    readonly body: Buffer | undefined
    readonly began: number
  },
): Promise<void> {
  const { metrics, clock } = service
  const { socket } = request
  let answered: Answered | undefined
  try {
    const given =
      body === undefined
        ? tooLarge()
        : await handle(toHttpRequest(request, { body, tls: connections.tlsOf(socket) }), service)
    const seconds = (clock.monotonic() - began) / 1000
    const operation = given.operation ?? kmsOperations.get(request.known.target ?? '') ?? 'unknown'
    answered = { operation, code: given.code ?? 'Success', seconds }
    if (!connections.mayGoOn(socket)) response.shouldKeepAlive = false
    write(response, given, clock.now())
  } catch (error) {
    // The client went away in the middle of our answer.
    if (!request.destroyed) service.report(error, 'a connection failed')
    response.destroy()
  } finally {
    metrics.ended(answered)
  }
}

function toHttpRequest(
  request: WholeRequest,
  { body, tls }: { readonly body: Buffer; readonly tls: TlsFacts | undefined },
): HttpRequest {
  const { target, contentType, userAgent, referer, host } = request.known
  const url = request.url ?? '/'
  const mark = url.indexOf('?')
  return {
    method: request.method ?? '',
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? '' : url.slice(mark + 1),
    headers: request.rawHeaders,
    body,
    target,
    contentType,
    userAgent,
    referer,
    host,
    sourceIp: request.socket.remoteAddress ?? '',
    secureTransport: tls !== undefined,
    tls,
  }
}

function write(response: ServerResponse, answer: Answer, now: number): void {
  const length = Buffer.byteLength(answer.body)
  // A list of names and values goes to the socket as it is; an object is gone through member by member.
  response.writeHead(answer.status, [
    'x-amzn-RequestId',
    answer.requestId,
    'Cache-Control',
    'no-cache, no-store, must-revalidate, private',
    'Content-Type',
    answer.contentType ?? 'application/x-amz-json-1.1',
    'Content-Length',
    String(length),
    // The service's own time, which a test may have turned.
    'Date',
    httpTime(now),
  ])
  // Text without anything beyond ASCII needs no encoding.
  response.end(answer.body, length === answer.body.length ? 'latin1' : 'utf8')
}
