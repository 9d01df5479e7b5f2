/**
 * Trent's own operations, for administrators: reached over a Unix socket in the data folder, which only the owner of the
 * folder can open.
 */
import type { AdminOperation } from './admin-operation.ts'
import { createAccessKey } from './create-access-key.ts'
import { createAccount } from './create-account.ts'
import { deleteAccessKeyOf } from './delete-access-key.ts'
import { confirmClock } from './confirm-clock.ts'
import { listAccessKeysOf } from './list-access-keys.ts'
import { listAllAccounts } from './list-accounts.ts'
import { updateAccessKey } from './update-access-key.ts'
import { auditHeads } from './audit-heads.ts'
import { backup } from './backup.ts'
import { explain } from './explain.ts'
import { prepareRootKey, retireRootKey, rootKeyStatus, rotateRootKey } from './root-key.ts'
import { simulate } from './simulate.ts'

/** The table of administrative operations. */
export const adminOperations: ReadonlyMap<string, AdminOperation> = new Map<string, AdminOperation>(
  [
    ['create-account', createAccount],
    ['list-accounts', listAllAccounts],
    ['create-access-key', createAccessKey],
    ['list-access-keys', listAccessKeysOf],
    ['update-access-key', updateAccessKey],
    ['delete-access-key', deleteAccessKeyOf],
    ['confirm-clock', confirmClock],
    ['audit-heads', auditHeads],
    ['explain', explain],
    ['simulate', simulate],
    ['backup', backup],
    ['prepare-root-key', prepareRootKey],
    ['rotate-root-key', rotateRootKey],
    ['root-key-status', rootKeyStatus],
    ['retire-root-key', retireRootKey],
  ],
)
