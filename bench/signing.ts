/** Signatures and MACs: through Trent, and by `node:crypto` in one thread. */
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
import type { Yield } from './load.ts'
import { call, type Load } from './servers.ts'
import type { Client } from './sign.ts'
import { median } from './start-up.ts'
import type { Options } from './throughput.ts'

/** A server, whose client we are, and two processes that can make load. */
export interface Bench {
  readonly client: Client
  readonly port: number
  readonly loads: readonly [Load, Load]
  readonly options: Options
}

/** What is measured. */
export const signingSpecs = ['RSA_2048', 'RSA_4096', 'ECC_NIST_P256', 'HMAC_256'] as const

/** One of them. */
export type SigningSpec = (typeof signingSpecs)[number]

/** Requests for one key, and what a right answer is. */
export interface Signer {
  readonly operation: 'Sign' | 'GenerateMac'
  readonly documents: readonly object[]
  /** Throws unless the answer is right. */
  readonly check: (answer: string) => Promise<void>
}

const message = randomBytes(32)
const algorithms = {
  RSA_2048: 'RSASSA_PKCS1_V1_5_SHA_256',
  RSA_4096: 'RSASSA_PKCS1_V1_5_SHA_256',
  ECC_NIST_P256: 'ECDSA_SHA_256',
} as const

/** Measures one spec in turns, and answers the row of its medians. */
export async function measureSigning(spec: SigningSpec, bench: Bench): Promise<string> {
  const signer = await prepareSigner(spec, bench.client)
  const bare = bareSigner(spec)
  const pairs: { readonly bare: number; readonly trent: Yield }[] = []
  for (let round = 0; round < bench.options.rounds; round++) {
    const trent = await load(bench, signer)
    await signer.check(trent.answer)
    pairs.push({ bare: perSecond(bare, bench.options.seconds), trent })
  }
  const middle = (of: (pair: (typeof pairs)[number]) => number): number => median(pairs.map(of))
  const cells = [
    middle((pair) => pair.bare).toFixed(0),
    middle((pair) => pair.trent.requestsPerSecond).toFixed(0),
    middle((pair) => pair.trent.p50).toFixed(2),
    middle((pair) => pair.trent.p99).toFixed(2),
    `**${middle((pair) => pair.trent.requestsPerSecond / pair.bare).toFixed(2)}**`,
  ]
  return `| ${spec} | ${cells.join(' | ')} |`
}

/** Makes a key, and the requests to sign with it. */
export async function prepareSigner(spec: SigningSpec, client: Client): Promise<Signer> {
  const mac = spec === 'HMAC_256'
  const created = await call<{ KeyMetadata: { Arn: string } }>(client, 'CreateKey', {
    KeySpec: spec,
    KeyUsage: mac ? 'GENERATE_VERIFY_MAC' : 'SIGN_VERIFY',
  })
  const KeyId = created.KeyMetadata.Arn
  const Message = message.toString('base64')
  if (mac) {
    const asked = { KeyId, Message, MacAlgorithm: 'HMAC_SHA_256' }
    const check = async (answer: string): Promise<void> => {
      const { Mac } = JSON.parse(answer) as { readonly Mac: string }
      await call(client, 'VerifyMac', { ...asked, Mac })
    }
    return { operation: 'GenerateMac', documents: [asked], check }
  }
  const { PublicKey } = await call<{ PublicKey: string }>(client, 'GetPublicKey', { KeyId })
  const key = createPublicKey({
    key: Buffer.from(PublicKey, 'base64'),
    format: 'der',
    type: 'spki',
  })
  const check = async (answer: string): Promise<void> => {
    await Promise.resolve()
    const { Signature } = JSON.parse(answer) as { readonly Signature: string }
    assert.ok(verify('sha256', message, key, Buffer.from(Signature, 'base64')))
  }
  const documents = [{ KeyId, Message, SigningAlgorithm: algorithms[spec] }]
  return { operation: 'Sign', documents, check }
}

/** One turn of Trent. */
function load({ client, port, loads, options }: Bench, signer: Signer): Promise<Yield> {
  const { connections, seconds } = options
  const { operation, documents } = signer
  return loads[0].run({ port, client, operation, documents, connections, warmUp: 1, seconds })
}

/** The same work without Trent: nothing is parsed, verified, decided or recorded. */
function bareSigner(spec: SigningSpec): () => Buffer {
  if (spec === 'HMAC_256') {
    const secret = randomBytes(32)
    return () => createHmac('sha256', secret).update(message).digest()
  }
  const privateKey = privateKeyOf(spec)
  return () => sign('sha256', message, privateKey)
}

function privateKeyOf(spec: Exclude<SigningSpec, 'HMAC_256'>): KeyObject {
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
