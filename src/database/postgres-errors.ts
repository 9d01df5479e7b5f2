/**
 * What the errors of PostgreSQL mean to us.
 */
import { DatabaseError } from 'pg'

/** Transactions that lost against others: nothing of them stays, and the same again may win. */
const conflicts = ['40001', '40P01']

/** Whether a transaction failed only because of others at the same time. */
export function isConflict(error: unknown): boolean {
  return error instanceof DatabaseError && conflicts.includes(error.code ?? '')
}

/** What was found to be there already, which two that create the same schema tell each other. */
const creations = ['23505', '42P07', '42710']

/** Whether something could not be created because another created it meanwhile. */
export function isCreatedMeanwhile(error: unknown): boolean {
  return error instanceof DatabaseError && creations.includes(error.code ?? '')
}

/**
 * Whether the statement itself is at fault, so that it would fail again: all else (no connection, a server that shuts
 * down, a standby, a disk that is full) is about the server.
 */
export function isOfStatement(error: unknown): boolean {
  if (!(error instanceof DatabaseError)) return false
  // 25P02 is a statement behind one that failed; other codes of its class are those of a standby.
  return /^(?:0A|20|21|22|23|25P02|26|27|34|3B|42|44)/.test(error.code ?? '')
}

/**
 * Whether a connection failed for what waiting does not mend: who we are, which database we ask for, or a certificate of
 * somebody else.
 */
export function isOfConfiguration(error: unknown): boolean {
  if (error instanceof DatabaseError) return /^(?:28|3D)/.test(error.code ?? '')
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? String(error.code) : ''
  return (
    /^(?:ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED)/.test(code) ||
    /does not support SSL/.test(error.message)
  )
}
