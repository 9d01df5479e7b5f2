/**
 * The administrators' socket: HTTP over a Unix socket in the data folder. Whoever can open the folder is an administrator.
 */
import { rmSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { join, relative } from 'node:path'

import type { OpsHandler } from './ops.ts'

/** The longest path that a Unix socket can have, in bytes. */
const longestPath = 107

/** Answers an administrator's request: what it throws as a `Refusal` is shown, anything else is logged. */
export type AdminHandler = (
  operation: string,
  input: Readonly<Record<string, string>>,
) => Promise<AdminAnswer>

/** A result, or a sentence that says what is wrong. */
export type AdminAnswer = { readonly result: unknown } | { readonly problem: string }

/** Listens on the socket of a data folder; answers how to stop. */
export async function listenForAdmin(
  folder: string,
  handler: AdminHandler,
  questions?: OpsHandler,
): Promise<() => Promise<void>> {
  const path = socketPath(folder)
  rmSync(path, { force: true })
  const server = createServer((incoming, response) => {
    // Operations are posted; what operators only ask is the same here as on their port.
    if (questions !== undefined && incoming.method === 'GET') questions(incoming, response)
    else void serve(incoming, response, handler)
  })
  const umask = process.umask(0o077)
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(path, resolve)
    })
  } finally {
    process.umask(umask)
  }
  return () =>
    new Promise((resolve) => {
      server.close(() => {
        resolve()
      })
      server.closeAllConnections()
    })
}

/** Sends a request to the server of a data folder. Throws an error that a person can act on when there is none. */
export async function askServer(
  folder: string,
  operation: string,
  input: Readonly<Record<string, string>>,
): Promise<AdminAnswer> {
  const text = await new Promise<string>((resolve, reject) => {
    const outgoing = request(
      { socketPath: socketPath(folder), path: `/${operation}`, method: 'POST', timeout: 60_000 },
      (response) => {
        readText(response).then(resolve, reject)
      },
    )
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'ENOENT' || error.code === 'ECONNREFUSED' ? new NoServer(folder) : error,
      )
    })
    outgoing.end(JSON.stringify(input))
  })
  return JSON.parse(text) as AdminAnswer
}

/** Nobody serves a data folder. */
export class NoServer extends Error {
  constructor(folder: string) {
    super(`no trent serves \`${folder}\`; start one with trent serve --data ${folder}`)
  }
}

async function serve(
  incoming: IncomingMessage,
  response: ServerResponse,
  handler: AdminHandler,
): Promise<void> {
  const answer = await readText(incoming)
    .then((text) => handler((incoming.url ?? '/').slice(1), stringMembers(text)))
    .catch(() => ({ problem: 'the request could not be read' }))
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer))
}

async function readText(stream: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

function stringMembers(text: string): Record<string, string> {
  const document: unknown = JSON.parse(text)
  if (typeof document !== 'object' || document === null) return {}
  return Object.fromEntries(
    Object.entries(document).flatMap(([name, value]: [string, unknown]) =>
      typeof value === 'string' ? [[name, value]] : [],
    ),
  )
}

function socketPath(folder: string): string {
  const path = join(folder, 'admin.sock')
  const near = relative(process.cwd(), path)
  const shorter = Buffer.byteLength(near) < Buffer.byteLength(path) ? near : path
  if (Buffer.byteLength(shorter) <= longestPath) return shorter
  throw new Error(
    `the path \`${path}\` is too long for a socket; use a data folder with a shorter path, or start in its parent`,
  )
}
