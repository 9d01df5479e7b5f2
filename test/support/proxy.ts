/**
 * A way to a server on 127.0.0.1 on which things go wrong.
 */
import assert from 'node:assert/strict'
import { connect, createServer, type Socket } from 'node:net'
import { after } from 'node:test'

/** A port that leads to another. */
export interface Proxy {
  readonly port: number
  /** The next message with this text arrives, and its answer does not: the connection is over. */
  swallowAnswerTo(text: string): void
  /** Every message with this text arrives without its first letter being right. */
  garble(text: string): void
}

/** Starts a proxy that ends with the test file. */
export async function startProxy(to: number): Promise<Proxy> {
  const faults: { swallow: string | undefined; garble: string | undefined } = {
    swallow: undefined,
    garble: undefined,
  }
  const server = createServer((client: Socket) => {
    const upstream = connect(to, '127.0.0.1')
    let mute = false
    client.on('data', (bytes: Buffer) => {
      if (faults.swallow !== undefined && bytes.includes(faults.swallow)) {
        faults.swallow = undefined
        mute = true
      }
      if (faults.garble !== undefined) {
        const at = bytes.indexOf(faults.garble)
        if (at >= 0) bytes.write('?', at)
      }
      upstream.write(bytes)
    })
    upstream.on('data', (bytes) => {
      if (mute) client.destroy()
      else client.write(bytes)
    })
    endTogether(client, upstream)
    endTogether(upstream, client)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  after(() => {
    server.close()
  })
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return {
    port: address.port,
    swallowAnswerTo: (text) => {
      faults.swallow = text
    },
    garble: (text) => {
      faults.garble = text
    },
  }
}

function endTogether(one: Socket, other: Socket): void {
  one.on('close', () => other.destroy())
  one.on('error', () => other.destroy())
}
