/**
 * The start of a record: makes the folder, finds the end of the chain, and says what has to be written first.
 */
import { createPublicKey } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { basename } from 'node:path'
import { goodChainName } from './chain.ts'
import { type Checkpoint, goodSignature } from './checkpoint.ts'
import { type AuditFile, listFiles, syncFolderNow } from './files.ts'
import type { AuditOptions } from './options.ts'
import {
  furthestMissing,
  lastCheckpoint,
  missingFromFiles,
  recoverEnd,
  type TornEnd,
  unmarkedTornEnds,
} from './recovery.ts'
import type { Mark } from './service-event.ts'
import { ChainWriter } from './writer.ts'

/** A chain that is ready to be written. */
export interface OpenedChain {
  readonly writer: ChainWriter
  /** To be written before anything else, in this order: the marks, then the events that the outbox still had. */
  readonly marks: readonly Pick<Mark, 'name' | 'details'>[]
  readonly unwritten: readonly { readonly eventId: string; readonly event: string }[]
  /** Ids from the outbox whose lines are in the files. */
  readonly written: readonly string[]
  /** To be settled when the marks are on disk. */
  readonly torn: readonly TornEnd[]
}

/** Opens a chain. When this resolves, the files end with whole lines; nothing has been added to them yet. */
export async function openChain(options: AuditOptions): Promise<OpenedChain> {
  const { folder, chain = 'main', store, signingKey, clock } = options
  if (!goodChainName(chain)) throw new TypeError(`a chain cannot be called ${chain}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  syncFolderNow(folder)
  const files = listFiles(folder, chain)
  const found = await recoverEnd(chain, files)
  const checkpoint = lastCheckpoint(files)
  const heads = (await store.heads()).filter((head) => head.chain === chain)
  const missing = furthestMissing(found, [...heads, trusted(checkpoint, options)])
  // Behind lines that are gone the numbers go on, so that the hole shows and no number stands for two lines.
  const end = missing !== undefined && missing.sequence > found.sequence ? missing : found
  const torn = unmarkedTornEnds(folder, chain)
  const rows = await store.outbox()
  const unwritten = await missingFromFiles(files, rows)
  const last = files.at(-1)
  const { open, maxFileBytes = DEFAULT_FILE_BYTES } = options
  const writer = new ChainWriter(
    { folder, chain, signingKey, clock, maxFileBytes, open },
    {
      end: { sequence: end.sequence, hash: end.hash },
      checkpointed: Math.min(checkpoint?.sequence ?? 0, end.sequence),
      file: growing(last),
      lastNumber: last?.number ?? 0,
    },
  )
  const lacking = new Set(unwritten)
  return {
    writer,
    marks: [
      ...torn.map(tornMark),
      ...(missing === undefined
        ? []
        : [missingMark({ found: found.sequence, known: missing.sequence, hash: missing.hash })]),
    ],
    unwritten,
    written: rows.filter((row) => !lacking.has(row)).map((row) => row.eventId),
    torn,
  }
}

function trusted(
  checkpoint: Checkpoint | undefined,
  { signingKey, chain = 'main' }: AuditOptions,
): Checkpoint | undefined {
  if (checkpoint === undefined || checkpoint.chain !== chain) return undefined
  return goodSignature(checkpoint, createPublicKey(signingKey)) ? checkpoint : undefined
}

/** A file that somebody compressed is not gone on with. */
function growing(file: AuditFile | undefined): AuditFile | undefined {
  return file?.plain === true && !file.compressed ? file : undefined
}

function tornMark({ path, bytes, hash }: TornEnd): Pick<Mark, 'name' | 'details'> {
  const file = basename(path).slice(0, -'.new'.length)
  return { name: 'AuditLineRecovered', details: { file, bytes, sha256: hash } }
}

function missingMark(details: Mark['details']): Pick<Mark, 'name' | 'details'> {
  return { name: 'AuditLinesMissing', details }
}

const DEFAULT_FILE_BYTES = 64 * 1024 * 1024
