/**
 * What Trent is measured against: a bare `node:http` server that reads a JSON body, parses it, and answers as many bytes
 * as Trent does, with the same headers. It checks, encrypts and records nothing. `{ bytes }` sets the size of the body;
 * `{ secretAccessKey }` has it do the least that an Encrypt takes. With two arguments, the files of a certificate and its
 * key, it speaks TLS.
 */
import { readFileSync } from 'node:fs'
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { type Encrypting, leastWork } from './least-work.ts'

/** What it is told: either. */
interface Told {
  readonly bytes?: number
  readonly secretAccessKey?: string
}

let answer = Buffer.from('{}')
let encrypting: Encrypting | undefined

process.on('message', ({ bytes, secretAccessKey }: Told) => {
  if (secretAccessKey !== undefined) encrypting = leastWork(secretAccessKey)
  if (bytes !== undefined) {
    answer = Buffer.from(JSON.stringify({ Filler: 'x'.repeat(Math.max(0, bytes - 13)) }))
  }
  process.send?.({ bytes: answer.length })
})
process.on('disconnect', () => process.exit())

const listener: RequestListener = (request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    respond(request, response, Buffer.concat(chunks))
  })
}

const [certFile, keyFile] = process.argv.slice(2)
const options = { keepAliveTimeout: 65_000 }
const tls = certFile !== undefined && keyFile !== undefined
const server = tls
  ? createTlsServer(
      { ...options, cert: readFileSync(certFile), key: readFileSync(keyFile) },
      listener,
    )
  : createServer(options, listener)

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.stdout.write(`ready at ${tls ? 'https' : 'http'}://127.0.0.1:${port}\n`)
})

function respond(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
  const [status, bytes] =
    encrypting === undefined
      ? plainly(request, body)
      : encrypted(encrypting(request, body, answer.length))
  response.writeHead(status, {
    'x-amzn-RequestId': '00000000-0000-4000-8000-000000000000',
    'Cache-Control': 'no-cache, no-store, must-revalidate, private',
    'Content-Type': 'application/x-amz-json-1.1',
    'Content-Length': Buffer.byteLength(bytes),
  })
  response.end(bytes)
}

function plainly(request: IncomingMessage, body: Buffer): readonly [number, Buffer] {
  const document: unknown = JSON.parse(body.toString())
  return [typeof document === 'object' && request.method === 'POST' ? 200 : 400, answer]
}

function encrypted(done: string | undefined): readonly [number, string] {
  return done === undefined ? [403, '{}'] : [200, done]
}
