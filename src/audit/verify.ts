/**
 * Checks a record from the files alone, or against the public key and the heads that the database keeps. Lines since
 * the last checkpoint are proven by the chain only, which somebody who can write the files can make anew.
 */
import type { KeyObject } from 'node:crypto'
import type { ChainHead } from './chain.ts'
import { publicKeyId } from './checkpoint.ts'
import { listFiles, lostFiles } from './files.ts'
import { type ChainReport, ChainWalk, type PublicKeys } from './verify-chain.ts'

export type { ChainReport } from './verify-chain.ts'

/** What to check, and against what. */
export interface VerifyOptions {
  readonly folder: string
  /** Without one, signatures are not checked. Several when the signing key has changed. */
  readonly publicKey?: KeyObject | readonly KeyObject[]
  /** From `AuditStore.heads`, asked for before this call. */
  readonly heads?: readonly ChainHead[]
}

/** The outcome. */
export interface AuditReport {
  readonly ok: boolean
  readonly signaturesChecked: boolean
  readonly chains: readonly ChainReport[]
  /** For people; each says which chain and where. */
  readonly problems: readonly string[]
}

/** Reads every line of every chain in the folder. The record may be in use meanwhile. */
export async function verifyAudit(options: VerifyOptions): Promise<AuditReport> {
  const keys = keysById(options.publicKey)
  const files = Map.groupBy(listFiles(options.folder), (file) => file.chain)
  const heads = Map.groupBy(options.heads ?? [], (head) => head.chain)
  const chains: ChainReport[] = []
  const problems: string[] = []
  for (const chain of new Set([...files.keys(), ...heads.keys()])) {
    const walk = new ChainWalk({ chain, keys, heads: heads.get(chain) ?? [] })
    const report = await walk.run(files.get(chain) ?? [])
    chains.push(report)
    problems.push(...walk.problems.map((problem) => `${chain}: ${problem}`))
  }
  problems.push(...lostFiles(options.folder).map((name) => `${name} has checkpoints and no lines`))
  return { ok: problems.length === 0, signaturesChecked: keys !== undefined, chains, problems }
}

function keysById(key: VerifyOptions['publicKey']): PublicKeys {
  if (key === undefined) return undefined
  const keys = 'type' in key ? [key] : key
  return new Map(keys.map((one) => [publicKeyId(one), one]))
}
