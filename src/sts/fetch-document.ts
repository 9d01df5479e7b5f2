/**
 * Fetches a JSON document of an issuer. The URL comes from outside, so that nothing is taken for granted: no redirects, no
 * address of this network unless the operator has said so, checked on the very connection, and bounds on size and time.
 */
import { createHash } from 'node:crypto'
import { lookup as lookUpHost } from 'node:dns'
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { connect, type DetailedPeerCertificate } from 'node:tls'
import { isPublicAddress } from './public-addresses.ts'

/** Under which conditions a document is fetched. */
export interface FetchRules {
  /** Whether the operator vouches for the issuer, which may then be anywhere. */
  readonly listed: boolean
  /** Whether plain HTTP will do; on 127.0.0.1 alone. */
  readonly plain: boolean
  /** The authorities that certificates may come from, as PEM; those that Node trusts if undefined. */
  readonly ca: string | undefined
  /** SHA-1 of certificates that are taken for authorities where no other knows the server's. */
  readonly thumbprints: readonly string[]
}

/** The certificate of a server is known neither to the authorities nor by a thumbprint. */
export class UnknownCertificate extends Error {}

/** Fetches the document. Throws whatever is in the way. */
export async function fetchDocument(url: URL, rules: FetchRules): Promise<unknown> {
  checkUrl(url, rules)
  try {
    return await fetchOnce(url, rules, rules.ca === undefined ? {} : { ca: rules.ca })
  } catch (error) {
    if (!isUnknownCertificate(error)) throw error
    const ca = await findPinned(url, rules)
    return fetchOnce(url, rules, { ca, allowPartialTrustChain: true })
  }
}

function checkUrl(url: URL, rules: FetchRules): void {
  const isPlain = url.protocol === 'http:' && url.hostname === '127.0.0.1' && rules.plain
  if (url.protocol !== 'https:' && !isPlain) throw new Error(`\`${url.protocol}\` is not fetched`)
  if (url.username !== '' || url.password !== '') throw new Error('a URL with credentials')
  const host = hostOf(url)
  if (isIP(host) !== 0) requireAllowed(host, rules)
}

/** What TLS is to trust. */
interface Trust {
  readonly ca?: string
  readonly allowPartialTrustChain?: boolean
}

function fetchOnce(url: URL, rules: FetchRules, trust: Trust): Promise<unknown> {
  const options = {
    agent: false,
    headers: { Accept: 'application/json' },
    lookup: guardedLookup(rules),
    signal: AbortSignal.timeout(patience),
    ...trust,
  } as const
  return new Promise((resolve, reject) => {
    const start = url.protocol === 'https:' ? requestHttps : requestHttp
    const asked = start(url, options, (answer) => {
      const chunks: Buffer[] = []
      let bytes = 0
      answer.on('error', reject)
      if (answer.statusCode !== 200) {
        asked.destroy(new Error(`the issuer answers ${answer.statusCode ?? 'nothing'}`))
        return
      }
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        chunks.push(chunk)
        if (bytes > mostBytes) asked.destroy(new Error('the document is too large'))
      })
      answer.on('end', () => {
        resolve(parse(Buffer.concat(chunks).toString('utf8')))
      })
    })
    asked.on('error', reject)
    asked.end()
  })
}

/** How long a document may take in all, in milliseconds, and how large it may be. */
const patience = 5000
const mostBytes = 262_144

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Looks a name up and refuses what must not be asked, so that the address that was checked is the one that is connected to. */
function guardedLookup(rules: FetchRules): LookupFunction {
  return (hostname, options, done) => {
    lookUpHost(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        done(error, '')
        return
      }
      try {
        for (const { address } of addresses) requireAllowed(address, rules)
        const [first] = addresses
        if (options.all === true) done(null, addresses)
        else done(null, first?.address ?? '', first?.family)
      } catch (refusal) {
        done(refusal as Error, '')
      }
    })
  }
}

function requireAllowed(address: string, { listed }: FetchRules): void {
  if (!listed && !isPublicAddress(address)) {
    throw new Error('the issuer is at a private address, and not among `oidcIssuers`')
  }
}

const hostOf = (url: URL) => url.hostname.replace(/^\[(.*)\]$/, '$1')

const unknown = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

const isUnknownCertificate = (error: unknown) =>
  error instanceof Error && 'code' in error && unknown.has(String(error.code))

/** The last certificate that the server sends, as PEM, if its thumbprint is known. Throws UnknownCertificate otherwise. */
function findPinned(url: URL, rules: FetchRules): Promise<string> {
  const host = hostOf(url)
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port: Number(url.port || 443),
      lookup: guardedLookup(rules),
      // Nothing is sent or believed here: the certificate is looked at, and the next connection is verified by it.
      rejectUnauthorized: false,
      ...(isIP(host) === 0 && { servername: host }),
    })
    AbortSignal.timeout(patience).addEventListener('abort', () => {
      socket.destroy(new Error('the issuer takes too long'))
    })
    socket.on('error', reject)
    socket.on('secureConnect', () => {
      const { raw } = lastOf(socket.getPeerCertificate(true))
      socket.destroy()
      const thumbprint = createHash('sha1').update(raw).digest('hex')
      if (rules.thumbprints.includes(thumbprint)) resolve(pem(raw))
      else reject(new UnknownCertificate('the certificate of the issuer is unknown'))
    })
  })
}

function lastOf(certificate: DetailedPeerCertificate): DetailedPeerCertificate {
  const seen = new Set<DetailedPeerCertificate>()
  let last = certificate
  for (;;) {
    // A root certificate is its own issuer.
    seen.add(last)
    const next = last.issuerCertificate as DetailedPeerCertificate | undefined
    if (next === undefined || seen.has(next)) return last
    last = next
  }
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}
