import { listFiles } from '../audit/files.ts'
import { auditStore } from '../database/audit.ts'
import { isChainOf } from '../database/node-name.ts'
import { auditPublicKey } from '../key-stores/root-key.ts'
import type { AdminOperation } from './admin-operation.ts'

/** What `trent audit verify` compares the files with: the public key and the heads that stand in the database. */
export const auditHeads: AdminOperation = async (_input, service) => {
  const heads = await auditStore(service.database).heads()
  // The chains of other nodes are in their folders. Those of this one belong here even if no file of theirs is left.
  const here = new Set(listFiles(service.auditFolder).map(({ chain }) => chain))
  return {
    PublicKey: auditPublicKey(service.root),
    Heads: heads.filter(({ chain }) => here.has(chain) || isChainOf(service.database.chain, chain)),
  }
}
