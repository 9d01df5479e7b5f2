/**
 * Rows of nodes: how far in the feed each process has seen that may answer from what it holds in memory. A registration is
 * a node's for as long as its row stands; it is never given again.
 */
import { sql, type Statement } from './sql.ts'

/** A registered node. */
export interface NodeRow {
  readonly registration: string
  /** For people: the node's chain of the record. */
  readonly name: string
  readonly seen: number
  /** How often it has told how far it is: one that lives tells it again and again. */
  readonly marks: number
}

/** Adds a registration, which has seen nothing yet. */
export function addNode(registration: string, name: string): Statement {
  return sql`INSERT INTO nodes (registration, name, seen, marks) VALUES (${registration}, ${name}, 0, 0)`
}

/** Notes how far a node has seen; touches no row if and only if the registration is no more. */
export function markNode(registration: string, seen: number): Statement {
  return sql`UPDATE nodes SET seen = ${seen}, marks = marks + 1 WHERE registration = ${registration}`
}

/** Removes a registration: nobody waits for it from now on. */
export function removeNode(registration: string): Statement {
  return sql`DELETE FROM nodes WHERE registration = ${registration}`
}

/** Removes what earlier processes of a node have left, of which none lives. */
export function removePredecessors(registration: string, name: string): Statement {
  return sql`DELETE FROM nodes WHERE name = ${name} AND registration <> ${registration}`
}

/** Removes a registration that has not seen a change, so that later writers do not wait for it. */
export function fenceNode(registration: string, sequence: number): Statement {
  return sql`DELETE FROM nodes WHERE registration = ${registration} AND seen < ${sequence}`
}

/** Removes a registration that has not told anything since its marks were counted. */
export function removeSilent(registration: string, marks: number): Statement {
  return sql`DELETE FROM nodes WHERE registration = ${registration} AND marks = ${marks}`
}

/** Every registration. */
export function listNodes(): Statement {
  return sql`SELECT registration, name, seen, marks FROM nodes ORDER BY registration LIMIT 1000`
}
