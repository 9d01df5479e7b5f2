/** Signatures and MACs: through Trent, and by `node:crypto` in one thread of this process. */
import assert from 'node:assert/strict'
import {
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto'
import { call, createKey } from './calls.ts'
import { median } from './median.ts'
import type { Work } from './operations.ts'
import { type Bar, type Bench, caseOf, type Result } from './part.ts'
import type { Client } from './sign.ts'
import { takeTurns } from './turns.ts'

const specs = ['RSA_2048', 'RSA_4096', 'ECC_NIST_P256', 'HMAC_256'] as const
type Spec = (typeof specs)[number]

const message = randomBytes(32)
const Message = message.toString('base64')
const algorithms = {
  RSA_2048: 'RSASSA_PKCS1_V1_5_SHA_256',
  RSA_4096: 'RSASSA_PKCS1_V1_5_SHA_256',
  ECC_NIST_P256: 'ECDSA_SHA_256',
} as const

/** Each spec, in turns with the same work without Trent. */
export async function measureSigning(bench: Bench): Promise<Result> {
  const rows: (readonly string[])[] = []
  const bars: Bar[] = []
  for (const spec of specs) {
    const work = await signing(spec, bench.subject.client)
    const bare = bareSigner(spec)
    const pairs: { readonly bare: number; readonly rate: number; readonly p99: number }[] = []
    for (let round = 0; round < bench.options.rounds; round++) {
      const pace = { load: bench.load, seconds: bench.options.seconds, rounds: 1 }
      const rounds = await takeTurns([caseOf(bench.subject, work, bench)], pace)
      const rate = rounds.of(0, (turn) => turn.requestsPerSecond)
      const p99 = rounds.of(0, (turn) => turn.p99)
      pairs.push({ bare: perSecond(bare, bench.options.seconds), rate, p99 })
    }
    const middle = (of: (pair: (typeof pairs)[number]) => number) => median(pairs.map(of))
    const ratio = middle((pair) => pair.rate / pair.bare)
    rows.push([
      spec,
      middle((pair) => pair.bare).toFixed(0),
      middle((pair) => pair.rate).toFixed(0),
      middle((pair) => pair.p99).toFixed(2),
      `**${ratio.toFixed(2)}**`,
    ])
    bars.push({ label: `${spec}: rate / node:crypto`, ratio })
  }
  const head = ['key', '`node:crypto` /s', 'Trent /s', 'Trent p99 ms', 'Trent / `node:crypto`']
  return { title: 'Signatures and MACs, beside one thread of `node:crypto`', head, rows, bars }
}

/** Makes a key, and the requests to sign with it. */
export async function signing(spec: Spec, client: Client): Promise<Work> {
  const mac = spec === 'HMAC_256'
  const KeyUsage = mac ? 'GENERATE_VERIFY_MAC' : 'SIGN_VERIFY'
  const KeyId = await createKey(client, { KeySpec: spec, KeyUsage })
  if (mac) {
    const asked = { KeyId, Message, MacAlgorithm: 'HMAC_SHA_256' }
    const check = async ({ Mac }: Readonly<Record<string, string>>): Promise<void> => {
      await call(client, 'VerifyMac', { ...asked, Mac })
    }
    return { operation: 'GenerateMac', documents: [asked], verify: check }
  }
  const { PublicKey } = await call<{ PublicKey: string }>(client, 'GetPublicKey', { KeyId })
  const bytes = Buffer.from(PublicKey, 'base64')
  const key = createPublicKey({ key: bytes, format: 'der', type: 'spki' })
  const check = async ({ Signature = '' }: Readonly<Record<string, string>>): Promise<void> => {
    await Promise.resolve()
    assert.ok(verify('sha256', message, key, Buffer.from(Signature, 'base64')))
  }
  const documents = [{ KeyId, Message, SigningAlgorithm: algorithms[spec] }]
  return { operation: 'Sign', documents, verify: check }
}

/** The same work without Trent: nothing is parsed, verified, decided or recorded. */
function bareSigner(spec: Spec): () => Buffer {
  if (spec === 'HMAC_256') {
    const secret = randomBytes(32)
    return () => createHmac('sha256', secret).update(message).digest()
  }
  const privateKey = privateKeyOf(spec)
  return () => sign('sha256', message, privateKey)
}

function privateKeyOf(spec: Exclude<Spec, 'HMAC_256'>): KeyObject {
  return spec === 'ECC_NIST_P256'
    ? generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey
    : generateKeyPairSync('rsa', { modulusLength: Number(spec.slice(4)) }).privateKey
}

/** How often per second a thread that does nothing else does it. */
function perSecond(work: () => Buffer, seconds: number): number {
  const from = performance.now()
  let times = 0
  while (performance.now() - from < seconds * 1000) {
    work()
    times += 1
  }
  return (times / (performance.now() - from)) * 1000
}
