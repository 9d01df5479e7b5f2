/**
 * Loaded before a process that speaks to PostgreSQL (`node --import`): kills it, as a crash would, just before the statement
 * that `CRASH_AT` counts to; those alone that `CRASH_QUERIES` matches. With `CRASH_BEGIN` it counts from SIGUSR2 on.
 */
import { Client } from 'pg'

const queries = new RegExp(process.env['CRASH_QUERIES'] ?? '')
let left = Number(process.env['CRASH_AT'])
let begun = process.env['CRASH_BEGIN'] === undefined
if (!begun) {
  process.on('SIGUSR2', () => {
    begun = true
  })
}
const query = Reflect.get(Client.prototype, 'query') as (...given: unknown[]) => unknown

function counted(this: unknown, ...given: unknown[]): unknown {
  const [asked] = given as [string | { readonly text?: string }]
  const text = typeof asked === 'string' ? asked : (asked.text ?? '')
  if (begun && queries.test(text)) left -= 1
  if (left === 0) process.kill(process.pid, 'SIGKILL')
  return Reflect.apply(query, this, given)
}

Reflect.set(Client.prototype, 'query', counted)
