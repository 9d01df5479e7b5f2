/**
 * Hands temporary credentials out. They count from the whole second that their expiry is told in.
 */
import { isoTime } from '../clock.ts'
import type { SessionClaims } from '../identities/session-token.ts'
import type { UnsignedQueryCall } from '../server/query-action.ts'
import type { XmlStructure } from '../server/xml.ts'

/** The Credentials member for a session that begins now and lasts so many seconds. */
export function issueCredentials(
  call: UnsignedQueryCall,
  seconds: number,
  session: Omit<SessionClaims, 'issuedAt' | 'expiresAt'>,
): XmlStructure {
  const issuedAt = Math.floor(call.now / 1000) * 1000
  const expiresAt = issuedAt + seconds * 1000
  const issued = call.service.sessions.issue({ ...session, issuedAt, expiresAt })
  return {
    AccessKeyId: issued.accessKeyId,
    SecretAccessKey: issued.secretAccessKey,
    SessionToken: issued.sessionToken,
    Expiration: isoTime(expiresAt),
  }
}
