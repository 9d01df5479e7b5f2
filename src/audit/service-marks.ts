/**
 * What operators do to the service as a whole, put into the record beside the calls.
 */
import type { AuditLog } from './log.ts'
import { type Mark, markText } from './service-event.ts'
import type { Clock } from '../clock.ts'
import { uuid } from '../crypto/random.ts'
import { putEvent } from '../database/audit.ts'
import type { Writer } from '../database/database.ts'

/** Puts a mark into a transaction; the answer writes it to the record, and is called when the transaction is committed. */
export function serviceMarks(
  audit: AuditLog,
  clock: Clock,
): (
  transaction: Writer,
  name: Mark['name'],
  details: Mark['details'],
) => Promise<() => Promise<void>> {
  return async (transaction, name, details) => {
    audit.requireWritable()
    const [eventId, time] = [uuid(), clock.now()]
    const text = markText({ eventId, time, name, details })
    await putEvent(transaction, { eventId, time, text })
    return () => audit.append({ eventId, text, change: true })
  }
}
