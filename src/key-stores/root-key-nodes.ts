/**
 * Asks every node of a shared database whether it holds the root key that is to come. Nothing depends on the answers but
 * that no node has to refuse afterwards: what a node may do, its keeper sees to.
 */
import type { Clock } from '../clock.ts'
import { uuid } from '../crypto/random.ts'
import type { Database, Reader } from '../database/database.ts'
import { listMeta, putMeta, readMeta } from '../database/meta.ts'
import { listNodes, type NodeRow } from '../database/nodes.ts'
import type { CustodianSettings } from './custodian.ts'
import { nextFile, openOrMakeNext } from './next-root-key.ts'
import type { RootKeys } from './root-key.ts'
import {
  metaNames,
  type NextRootKey,
  parseChange,
  parseNext,
  ringRow,
  RootKeyChangeRefused,
} from './root-key-change.ts'
import type { RootKeyKeeper } from './root-key-keeper.ts'

/** What asking works with. */
export interface NodesParts {
  readonly database: Database
  readonly keeper: RootKeyKeeper
  readonly settings: CustodianSettings
  readonly clock: Clock
}

/** A node, and whether it has said that it holds the root key that is to come. */
export interface AskedNode {
  readonly name: string
  readonly holds: boolean
}

/** How long the nodes have to answer, in milliseconds; one that opens it with a passphrase takes a second. */
const patience = 10_000
const lookEvery = 100

/** The nodes of a shared database, as a change of their root key sees them. */
export class RootKeyNodes {
  readonly #parts: NodesParts

  constructor(parts: NodesParts) {
    this.#parts = parts
  }

  /** The keeper of this node. */
  get keeper(): RootKeyKeeper {
    return this.#parts.keeper
  }

  /** Makes the next root key, or takes the one that is there, and asks every node for it. */
  async prepare(current: RootKeys): Promise<readonly AskedNode[]> {
    const { settings } = this.#parts
    const { id } = openOrMakeNext(settings)
    if (id === current.id) {
      throw new RootKeyChangeRefused(
        `\`${nextFile(settings)}\` is the root key that is in use; put it in the place of \`${settings.rootKey}\``,
      )
    }
    return this.#ask(id)
  }

  /** The next root key, which every node that lives has said that it holds. */
  async require(): Promise<RootKeys> {
    const { database, keeper } = this.#parts
    const announced = parseNext(await readMeta(database.read, metaNames.next))
    if (announced === undefined) {
      throw new RootKeyChangeRefused(
        'several nodes use this root key; run trent root-key prepare, and bring the next one to each of them',
      )
    }
    refuseWithout(await this.#ask(announced.id))
    const { next } = keeper
    if (next?.id === announced.id) return next
    throw new RootKeyChangeRefused('this node does not hold the next root key')
  }

  /** In the transaction of the change: a node may have come since all were asked. */
  async requireStill(reader: Reader): Promise<void> {
    refuseWithout(await this.#answers(reader))
  }

  /** The root key that is to come, and what the nodes have said of it. */
  async status(): Promise<
    { readonly id: string; readonly nodes: readonly AskedNode[] } | undefined
  > {
    const { read } = this.#parts.database
    const next = parseNext(await readMeta(read, metaNames.next))
    return next && { id: next.id, nodes: await this.#answers(read) }
  }

  /** Asks anew, and waits until all have said yes or had the time to. */
  async #ask(id: string): Promise<readonly AskedNode[]> {
    const { database, clock } = this.#parts
    const asked: NextRootKey = { id, asked: uuid() }
    // Who does not live is fenced by this, so that nobody waits for him below.
    await database.write(async (transaction) => {
      await refuseOnceChanged(transaction)
      transaction.changed(ringRow)
      await putMeta(transaction, metaNames.next, JSON.stringify(asked))
    })
    for (const until = clock.monotonic() + patience; ; ) {
      const nodes = await this.#answers(database.read)
      const answered = nodes.every(({ holds }) => holds)
      await refuseOnceChanged(database.read)
      if (answered || clock.monotonic() > until || this.#allSaid(nodes)) return nodes
      await new Promise<void>((resolve) => {
        clock.after(lookEvery, resolve)
      })
    }
  }

  #allSaid(nodes: readonly (AskedNode & { readonly said?: boolean })[]): boolean {
    return nodes.every(({ said }) => said === true)
  }

  async #answers(reader: Reader): Promise<readonly (AskedNode & { readonly said: boolean })[]> {
    const asked = parseNext(await readMeta(reader, metaNames.next))?.asked
    const nodes = await reader.all<NodeRow>(listNodes())
    const texts = await listMeta(reader, `${metaNames.next}/`)
    return [...new Set(nodes.map(({ name }) => name))].map((name) => {
      const text = texts.get(name)
      const answer = text === undefined ? undefined : (JSON.parse(text) as NodeAnswer)
      const said = answer !== undefined && answer.asked === asked
      return { name, said, holds: said && answer.holds }
    })
  }
}

interface NodeAnswer {
  readonly asked: string
  readonly holds: boolean
}

/** Another node may have been quicker. */
async function refuseOnceChanged(reader: Reader): Promise<void> {
  if (parseChange(await readMeta(reader, metaNames.change)) === undefined) return
  throw new RootKeyChangeRefused('another node has changed the root key meanwhile')
}

function refuseWithout(nodes: readonly AskedNode[]): void {
  const without = nodes.filter(({ holds }) => !holds).map(({ name }) => name)
  if (without.length === 0) return
  throw new RootKeyChangeRefused(
    `not every node holds the next root key; bring it to ${without.join(', ')}, or stop what cannot have it`,
  )
}
