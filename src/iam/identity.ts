/**
 * Users, groups and roles as IAM's actions find them. A caller without the permission for a name is told so
 * whether or not there is such a thing.
 */
import type { Reader } from '../database/database.ts'
import {
  findIdentityByName,
  type IdentityKind,
  type IdentityRow,
} from '../database/iam-identities.ts'
import { findPolicy } from '../database/iam-policies.ts'
import { readTags } from '../database/iam-tags.ts'
import { identityArn, policyArn } from '../identities/arns.ts'
import type { QueryCall } from '../server/query-action.ts'
import { noSuchEntity, type QueryError, validationError } from '../server/query-error.ts'
import type { ContextValues } from '../policies/context-values.ts'
import { authorizeIam, type IamQuestion, resourceTags } from './authorize-iam.ts'

/** What an action wants with an identity. */
export interface IdentityLook {
  readonly kind: IdentityKind
  readonly name: string
  readonly action: IamQuestion['action']
  readonly context?: ContextValues
}

/** The identity of a name in the caller's account, if the caller may. Throws NoSuchEntity if there is none. */
export async function findNamed(
  reader: Reader,
  call: QueryCall,
  look: IdentityLook,
): Promise<IdentityRow> {
  const row = await lookNamed(reader, call, look)
  if (row === undefined) throw noSuchIdentity(look.kind, look.name)
  return row
}

/** The same; undefined if and only if there is none. */
export async function lookNamed(
  reader: Reader,
  call: QueryCall,
  look: IdentityLook,
): Promise<IdentityRow | undefined> {
  const { kind, name, action } = look
  const { account } = call
  const row = await findIdentityByName(reader, { account, kind }, name)
  const resource = identityArn(call.partition, row ?? { kind, account, path: '/', name })
  const context = row === undefined ? {} : await identityContext(reader, call, row)
  authorizeIam(call, { action, resource, context: { ...context, ...look.context } })
  return row
}

/** The condition keys that tell of an identity: its tags, and the boundary that it has. */
export async function identityContext(
  reader: Reader,
  call: QueryCall,
  row: IdentityRow,
): Promise<ContextValues> {
  if (row.kind === 'group') return {}
  const boundary = await boundaryArn(reader, call.partition, row)
  return {
    ...resourceTags(await readTags(reader, row.id)),
    'iam:permissionsboundary': boundary === undefined ? undefined : [boundary],
  }
}

/** IAM's answer to the name of an identity that is not there. */
export const noSuchIdentity = (kind: IdentityKind, name: string): QueryError =>
  noSuchEntity(`The ${kind} with name ${name} cannot be found.`)

/** The ARN of an identity's permissions boundary; undefined if and only if it has none. */
export async function boundaryArn(
  reader: Reader,
  partition: string,
  { boundaryId }: IdentityRow,
): Promise<string | undefined> {
  if (boundaryId === undefined) return undefined
  const policy = await findPolicy(reader, boundaryId)
  if (policy === undefined) throw new Error(`the boundary \`${boundaryId}\` is not there`)
  return policyArn(partition, policy)
}

/** The name of the user that calls. Throws ValidationError when a role calls. */
export function ownName({ caller }: QueryCall): string {
  if (caller.type === 'IAMUser') return caller.userName
  throw validationError('Must specify userName when calling with non-User credentials')
}
