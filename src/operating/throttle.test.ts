/**
 * Token buckets, and what requests cost.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testClock } from '../clock.ts'
import { operations } from '../operations.ts'
import { Metrics } from './metrics.ts'
import { chargesOf, quotaGroups, rateOf, type RequestQuotas } from './request-quotas.ts'
import { Throttle } from './throttle.ts'

const aws: RequestQuotas = { aws: true, rates: new Map() }
const only = (group: string, rate: number): RequestQuotas => ({
  aws: false,
  rates: new Map([[group, rate]]),
})
const us = { account: '1', region: 'us-east-1' }

const regions = new Set(['us-east-1', 'eu-west-1'])

function throttled(quotas: RequestQuotas | undefined) {
  const clock = testClock()
  const metrics = new Metrics()
  const throttle = new Throttle(quotas, { clock, metrics, regions })
  const take = (group: string, charged = us) => throttle.take(charged, [{ group, count: 1 }])
  const burst = (group: string, charged = us) => {
    let taken = 0
    while (taken < 200_000 && take(group, charged)) taken += 1
    return taken
  }
  return { clock, metrics, throttle, take, burst }
}

test('a second of requests may come at once, and the bucket fills at its rate', () => {
  const { clock, burst } = throttled(only('CreateKey', 5))
  assert.equal(burst('CreateKey'), 5)
  clock.turn(400)
  assert.equal(burst('CreateKey'), 2)
  clock.turn(3_600_000)
  assert.equal(burst('CreateKey'), 5, 'it never holds more than a second’s')
})

test('a rate below one a second lets one through, and the next when it is earned', () => {
  const { clock, burst } = throttled(only('pairs-RSA_4096', 0.1))
  assert.equal(burst('pairs-RSA_4096'), 1)
  clock.turn(9999)
  assert.equal(burst('pairs-RSA_4096'), 0)
  clock.turn(1)
  assert.equal(burst('pairs-RSA_4096'), 1)
})

test('accounts, regions and groups do not take from each other', () => {
  const { burst } = throttled(aws)
  assert.equal(burst('CreateKey'), 5)
  assert.equal(burst('CreateKey', { ...us, account: '2' }), 5)
  assert.equal(burst('CreateKey', { ...us, region: 'eu-west-1' }), 5)
  assert.equal(burst('CreateAlias'), 5)
  assert.equal(burst('CreateKey'), 0)
})

test('a request that is refused takes nothing, also of its other quotas', () => {
  const { throttle, burst, metrics } = throttled(aws)
  const charges = chargesOf('ReplicateKey', { ReplicaRegion: 'eu-west-1' })
  assert.ok(throttle.take(us, charges))
  assert.ok(throttle.take(us, charges))
  assert.ok(!throttle.take(us, charges), 'two replicas have cost four keys of five')
  assert.equal(burst('CreateKey', { ...us, region: 'eu-west-1' }), 1)
  assert.equal(burst('ReplicateKey'), 3)
  assert.match(metrics.text(), /^trent_throttled_total\{group="CreateKey"\} 2$/m)
})

test('without quotas, and in groups without one, nothing is refused', () => {
  assert.equal(throttled(undefined).burst('CreateKey'), 200_000)
  assert.equal(throttled(only('CreateKey', 1)).burst('DescribeKey'), 200_000)
  assert.equal(throttled(aws).burst('iam'), 200_000)
})

test('a region that is not served has no quota of its own', () => {
  const { throttle, burst } = throttled(aws)
  for (let i = 0; i < 5; i += 1) {
    assert.ok(throttle.take(us, chargesOf('ReplicateKey', { ReplicaRegion: `made-up-${i}` })))
  }
  assert.equal(burst('ReplicateKey'), 0, 'the request itself is counted')
})

test('an operator’s rate takes the place of AWS’s', () => {
  const { burst } = throttled({ aws: true, rates: new Map([['CreateKey', 2]]) })
  assert.equal(burst('CreateKey'), 2)
  assert.equal(burst('CreateAlias'), 5)
})

test('every operation belongs to a group with a rate of AWS’s', () => {
  for (const operation of Object.keys(operations)) {
    for (const { group } of chargesOf(operation, undefined)) {
      assert.ok(quotaGroups.has(group), operation)
      assert.ok(rateOf(aws, group, 'us-east-1') !== undefined, operation)
    }
  }
})

test('the quota for symmetric keys is the region’s', () => {
  assert.equal(rateOf(aws, 'symmetric', 'us-east-1'), 100_000)
  assert.equal(rateOf(aws, 'symmetric', 'eu-central-1'), 20_000)
  assert.equal(rateOf(aws, 'symmetric', 'sa-east-1'), 10_000)
})

test('the algorithm of a request tells its group', () => {
  const groupOf = (operation: string, document: unknown) => chargesOf(operation, document)[0]?.group
  assert.equal(groupOf('Encrypt', {}), 'symmetric')
  assert.equal(groupOf('Encrypt', { EncryptionAlgorithm: 'RSAES_OAEP_SHA_256' }), 'rsa')
  assert.equal(groupOf('Sign', { SigningAlgorithm: 'RSASSA_PSS_SHA_512' }), 'rsa')
  assert.equal(groupOf('Verify', { SigningAlgorithm: 'ECDSA_SHA_256' }), 'ecc')
  assert.equal(groupOf('Sign', { SigningAlgorithm: 'ED25519_SHA_512' }), 'ecc')
  assert.equal(groupOf('Sign', { SigningAlgorithm: 'ML_DSA_SHAKE_256' }), 'ml-dsa')
  assert.equal(groupOf('GenerateDataKeyPair', { KeyPairSpec: 'RSA_4096' }), 'pairs-RSA_4096')
  assert.equal(groupOf('GenerateDataKeyPair', { KeyPairSpec: 7 }), 'pairs-ECC_NIST_P256')
})
