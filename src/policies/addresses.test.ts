import assert from 'node:assert/strict'
import { BlockList } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { isInside, parseAddress, parseNetwork } from './addresses.ts'

const inside = (address: string, network: string) => {
  const given = parseAddress(address)
  const wanted = parseNetwork(network)
  return given !== undefined && wanted !== undefined && isInside(given, wanted)
}

test('networks are those of node', () => {
  const both = fc.oneof(
    fc.tuple(fc.constant('ipv4' as const), fc.ipV4(), fc.ipV4(), fc.nat(32)),
    fc.tuple(fc.constant('ipv6' as const), fc.ipV6(), fc.ipV6(), fc.nat(128)),
  )
  fc.assert(
    fc.property(both, fc.boolean(), ([family, network, other, bits], same) => {
      const address = same ? network : other
      const list = new BlockList()
      list.addSubnet(network, bits, family)
      assert.equal(inside(address, `${network}/${bits}`), list.check(address, family))
    }),
    { numRuns: 2000 },
  )
})

test('an IPv4 address is one however it is spelt', () => {
  assert.equal(inside('::ffff:10.1.2.3', '10.0.0.0/8'), true)
  assert.equal(inside('::ffff:a01:203', '10.0.0.0/8'), true)
  assert.equal(inside('10.1.2.3', '::ffff:10.0.0.0/104'), true)
  assert.equal(inside('11.1.2.3', '::ffff:10.0.0.0/104'), false)
  assert.equal(inside('10.1.2.3', '::/0'), false)
  assert.equal(inside('10.1.2.3', '10.1.2.3'), true)
})

test('what is no network is none', () => {
  for (const text of [
    '',
    '10.0.0',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '::/129',
    '::ffff:10.0.0.0/8',
    'fe80::1%eth0/64',
    '10.0.0.0/8 ',
  ]) {
    assert.equal(parseNetwork(text), undefined, text)
  }
})
