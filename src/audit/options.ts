/**
 * What a record is given: where it lies, whose signature it bears, and the database's part in it.
 */
import type { KeyObject } from 'node:crypto'
import type { Clock } from '../clock.ts'
import type { EventOwner } from '../database/orphans.ts'
import type { ChainHead } from './chain.ts'
import type { OpenAppend } from './whole-file.ts'

export type { ChainHead } from './chain.ts'

/** What the record asks of the database. */
export interface AuditStore {
  /** This process's events that were committed with changes and not yet forgotten, in the order of their commits. */
  outbox(): Promise<readonly { eventId: string; event: string }[]>
  forget(eventIds: readonly string[]): Promise<void>
  /** Keeps a head in place of the chain's last one. */
  saveHead(head: ChainHead): Promise<void>
  heads(): Promise<readonly ChainHead[]>
}

/** How a record is kept. */
export interface AuditOptions {
  readonly folder: string
  /** One process at a time may write a chain. */
  readonly chain?: string
  readonly store: AuditStore
  /** Left out where no other node could take this chain's events. */
  readonly owner?: EventOwner | undefined
  /** Ed25519. */
  readonly signingKey: KeyObject
  readonly clock: Clock
  /** 64 MiB when left out. */
  readonly maxFileBytes?: number
  /** 0 or left out: for ever. */
  readonly keepDays?: number
  readonly open?: OpenAppend
  /** Told of what goes wrong in the background. */
  readonly report?: (problem: string, error?: unknown) => void
}
