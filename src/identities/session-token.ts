/**
 * Session tokens: everything that there is to know of temporary credentials, sealed, so that no row has to be kept.
 *
 *     T1 | base64url of what the ring of root keys makes of a deflated [secret, claims], bound to its access key id
 *
 * Only one spelling of a token is taken: base64 has several for the same bytes.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { RootKeyRing } from '../key-stores/root-key-ring.ts'
import type { PrincipalTag } from './principal.ts'

/** What a token says of its session. */
export interface SessionClaims {
  /** Whose permissions it has: a role's, a user's own, or those of a user that vouches for somebody else. */
  readonly of: 'root' | 'user' | 'role' | 'federated'
  readonly account: string
  /** The unique id of the role or user; the account id of the root user. */
  readonly id: string
  /** The name of a role's session, or of the federated user. */
  readonly name?: string
  /** Milliseconds since 1970. */
  readonly issuedAt: number
  readonly expiresAt: number
  readonly tags?: readonly PrincipalTag[]
  readonly transitiveTagKeys?: readonly string[]
  readonly sourceIdentity?: string | undefined
  readonly policies?: SessionPolicies | undefined
  readonly webIdentity?: WebIdentity
}

/** What limits a session: a policy of its own, and managed policies by their unique ids, read whenever they are asked. */
export interface SessionPolicies {
  readonly inline?: string | undefined
  readonly managed: readonly string[]
}

/** What a session began with, when it began with the token of an identity provider. */
export interface WebIdentity {
  /** The provider's ARN. */
  readonly provider: string
  /** For the record: audience and subject, by their condition keys. */
  readonly attributes: Readonly<Record<string, string>>
}

/** A token that was opened. */
export interface OpenedToken {
  readonly secretAccessKey: string
  readonly claims: SessionClaims
}

/** Seals a token for an access key id. */
export function sealSessionToken(
  root: RootKeyRing,
  accessKeyId: string,
  { secretAccessKey, claims }: OpenedToken,
): string {
  const plain = Buffer.from(JSON.stringify([secretAccessKey, claims]), 'utf8')
  const packed = deflateRawSync(plain)
  const token = version + root.seal('sessionTokens', packed, place(accessKeyId)).toString(base)
  plain.fill(0)
  packed.fill(0)
  if (token.length > mostCharacters) throw new Error('a session token is too long')
  return token
}

/** Opens a token; undefined if and only if it is not one that was sealed for this access key id. */
export function openSessionToken(
  root: RootKeyRing,
  accessKeyId: string,
  token: string,
): OpenedToken | undefined {
  if (!token.startsWith(version) || token.length > mostCharacters) return undefined
  const text = token.slice(version.length)
  const sealed = Buffer.from(text, base)
  if (sealed.toString(base) !== text) return undefined
  const packed = root.open('sessionTokens', sealed, place(accessKeyId))
  if (packed === undefined) return undefined
  const plain = inflateRawSync(packed, { maxOutputLength: mostBytes })
  const [secretAccessKey, claims] = JSON.parse(plain.toString('utf8')) as [string, SessionClaims]
  packed.fill(0)
  plain.fill(0)
  return { secretAccessKey, claims }
}

/** Stands before the sealed bytes, and in what is authenticated with them. */
const version = 'T1'
const base = 'base64url'

/** Twice what the largest policies and tags come to; a header holds it. */
const mostCharacters = 16_384
const mostBytes = 65_536

const place = (accessKeyId: string) => (rootKeyId: string) => [
  'session token',
  version,
  rootKeyId,
  accessKeyId,
]
