/**
 * What travels between threads. Bytes go in memory of their own that is handed over, not copied by the runtime, so that
 * every copy of a secret is one that somebody zeroes. Keys go as `KeyObject`, which shares OpenSSL's own.
 */

/** Values ready for `postMessage`, and the memory to hand over with them. */
export interface Parcel {
  readonly content: unknown
  readonly transfer: ArrayBuffer[]
}

/** Packs a value: bytes, a key, something plain, or an array or object of these. */
export function pack(value: unknown): Parcel {
  const transfer: ArrayBuffer[] = []
  const content = mapBytes(value, (bytes) => {
    // Small Buffers share one slab of memory, which can not be handed over.
    const own = new Uint8Array(bytes)
    transfer.push(own.buffer)
    return own
  })
  return { content, transfer }
}

/** What was packed, with Buffers for bytes. */
export function unpack(content: unknown): unknown {
  return mapBytes(content, (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
}

/** Zeroes all bytes in a value. */
export function wipe(value: unknown): void {
  mapBytes(value, (bytes) => bytes.fill(0))
}

function mapBytes(value: unknown, change: (bytes: Uint8Array) => Uint8Array): unknown {
  if (value instanceof Uint8Array) return change(value)
  if (Array.isArray(value)) return value.map((item) => mapBytes(item, change))
  if (!isPlain(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, mapBytes(item, change)]),
  )
}

function isPlain(value: unknown): value is object {
  return (
    value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype
  )
}
