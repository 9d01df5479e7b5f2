import { makeBackup, BackupError } from '../backup/make-backup.ts'
import { isoTime } from '../clock.ts'
import { type AdminOperation, AdminError, required } from './admin-operation.ts'

/** Writes everything to one encrypted file, on the server's machine, and says what is in it. */
export const backup: AdminOperation = async (input, service) => {
  const file = required(input, 'file')
  service.audit.requireWritable()
  const { database, root, sealedTables, clock } = service
  const parts = { database, root, tables: sealedTables, now: clock.now(), file }
  const { header, manifest } = await makeBackup(parts).catch((error: unknown) => {
    if (error instanceof BackupError) throw new AdminError(error.message)
    if (isOfTheDisk(error)) throw new AdminError(`\`${file}\` cannot be written: ${error.message}`)
    throw error
  })
  const { backupId, rootKeyId, storeId, schema } = header
  const written = await database.write((transaction) =>
    service.mark(transaction, 'BackupMade', { backupId, rootKeyId, storeId }),
  )
  await written()
  return {
    File: file,
    BackupId: backupId,
    RootKeyId: rootKeyId,
    StoreId: storeId,
    Schema: schema,
    Time: isoTime(header.time),
    Tables: manifest.tables,
  }
}

function isOfTheDisk(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error
}
