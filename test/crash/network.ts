/**
 * The network between a node and its database, on which everything goes wrong that can: it is cut, it swallows, it is slow.
 */
import assert from 'node:assert/strict'
import { connect, createServer, type Socket } from 'node:net'
import { after } from 'node:test'
import { pause } from '../support/process.ts'

/** A way to a port of 127.0.0.1. */
export interface Network {
  readonly port: number
  /** Ends every connection, and each new one at once. */
  cut(): void
  /** Nothing arrives any more, and nobody is told. */
  silence(): void
  /** Everything arrives, by so many milliseconds too late. */
  slow(milliseconds: number): void
  /** From now on all is well; what was swallowed arrives after all. */
  mend(): void
}

interface Weather {
  cut: boolean
  late: number
  /** Settled while messages arrive. */
  open: PromiseWithResolvers<void>
}

/** Starts a network that ends with the test file. */
export async function startNetwork(to: number): Promise<Network> {
  const weather: Weather = { cut: false, late: 0, open: Promise.withResolvers() }
  weather.open.resolve()
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    near.on('error', () => {})
    if (weather.cut) {
      near.destroy()
      return
    }
    const far = connect(to, '127.0.0.1')
    for (const [from, into] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.once('close', () => sockets.delete(from))
      void carry({ from, into }, weather)
    }
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  const mend = (): void => {
    Object.assign(weather, { cut: false, late: 0 })
    weather.open.resolve()
  }
  const end = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  after(() => {
    server.close()
    end()
    mend()
  })
  return {
    port: address.port,
    cut: () => {
      weather.cut = true
      end()
    },
    silence: () => {
      weather.open = Promise.withResolvers()
    },
    slow: (milliseconds) => {
      weather.late = milliseconds
    },
    mend,
  }
}

/** Carries one direction of a connection, in order, until either end is gone. */
async function carry(
  { from, into }: { readonly from: Socket; readonly into: Socket },
  weather: Weather,
): Promise<void> {
  from.on('error', () => {})
  try {
    for await (const bytes of from) {
      await weather.open.promise
      if (weather.late > 0) await pause(weather.late)
      into.write(bytes as Buffer)
    }
  } catch {
    // It ended in the middle: so does the other end.
  }
  into.destroy()
}
