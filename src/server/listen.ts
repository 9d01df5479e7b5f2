/**
 * HTTP in, HTTP out: reads a request whole within its limits, has it handled, writes the answer.
 */
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { Server as TlsServer } from 'node:tls'
import { requestEntityTooLarge } from '../api/errors.ts'
import type { TlsFacts } from '../audit/event.ts'
import { httpTime } from '../clock.ts'
import { uuid } from '../crypto/random.ts'
import type { Answered, Gauge } from '../operating/metrics.ts'
import type { Service } from '../service.ts'
import { type Answer, failure } from './answer.ts'
import { Connections } from './connections.ts'
import { type HttpRequest, handle, kmsOperations } from './handle.ts'
import { Certificates, type TlsFiles } from './tls-files.ts'

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
  server.on('request', (request, response) => {
    void serve(request, response, { service, limits, connections })
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
  const options: ServerOptions = {
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

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  context: {
    readonly service: Service
    readonly limits: HttpLimits
    readonly connections: Connections
  },
): Promise<void> {
  const { service, limits, connections } = context
  const { metrics, clock } = service
  const { socket } = request
  const began = clock.monotonic()
  let answered: Answered | undefined
  metrics.began()
  connections.answering(socket, response)
  try {
    const headers = readKnown(request.rawHeaders)
    const body = await readBody(request, headers.contentLength, limits.bodyBytes)
    const tls = connections.tlsOf(socket)
    const answer =
      body === undefined
        ? failure(uuid(), requestEntityTooLarge())
        : await handle(toHttpRequest(request, headers, { body, tls }), service)
    const seconds = (clock.monotonic() - began) / 1000
    const operation = answer.operation ?? kmsOperations.get(headers.target ?? '') ?? 'unknown'
    answered = { operation, code: answer.code ?? 'Success', seconds }
    if (!connections.mayGoOn(socket)) response.shouldKeepAlive = false
    write(response, answer, service.clock.now())
  } catch (error) {
    // The client went away in the middle of its request, or of our answer.
    if (!request.destroyed) service.report(error, 'a connection failed')
    response.destroy()
  } finally {
    metrics.ended(answered)
  }
}

/**
 * The whole body; undefined as soon as it is known to be larger than it may be. The rest of it is read and thrown away,
 * within the time of a request: a connection that is closed on a client that still sends loses it the answer. Rejects
 * when the client goes away.
 */
function readBody(
  request: IncomingMessage,
  announced: string | undefined,
  limit: number,
): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    if (announced !== undefined && Number(announced) > limit) resolve(undefined)
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
    // A request that breaks off has an error only for those who listen for it; closed it is in any case.
    request.on('close', () => {
      if (!request.complete) reject(new Error('the client went away'))
    })
  })
}

function toHttpRequest(
  request: IncomingMessage,
  { target, contentType, userAgent, referer, host }: KnownHeaders,
  { body, tls }: { readonly body: Buffer; readonly tls: TlsFacts | undefined },
): HttpRequest {
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

/** The headers that the server itself reads, each the first if it was sent more than once. */
interface KnownHeaders {
  contentLength: string | undefined
  contentType: string | undefined
  host: string | undefined
  referer: string | undefined
  target: string | undefined
  userAgent: string | undefined
}

/** Where each of them goes, by its name in lower case. */
const knownHeaders: ReadonlyMap<string, keyof KnownHeaders> = new Map([
  ['content-length', 'contentLength'],
  ['content-type', 'contentType'],
  ['host', 'host'],
  ['referer', 'referer'],
  ['x-amz-target', 'target'],
  ['user-agent', 'userAgent'],
])

/** Reads them in one walk. Node's own table of headers costs more than this. */
function readKnown(headers: readonly string[]): KnownHeaders {
  const known: KnownHeaders = {
    contentLength: undefined,
    contentType: undefined,
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
