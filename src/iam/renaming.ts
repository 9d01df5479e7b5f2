import type { Reader } from '../database/database.ts'
import type { IdentityRow } from '../database/iam-identities.ts'
import { identityArn } from '../identities/arns.ts'
import type { QueryCall } from '../server/query-action.ts'
import { authorizeIam } from './authorize-iam.ts'
import { identityContext } from './identity.ts'
import { requireFreeName } from './identity-changes.ts'

/** What a user or group is to be called needs the permission as well, and a name that is free. Its tags go with it. */
export async function authorizeRenaming(
  reader: Reader,
  call: QueryCall,
  renamed: IdentityRow,
): Promise<void> {
  const action = renamed.kind === 'user' ? 'iam:UpdateUser' : 'iam:UpdateGroup'
  const resource = identityArn(call.partition, renamed)
  authorizeIam(call, { action, resource, context: await identityContext(reader, call, renamed) })
  await requireFreeName(reader, renamed, { name: renamed.name, owner: renamed.id })
}
