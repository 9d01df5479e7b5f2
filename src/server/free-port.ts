/**
 * A port that nobody has, for several processes that are to share it.
 */
import { type AddressInfo, createServer } from 'node:net'

/** A port of this address that was free a moment ago. */
export async function freePort(host: string): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, host, resolve)
  })
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => {
    server.close(resolve)
  })
  return port
}
