/** Which addresses count as the internet's. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isPublicAddress } from './public-addresses.ts'

const notPublic = [
  '0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 127.255.255.255 169.254.169.254 172.16.0.1 172.31.255.255',
  '192.168.1.1 192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.9 224.0.0.1 255.255.255.255',
  ':: ::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::127.0.0.1 64:ff9b::7f00:1 fc00::1 fd00:ec2::254 fe80::1 ff02::1',
  '2001:db8::1 2002:7f00:1:: 2001::1 3fff::1 100::1',
].flatMap((line) => line.split(' '))

test('no address of a private network, of the machine or of a tunnel is public', () => {
  for (const address of notPublic) assert.equal(isPublicAddress(address), false, address)
})

test('what is no address is not public', () => {
  for (const text of ['', 'localhost', '2130706433', '0x7f.1', '127.1', '[::1]', '8.8.8.8.']) {
    assert.equal(isPublicAddress(text), false, text)
  }
})

test('other addresses are', () => {
  for (const address of [
    '8.8.8.8',
    '172.15.0.1',
    '172.32.0.1',
    '192.167.0.1',
    '2606:4700::1111',
    '2a00::1',
  ]) {
    assert.equal(isPublicAddress(address), true, address)
  }
})
