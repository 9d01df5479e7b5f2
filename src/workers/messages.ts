/**
 * What a primary and its workers say to each other, over the pipe that only they have.
 */
import type { Config } from '../config.ts'

/** What a worker is started with. */
export interface Assignment {
  /** Its number, from 1 on; whoever follows it has the same. */
  readonly worker: number
  /** The run of the primary, which has the folder. */
  readonly run: string
  /** Its threads for what takes long: all workers together have as many as one process would. */
  readonly threads: number
  readonly config: Config
}

/** What the primary wants to know. */
export type Question =
  | { readonly about: 'call'; readonly requestId: string | undefined }
  | { readonly about: 'state' }

/** What the primary says. */
export type Order =
  | { readonly order: 'serve'; readonly assignment: Assignment }
  | { readonly order: 'drain' }
  | { readonly order: 'answer'; readonly number: number; readonly question: Question }

/** What a worker answers: what it was asked for, if it has it. */
export interface Answer {
  readonly call?: FoundCall | undefined
  readonly state?: WorkerState
}

/** What a worker says. */
export type Word =
  | { readonly word: 'ready'; readonly url: string }
  | { readonly word: 'failed'; readonly problem: string }
  | { readonly word: 'answered'; readonly number: number; readonly answer: Answer }

/** A call that a worker has in memory. */
export interface FoundCall {
  /** Milliseconds since 1970. */
  readonly time: number
  /** The explanation, as JSON text. */
  readonly text: string
}

/** What a worker tells operators. */
export interface WorkerState {
  /** What keeps it from being ready. */
  readonly reasons: readonly string[]
  /** Its counts, in Prometheus's text format. */
  readonly metrics: string
}
