import { auditStore } from '../database/audit.ts'
import { auditPublicKey } from '../key-stores/root-key.ts'
import type { AdminOperation } from './admin-operation.ts'

/** What `trent audit verify` compares the files with: the public key and the heads that stand in the database. */
export const auditHeads: AdminOperation = async (_input, service) => ({
  PublicKey: auditPublicKey(service.root),
  Heads: await auditStore(service.database).heads(),
})
