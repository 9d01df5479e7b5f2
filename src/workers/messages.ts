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

/** What the primary says. */
export type Order =
  | { readonly order: 'serve'; readonly assignment: Assignment }
  | { readonly order: 'drain' }
  | { readonly order: 'explain'; readonly question: number; readonly requestId?: string }

/** What a worker says. */
export type Word =
  | { readonly word: 'ready'; readonly url: string }
  | { readonly word: 'failed'; readonly problem: string }
  | { readonly word: 'explained'; readonly question: number; readonly found?: FoundCall }

/** A call that a worker has in memory. */
export interface FoundCall {
  /** Milliseconds since 1970. */
  readonly time: number
  /** The explanation, as JSON text. */
  readonly text: string
}
