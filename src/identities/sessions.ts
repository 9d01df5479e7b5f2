/**
 * Temporary credentials that sign. Nothing of them is stored: a token is opened when it is first seen, and what came out of
 * it, without the secret, stays in memory once a signature has proven that the bearer has the secret.
 */
import { type KeyObject, timingSafeEqual } from 'node:crypto'
import { randomBytes } from '../crypto/random.ts'
import type { RootKeyRing } from '../key-stores/root-key-ring.ts'
import { deriveSigningKey } from '../sigv4/signing-key.ts'
import type { SigningScope } from './access-key.ts'
import type { Principal } from './principal.ts'
import { newSessionKeyId } from './session-key-id.ts'
import { openSessionToken, type SessionClaims, sealSessionToken } from './session-token.ts'

/** A session whose token has been opened: what is kept of it in memory, without its secret. */
export interface Session {
  readonly accessKeyId: string
  readonly token: string
  readonly claims: SessionClaims
  /** Signing keys by `date/region/service`, kept only after a signature under them was verified. */
  readonly signingKeys: Map<string, KeyObject>
  /** The principal that it is, by partition, with what it was made from. */
  readonly principals: Map<
    string,
    { readonly principal: Principal; readonly parts: readonly unknown[] }
  >
}

/** Temporary credentials, as they are handed out once. */
export interface SessionCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
}

/** The sessions of a service. */
export interface Sessions {
  /** Makes temporary credentials. */
  issue(claims: SessionClaims): SessionCredentials
  /** The session of a token; undefined if and only if the token was not issued with this access key id. */
  find(accessKeyId: string, token: string): Session | undefined
  /** The key that signs for one date, region and service. */
  signingKey(session: Session, scope: SigningScope): KeyObject
  /** Keeps a session and a signing key, once a signature under it has been verified. */
  keep(session: Session, scope: SigningScope, signingKey: KeyObject): void
}

/** How many sessions stay in memory, and how many signing keys each of them may have there. */
const keptSessions = 10_000
const keptSigningKeys = 64

/** Sessions under a root key. `kept` is how many stay in memory; the oldest goes first. */
export function sessions(root: RootKeyRing, kept = keptSessions): Sessions {
  const known = new Map<string, Session>()
  let retired = root.retired
  /** With a root key that is retired end the sessions under it: what is still good is opened again. */
  const forgetRetired = (): void => {
    if (retired === root.retired) return
    retired = root.retired
    known.clear()
  }
  const open = (accessKeyId: string, token: string) => {
    const opened = openSessionToken(root, accessKeyId, token)
    return opened && { ...opened, session: newSession(accessKeyId, token, opened.claims) }
  }
  return {
    issue: (claims) => {
      const accessKeyId = newSessionKeyId(claims.account)
      const secretAccessKey = randomBytes(30).toString('base64')
      const sessionToken = sealSessionToken(root, accessKeyId, { secretAccessKey, claims })
      return { accessKeyId, secretAccessKey, sessionToken }
    },
    find: (accessKeyId, token) => {
      forgetRetired()
      const before = known.get(accessKeyId)
      if (before !== undefined && isSame(before.token, token)) return before
      return open(accessKeyId, token)?.session
    },
    signingKey: (session, scope) => {
      const before = session.signingKeys.get(nameOf(scope))
      if (before !== undefined) return before
      const opened = openSessionToken(root, session.accessKeyId, session.token)
      if (opened === undefined) throw new Error('a session token does not open a second time')
      const { date, region, service } = scope
      return deriveSigningKey(opened.secretAccessKey, date, region, service)
    },
    keep: (session, scope, signingKey) => {
      forgetRetired()
      if (session.signingKeys.size >= keptSigningKeys) session.signingKeys.clear()
      session.signingKeys.set(nameOf(scope), signingKey)
      if (known.get(session.accessKeyId) === session) return
      const [oldest] = known.keys()
      if (known.size >= kept && oldest !== undefined) known.delete(oldest)
      known.set(session.accessKeyId, session)
    },
  }
}

const newSession = (accessKeyId: string, token: string, claims: SessionClaims): Session => ({
  accessKeyId,
  token,
  claims,
  signingKeys: new Map(),
  principals: new Map(),
})

const nameOf = ({ date, region, service }: SigningScope) => `${date}/${region}/${service}`

/** In constant time: whoever sees how far he got could find out a token that is kept. */
function isSame(kept: string, given: string): boolean {
  const [one, other] = [Buffer.from(kept, 'utf8'), Buffer.from(given, 'utf8')]
  return one.length === other.length && timingSafeEqual(one, other)
}
