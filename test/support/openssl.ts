/**
 * The `openssl` command line: another implementation, in another process. Nothing secret is ever an argument or a file of it.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Why the tests that need `openssl` are left out; false when it is there. */
export const withoutOpenssl: string | false =
  spawnSync('openssl', ['version']).status === 0
    ? false
    : 'the openssl command line is missing: NOTHING WAS VERIFIED BY OPENSSL'

/** What a run said. */
export interface Run {
  readonly succeeded: boolean
  readonly output: Buffer
  readonly errors: string
}

/** Runs openssl in a folder of its own with these files in it, with what it reads from its input. */
export function openssl(
  args: readonly string[],
  { files = {}, input }: { files?: Readonly<Record<string, Uint8Array>>; input?: Uint8Array } = {},
): Run {
  const folder = mkdtempSync(join(tmpdir(), 'trent-openssl-'))
  try {
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes)
    const run = spawnSync('openssl', args, { cwd: folder, ...(input !== undefined && { input }) })
    return { succeeded: run.status === 0, output: run.stdout, errors: run.stderr.toString() }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** DER as PEM, which every option of openssl reads. */
export function pem(der: Uint8Array, label: 'PUBLIC KEY' | 'PRIVATE KEY' = 'PUBLIC KEY'): Buffer {
  const lines = Buffer.from(der)
    .toString('base64')
    .replace(/.{64}(?=.)/g, '$&\n')
  return Buffer.from(`-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`)
}
