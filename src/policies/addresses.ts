/**
 * Addresses and networks of IpAddress conditions, IPv4 and IPv6 alike. An IPv4 address inside of IPv6 (`::ffff:a.b.c.d`)
 * is the IPv4 address, so that a proxy's spelling does not walk around a condition.
 */
import { isIPv4, isIPv6 } from 'node:net'

/** An address as 16-bit groups: two of IPv4, eight of IPv6. */
export type Address = readonly number[]

/** A network: an address and how many of its bits count. */
export interface Network {
  readonly address: Address
  readonly bits: number
}

/** Reads an address; undefined if and only if it is none. */
export function parseAddress(text: string): Address | undefined {
  if (isIPv4(text)) return groupsOfV4(text)
  if (!isIPv6(text) || text.includes('%')) return undefined
  const groups = groupsOfV6(text)
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
  return mapped ? groups.slice(6) : groups
}

/** Reads a network in CIDR notation; a missing prefix length means the one address. */
export function parseNetwork(text: string): Network | undefined {
  const [host = '', length, ...more] = text.split('/')
  const address = parseAddress(host)
  if (address === undefined || more.length > 0) return undefined
  const most = address.length * 16
  if (length === undefined) return { address, bits: most }
  if (!/^\d{1,3}$/.test(length)) return undefined
  const bits = host.includes(':') && most === 32 ? Number(length) - 96 : Number(length)
  return bits >= 0 && bits <= most ? { address, bits } : undefined
}

/** Whether the address is in the network. */
export function isInside(address: Address, network: Network): boolean {
  if (address.length !== network.address.length) return false
  let left = network.bits
  for (let index = 0; left > 0; index += 1) {
    const shift = left >= 16 ? 0 : 16 - left
    if ((address[index] ?? 0) >>> shift !== (network.address[index] ?? 0) >>> shift) return false
    left -= 16
  }
  return true
}

function groupsOfV4(text: string): number[] {
  const [a = 0, b = 0, c = 0, d = 0] = text.split('.').map(Number)
  return [a * 256 + b, c * 256 + d]
}

function groupsOfV6(text: string): number[] {
  const [head = '', tail] = text.split('::')
  const before = groupsOf(head)
  const after = groupsOf(tail ?? '')
  const gap = tail === undefined ? 0 : 8 - before.length - after.length
  return [...before, ...Array.from({ length: gap }, () => 0), ...after]
}

function groupsOf(text: string): number[] {
  if (text === '') return []
  return text
    .split(':')
    .flatMap((group) => (group.includes('.') ? groupsOfV4(group) : [Number.parseInt(group, 16)]))
}
