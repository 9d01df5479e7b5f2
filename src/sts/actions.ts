/**
 * The actions of STS. Whatever else it has is InvalidAction.
 */
import type { QueryAction } from '../server/query-action.ts'
import { assumeRole } from './assume-role.ts'
import { assumeRoleWithWebIdentity } from './assume-role-with-web-identity.ts'
import { decodeAuthorizationMessage } from './decode-authorization-message.ts'
import { getAccessKeyInfo } from './get-access-key-info.ts'
import { getCallerIdentity } from './get-caller-identity.ts'
import { getFederationToken } from './get-federation-token.ts'
import { getSessionToken } from './get-session-token.ts'

/** The table of STS's actions. */
export const stsActions: ReadonlyMap<string, QueryAction> = new Map<string, QueryAction>(
  (
    [
      assumeRole,
      assumeRoleWithWebIdentity,
      decodeAuthorizationMessage,
      getAccessKeyInfo,
      getCallerIdentity,
      getFederationToken,
      getSessionToken,
    ] satisfies readonly QueryAction[]
  ).map((action) => [action.name, action]),
)
