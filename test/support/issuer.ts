/**
 * An issuer of web identity tokens, as a cluster or a CI service has one: discovery document, key set, and tokens that are
 * made here from the standard's words, with no code of what verifies them.
 */
import {
  createHash,
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  X509Certificate,
} from 'node:crypto'
import { once } from 'node:events'
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo } from 'node:net'
import { after } from 'node:test'
import { openssl } from './openssl.ts'

/** A key of an issuer. */
export interface IssuerKey {
  readonly kid: string
  readonly alg: string
  readonly privateKey: KeyObject
}

/** An issuer that listens; what it answers can be exchanged. */
export interface Issuer {
  /** Its URL, without a slash at the end. */
  readonly url: string
  /** The provider's URL in ARNs and condition keys. */
  readonly provider: string
  keys: readonly object[]
  /** What stands in the place of members of the discovery document. */
  discovery: Readonly<Record<string, unknown>>
  /** Answers in the place of the issuer, if it is set. */
  answer: ((request: IncomingMessage, response: ServerResponse) => void) | undefined
  /** The paths that were asked for. */
  readonly asked: string[]
  close(): Promise<void>
}

/** An issuer and the key that its tokens are signed with. */
export interface TokenIssuer {
  readonly issuer: Issuer
  readonly key: IssuerKey
}

/** The certificates of an issuer: its own, with the authority that it comes from. */
export interface Certificates {
  readonly ca: string
  readonly cert: string
  readonly key: string
  /** SHA-1 of the authority's certificate. */
  readonly thumbprint: string
}

/** A key pair and the public half as it is published. */
export function issuerKey(kid: string, alg: 'RS256' | 'ES256' = 'RS256'): IssuerKey {
  const { privateKey } =
    alg === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { kid, alg, privateKey }
}

/** The public half of a key, for a key set. */
export function published({ kid, alg, privateKey }: IssuerKey): object {
  return { ...createPublicKey(privateKey).export({ format: 'jwk' }), kid, alg, use: 'sig' }
}

const base64url = (value: unknown): string =>
  Buffer.from(JSON.stringify(value)).toString('base64url')

/** A token, signed by a key. */
export function tokenOf(key: IssuerKey, claims: object, header: object = {}): string {
  const { kid, alg, privateKey } = key
  const text = `${base64url({ alg, kid, typ: 'JWT', ...header })}.${base64url(claims)}`
  const signature = sign('sha256', Buffer.from(text), {
    key: privateKey,
    dsaEncoding: 'ieee-p1363',
  })
  return `${text}.${signature.toString('base64url')}`
}

/** A token without a signature (RFC 7519, section 6). */
export const unsignedToken = (claims: object): string =>
  `${base64url({ alg: 'none' })}.${base64url(claims)}.`

/** A token whose shared secret is the public key, which everybody has. */
export function sharedSecretToken({ kid, privateKey }: IssuerKey, claims: object): string {
  const text = `${base64url({ alg: 'HS256', kid })}.${base64url(claims)}`
  const secret = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' })
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
}

/** Starts an issuer on 127.0.0.1; it ends with the test file. */
export async function startIssuer(
  keys: readonly IssuerKey[],
  { path = '', tls }: { readonly path?: string; readonly tls?: Certificates } = {},
): Promise<Issuer> {
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    issuer.asked.push(request.url ?? '')
    if (issuer.answer !== undefined) {
      issuer.answer(request, response)
      return
    }
    const documents: Readonly<Record<string, object>> = {
      [`${path}/.well-known/openid-configuration`]: {
        issuer: issuer.url,
        jwks_uri: `${issuer.url}/keys`,
        ...issuer.discovery,
      },
      [`${path}/keys`]: { keys: issuer.keys },
    }
    const document = documents[request.url ?? '']
    response.writeHead(document === undefined ? 404 : 200, { 'Content-Type': 'application/json' })
    response.end(JSON.stringify(document ?? {}))
  }
  const server =
    tls === undefined
      ? createHttp(serve)
      : createHttps({ cert: tls.cert + tls.ca, key: tls.key }, serve)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const provider = `127.0.0.1:${port}${path}`
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.closeAllConnections()
      server.close(() => {
        resolve()
      })
    })
  const issuer: Issuer = {
    url: `${tls === undefined ? 'http' : 'https'}://${provider}`,
    provider,
    keys: keys.map(published),
    discovery: {},
    answer: undefined,
    asked: [],
    close,
  }
  after(close)
  return issuer
}

/** An authority and a certificate of it for 127.0.0.1, good for two days. */
export function makeCertificates(): Certificates {
  const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pem = (key: KeyObject, type: 'pkcs8' | 'spki') =>
    key.export({ type, format: 'pem' }).toString()
  const authority = pair()
  const own = pair()
  // The keys of this authority guard nothing but this test, and may stand in a file for openssl.
  const caKey = Buffer.from(pem(authority.privateKey, 'pkcs8'))
  const subject = (name: string) => ['-subj', `/CN=${name}`, '-days', '2']
  const ca = openssl(['req', '-x509', '-key', 'ca.key', ...subject('Authority of a test')], {
    files: { 'ca.key': caKey },
  }).output
  const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-extfile', 'extensions']
  const made = openssl(
    ['x509', '-new', '-force_pubkey', 'own.pem', ...subject('127.0.0.1'), ...signing],
    {
      files: {
        'ca.key': caKey,
        'ca.pem': ca,
        'own.pem': Buffer.from(pem(own.publicKey, 'spki')),
        extensions: Buffer.from('subjectAltName=IP:127.0.0.1\n'),
      },
    },
  )
  const { raw } = new X509Certificate(ca)
  return {
    ca: ca.toString(),
    cert: made.output.toString(),
    key: pem(own.privateKey, 'pkcs8'),
    thumbprint: createHash('sha1').update(raw).digest('hex'),
  }
}
