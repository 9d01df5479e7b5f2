/**
 * What clients do while things go wrong: some take rights away and give them back, others use them, at every node. Users do
 * not wait for each other, so that calls pile up at a node that stands still and are there when it wakes.
 */
import { pause } from '../support/process.ts'
import type { Clients } from './clients.ts'
import { isCertain, type Operation } from './history.ts'

/** A key, and what its changes turn. */
export interface Subject {
  readonly key: string
  readonly kind: Kind
  readonly ciphertext: Uint8Array | undefined
}

/** What is turned. */
export type Kind = 'state' | 'policy' | 'grant'

/** All of it. */
export const kinds: readonly Kind[] = ['state', 'policy', 'grant']

/** Clients at work. */
export interface Load {
  readonly subjects: readonly Subject[]
  /** Resolves when every call is over. */
  stop(): Promise<void>
}

/** How many calls may be under way at one node, how often a user calls, and how often one key is turned. */
const width = 150
const userPause = 30
const turnsOfKey = 12

/** What takes a right away and what gives it back; a grant is given first. */
const changes: Readonly<Record<Kind, readonly [Operation, Operation]>> = {
  state: ['DisableKey', 'EnableKey'],
  policy: ['PutKeyPolicy: deny', 'PutKeyPolicy: allow'],
  grant: ['CreateGrant', 'RevokeGrant'],
}

/** Starts clients at every node. */
export function startLoad(nodes: readonly Clients[]): Load {
  const work = new Work(nodes)
  const running = nodes.flatMap((at) => [
    work.use(at),
    ...kinds.map((kind) => work.change(kind, at)),
  ])
  return {
    subjects: work.subjects,
    stop: async () => {
      work.over = true
      await Promise.all(running)
      await work.quiet()
    },
  }
}

/** The call that shows what a change of this kind has turned. */
export function useOf({ kind }: Subject): Operation {
  return kind === 'grant' ? 'Decrypt by the grantee' : 'Encrypt'
}

/** Makes a key to turn; undefined when that fails. */
export async function makeSubject(kind: Kind, at: Clients): Promise<Subject | undefined> {
  const { answer } = await at.make('CreateKey', 'a new key')
  const key = answer?.key
  if (key === undefined) return undefined
  if (kind !== 'grant') return { key, kind, ciphertext: undefined }
  const { answer: encrypted } = await at.make('Encrypt', key)
  const ciphertext = encrypted?.ciphertext
  return ciphertext === undefined ? undefined : { key, kind, ciphertext }
}

class Work {
  readonly subjects: Subject[] = []
  over = false
  readonly #nodes: readonly Clients[]
  readonly #pending = new Map<Clients, Set<Promise<unknown>>>()

  constructor(nodes: readonly Clients[]) {
    this.#nodes = nodes
  }

  async quiet(): Promise<void> {
    for (const calls of this.#pending.values()) await Promise.all(calls)
  }

  /** Turns one key after the other; one whose state is not known is left alone. */
  async change(kind: Kind, at: Clients): Promise<void> {
    while (!this.over) {
      const subject = await makeSubject(kind, at)
      if (subject === undefined) {
        await pause(50)
        continue
      }
      this.subjects.push(subject)
      await this.#turn(subject, at)
    }
  }

  /** Uses keys that are being turned. */
  async use(at: Clients): Promise<void> {
    while (!this.over) {
      const recent = this.subjects.slice(-8)
      const subject = recent[Math.floor(Math.random() * recent.length)]
      if (subject !== undefined) {
        this.#begin(at, subject, Math.random() < 0.2 ? 'DescribeKey' : useOf(subject))
      }
      // The more wait at a node that stands still, the slower: some have to begin when others go on without it.
      await pause(userPause * (1 + (this.#pending.get(at)?.size ?? 0)))
    }
  }

  async #turn(subject: Subject, at: Clients): Promise<void> {
    let grantId: string | undefined
    for (let turn = 0; turn < turnsOfKey && !this.over; ) {
      const operation = changes[subject.kind][turn % 2] ?? 'DescribeKey'
      const { call, answer } = await at.make(operation, subject.key, { grantId })
      if (call.outcome.is === 'unheard') {
        await pause(50)
        continue
      }
      if (!isCertain(call)) return
      grantId = answer?.grantId
      turn += 1
      // The first moment at which nobody may answer from before it.
      for (const node of this.#nodes) this.#begin(node, subject, useOf(subject))
      await pause(Math.random() * 40)
    }
  }

  #begin(at: Clients, { key, ciphertext }: Subject, operation: Operation): void {
    const calls = this.#pending.get(at) ?? new Set()
    this.#pending.set(at, calls)
    if (calls.size >= width) return
    const call = at.make(operation, key, { ciphertext }).finally(() => calls.delete(call))
    calls.add(call)
  }
}
