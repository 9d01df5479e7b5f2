/**
 * Which addresses are out on the internet: whatever is not is refused where a URL comes from somebody who does not run this
 * server (IANA's registries of special-purpose addresses).
 */
import { BlockList, isIP } from 'node:net'

/** Whether an address, without brackets, is one that anybody on the internet could be asked for. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !special4.check(address, 'ipv4')
    case 6:
      return global6.check(address, 'ipv6') && !special6.check(address, 'ipv6')
    default:
      return false
  }
}

const ranges = (family: 'ipv4' | 'ipv6', subnets: string): BlockList => {
  const list = new BlockList()
  for (const subnet of subnets.split(' ')) {
    const [address = '', bits] = subnet.split('/')
    list.addSubnet(address, Number(bits), family)
  }
  return list
}

const special4 = ranges(
  'ipv4',
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4',
)

/** Of IPv6 nothing but global unicast, which leaves out what holds an IPv4 address in itself, as ::ffff:127.0.0.1. */
const global6 = ranges('ipv6', '2000::/3')

/** Within it: protocol assignments and tunnels (Teredo, 6to4), documentation. */
const special6 = ranges('ipv6', '2001::/23 2001:db8::/32 2002::/16 3fff::/20')
