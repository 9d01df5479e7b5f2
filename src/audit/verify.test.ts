import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { before, test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import type { ChainHead } from './chain.ts'
import { type AuditFile, compressedPath, listFiles, plainPath } from './files.ts'
import { bench, event, publicKey } from './fixture.ts'
import { verifyAudit } from './verify.ts'

let original: string
let heads: readonly ChainHead[]
let files: readonly AuditFile[]

before(async () => {
  const { folder, open, store, clock } = bench({
    after: (done) => process.on('exit', done),
  })
  for (const maxFileBytes of [1500, 100_000]) {
    const log = await open({ maxFileBytes })
    for (let line = 0; line < 30; line += 1) {
      await log.append(event(false, `é${line}`))
      if (line % 7 === 0) {
        clock.turn(1000)
        await log.settled()
      }
    }
    await log.close()
  }
  original = folder
  heads = await store.heads()
  files = listFiles(folder)
})

async function problemsAfter(tamper: (folder: string) => void, known = heads): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'trent-verify-'))
  try {
    cpSync(original, folder, { recursive: true })
    tamper(folder)
    return [...(await verifyAudit({ folder, publicKey, heads: known })).problems]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function rewrite(folder: string, file: AuditFile, change: (bytes: Buffer) => Buffer): void {
  const path = join(folder, basename(file.plain ? plainPath(file) : compressedPath(file)))
  const bytes = readFileSync(path)
  writeFileSync(path, file.plain ? change(bytes) : gzipSync(change(gunzipSync(bytes))))
}

const linesOf = (bytes: Buffer) => bytes.toString('latin1').split('\n').slice(0, -1)
const joined = (lines: readonly string[]) =>
  Buffer.from(lines.map((line) => `${line}\n`).join(''), 'latin1')

test('an untouched record is in order', async () => {
  assert.ok(files.length > 3)
  assert.deepEqual(await problemsAfter(() => {}), [])
})

const place = () => fc.tuple(fc.nat(files.length - 1), fc.nat(), fc.nat())

test('any changed byte is found', async () => {
  await fc.assert(
    fc.asyncProperty(place(), fc.integer({ min: 1, max: 255 }), async ([index, at], flip) => {
      const found = await problemsAfter((folder) => {
        rewrite(folder, files[index] as AuditFile, (bytes) => {
          bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ flip
          return bytes
        })
      }, [])
      assert.notEqual(found.length, 0)
    }),
    { numRuns: 150 },
  )
})

test('any changed byte of a checkpoint is found', async () => {
  await fc.assert(
    fc.asyncProperty(place(), fc.integer({ min: 1, max: 255 }), async ([index, at], flip) => {
      const file = files[index] as AuditFile
      const found = await problemsAfter((folder) => {
        const path = join(folder, `${basename(file.base)}.checkpoints`)
        const bytes = readFileSync(path)
        bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ flip
        writeFileSync(path, bytes)
      })
      assert.notEqual(found.length, 0)
    }),
    { numRuns: 100 },
  )
})

const tampering: Readonly<Record<string, (lines: string[], at: number, to: number) => string[]>> = {
  removed: (lines, at) => lines.toSpliced(at, 1),
  duplicated: (lines, at) => lines.toSpliced(at, 0, lines[at] ?? ''),
  moved: (lines, at, to) => {
    const target = to === at ? (at + 1) % lines.length : to
    return lines.toSpliced(at, 1).toSpliced(target, 0, lines[at] ?? '')
  },
  inserted: (lines, at) => lines.toSpliced(at, 0, '{"eventName":"Forged"}'),
  emptied: (lines, at) => lines.with(at, ''),
}

for (const [kind, tamper] of Object.entries(tampering)) {
  test(`any line ${kind} is found`, async () => {
    await fc.assert(
      fc.asyncProperty(place(), async ([index, at, to]) => {
        const found = await problemsAfter((folder) => {
          rewrite(folder, files[index] as AuditFile, (bytes) => {
            const lines = linesOf(bytes)
            if (lines.length < 2 && kind === 'moved') return joined(['', ...lines])
            return joined(tamper(lines, at % lines.length, to % lines.length))
          })
        }, [])
        assert.notEqual(found.length, 0)
      }),
      { numRuns: 60 },
    )
  })
}

test('a file that is missing is found', async () => {
  for (const file of files) {
    const found = await problemsAfter((folder) => {
      for (const form of ['.jsonl', '.jsonl.gz', '.checkpoints']) {
        rmSync(join(folder, basename(file.base) + form), { force: true })
      }
    })
    assert.notEqual(found.length, 0)
  }
})

test('checkpoints that are missing are found', async () => {
  for (const file of files) {
    const path = (folder: string) => join(folder, `${basename(file.base)}.checkpoints`)
    const count = linesOf(readFileSync(path(original))).length
    for (let at = 0; at < count; at += 1) {
      // The very last one only shows as lines that are not yet checkpointed.
      if (file === files.at(-1) && at === count - 1) continue
      const found = await problemsAfter((folder) => {
        writeFileSync(path(folder), joined(linesOf(readFileSync(path(folder))).toSpliced(at, 1)))
      }, [])
      assert.notEqual(found.length, 0)
    }
    if (file !== files.at(-1)) {
      assert.notEqual((await problemsAfter((folder) => rmSync(path(folder)), [])).length, 0)
    }
  }
})

test('a chain cut short together with its checkpoints is found by the head', async () => {
  const last = files.at(-1) as AuditFile
  const cut = (folder: string) => {
    rewrite(folder, last, (bytes) => joined(linesOf(bytes).slice(0, 1)))
    writeFileSync(join(folder, `${basename(last.base)}.checkpoints`), '')
  }
  assert.deepEqual(await problemsAfter(cut, []), [])
  assert.match((await problemsAfter(cut)).join(), /the database knows line 60, which is missing/)
})

test('another key, another head, another chain', async () => {
  const other = generateKeyPairSync('ed25519').publicKey
  const report = await verifyAudit({ folder: original, publicKey: other })
  assert.match(report.problems.join(), /signed with another key/)
  const both = await verifyAudit({ folder: original, publicKey: [other, publicKey] })
  assert.equal(both.ok, true)
  const unchecked = await verifyAudit({ folder: original })
  assert.deepEqual([unchecked.ok, unchecked.signaturesChecked], [true, false])
  const head = { chain: 'main', sequence: 5, hash: 'b'.repeat(64), time: 0 }
  assert.match((await problemsAfter(() => {}, [head])).join(), /line 5 is not the one/)
  assert.match((await problemsAfter(() => {}, [{ ...head, chain: 'gone' }])).join(), /gone: /)
  const found = await problemsAfter((folder) => {
    const name = basename((files[1] as AuditFile).base)
    for (const form of ['.jsonl.gz', '.checkpoints']) {
      renameSync(join(folder, name + form), join(folder, name.replace('main', 'pain') + form))
    }
  })
  assert.ok(found.length > 1)
})
