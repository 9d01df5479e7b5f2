/**
 * Loaded before a server (`node --import`): kills its process, as a crash would, just before the step that `CRASH_AT`
 * counts to. Steps are the calls that change files and the transactions of SQLite, from the data folder on; those alone
 * whose names `CRASH_STEPS` matches. With `CRASH_BEGIN` it counts from SIGUSR2 on.
 */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { DatabaseSync, StatementSync } from 'node:sqlite'

const calls = [
  'chmodSync',
  'closeSync',
  'fsyncSync',
  'linkSync',
  'mkdirSync',
  'openSync',
  'renameSync',
  'rmSync',
  'unlinkSync',
  'writeFileSync',
  'writeSync',
] as const

const steps = new RegExp(process.env['CRASH_STEPS'] ?? '')
let left = Number(process.env['CRASH_AT'])
/** A server that is to crash later waits for SIGUSR2 before it counts. */
const isLater = process.env['CRASH_BEGIN'] !== undefined
let begun = false
if (isLater) {
  process.on('SIGUSR2', () => {
    begun = true
  })
}

function count(target: object, name: string): void {
  const call = Reflect.get(target, name) as (...given: unknown[]) => unknown
  function counted(this: unknown, ...given: unknown[]): unknown {
    const step = stepOf(name, this, given)
    begun ||= !isLater && step === 'mkdirSync'
    if (begun && !/^(CREATE|INSERT|PRAGMA)/.test(step) && steps.test(step)) left -= 1
    if (left === 0) process.kill(process.pid, 'SIGKILL')
    return Reflect.apply(call, this, given)
  }
  Reflect.set(target, name, counted)
}

/** Of statements that were prepared, those that bound a transaction count: the others are steps within one. */
function stepOf(name: string, target: unknown, given: readonly unknown[]): string {
  if (name === 'exec') return String(given[0])
  if (name !== 'run') return name
  const { sourceSQL } = target as StatementSync
  return /^(SAVEPOINT|RELEASE|ROLLBACK)/.test(sourceSQL) ? sourceSQL : 'INSERT'
}

for (const name of calls) count(fs, name)
count(DatabaseSync.prototype, 'exec')
count(StatementSync.prototype, 'run')
syncBuiltinESMExports()
