/**
 * What operators ask a server over HTTP: whether it lives, whether it is ready, and what it has counted. Neither keys nor
 * names of principals are in it. It stands on a port of its own and on the administrators' socket.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { OpsAnswers } from '../operating/ops-answers.ts'

/** Answers a GET of an operator's. */
export type OpsHandler = (request: IncomingMessage, response: ServerResponse) => void

/** An address to listen on. */
export interface OpsAddress {
  readonly host: string
  readonly port: number
}

/** The operators' port, when it listens. */
export interface OpsListening {
  readonly url: string
  close(): Promise<void>
}

/** How many connections operators may have: a scraper and a few probes. */
const mostConnections = 64

/** Listens on the operators' port. Throws when it is taken. */
export async function listenForOps(at: OpsAddress, handler: OpsHandler): Promise<OpsListening> {
  const limits = { maxHeaderSize: 8192, headersTimeout: 5000, requestTimeout: 10_000 }
  const server = createServer(limits, handler)
  server.maxConnections = mostConnections
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = `port ${at.port} on ${at.host} is taken; choose another with --ops-port`
      reject(error.code === 'EADDRINUSE' ? new Error(taken) : error)
    })
    server.listen(at.port, at.host, () => {
      server.removeAllListeners('error')
      resolve()
    })
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://${at.host.includes(':') ? `[${at.host}]` : at.host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}

/** The answers for operators. */
export function opsHandler(
  answers: OpsAnswers,
  report: (error: unknown, message?: string) => void,
): OpsHandler {
  return (request, response) => {
    // Nothing that operators ask has a body.
    request.resume()
    answer(request, answers)
      .catch((error: unknown) => {
        report(error, 'a question of an operator failed')
        return { status: 500, type: 'text/plain', body: '' }
      })
      .then(({ status, type, body }) => {
        const headers = { 'Content-Type': type, 'Cache-Control': 'no-store' }
        response.writeHead(status, headers).end(request.method === 'HEAD' ? '' : body)
      })
      .catch(report)
  }
}

interface OpsAnswer {
  readonly status: number
  readonly type: string
  readonly body: string
}

async function answer(request: IncomingMessage, answers: OpsAnswers): Promise<OpsAnswer> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return json(405, {})
  switch (request.url?.split('?')[0]) {
    case '/health/live':
      return json(200, { status: 'live' })
    case '/health':
    case '/health/ready':
      return ready(answers)
    case '/metrics':
      return {
        status: 200,
        type: 'text/plain; version=0.0.4; charset=utf-8',
        body: await answers.metrics(),
      }
    default:
      return json(404, {})
  }
}

async function ready(answers: OpsAnswers): Promise<OpsAnswer> {
  const reasons = await answers.reasonsNotReady()
  return reasons.length === 0
    ? json(200, { status: 'ready' })
    : json(503, { status: 'not ready', reasons })
}

const json = (status: number, document: object): OpsAnswer => ({
  status,
  type: 'application/json',
  body: `${JSON.stringify(document)}\n`,
})
