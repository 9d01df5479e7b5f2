/**
 * What creating, renaming and deleting have in common for users, groups and roles.
 */
import type { Reader, Writer } from '../database/database.ts'
import { listAttachedPolicies } from '../database/iam-attachments.ts'
import {
  countIdentities,
  findNameOwner,
  type IdentityKind,
  type IdentityRow,
  insertIdentity,
} from '../database/iam-identities.ts'
import { listInlinePolicies } from '../database/iam-inline-policies.ts'
import { identityArn, uniqueId } from '../identities/arns.ts'
import type { QueryCall } from '../server/query-action.ts'
import { deleteConflict, entityAlreadyExists } from '../server/query-error.ts'
import { type ContextValues, requestTags } from '../policies/context-values.ts'
import { authorizeIam } from './authorize-iam.ts'
import { checkTags, identityOwner, type InputTag, mergeTags, putTags, tagsOf } from './tag-rules.ts'
import { quotas, requireRoom } from './quotas.ts'
import { findBoundary } from './policy-arn.ts'

/** What is asked for when an identity is created. */
export interface NewIdentity {
  readonly kind: IdentityKind
  readonly name: string
  readonly path: string | undefined
  readonly boundary?: string | undefined
  readonly tags?: readonly InputTag[] | undefined
  /** What roles have besides. */
  readonly role?: Pick<
    IdentityRow,
    'trustPolicy' | 'trustPins' | 'description' | 'maxSessionSeconds'
  >
}

/** The kinds as the names of actions and of quotas have them. */
const kinds = {
  user: { word: 'User', quota: quotas.UsersQuota },
  group: { word: 'Group', quota: quotas.GroupsQuota },
  role: { word: 'Role', quota: quotas.RolesQuota },
} as const

/** Checks the tags, and asks for the permissions that creating it takes: with tags, that of tagging as well. */
export function prepareCreation(call: QueryCall, asked: NewIdentity): void {
  const { kind, name, path = '/', boundary } = asked
  checkTags(asked.tags ?? [], 'folded')
  const resource = identityArn(call.partition, { kind, account: call.account, path, name })
  const tags = tagsOf(asked.tags ?? [])
  const context: ContextValues = {
    ...requestTags(tags),
    'iam:permissionsboundary': boundary === undefined ? undefined : [boundary],
  }
  authorizeIam(call, { action: `iam:Create${kinds[kind].word}`, resource, context })
  if (tags.length === 0) return
  authorizeIam(call, { action: `iam:Tag${kinds[kind].word}`, resource, context })
}

/** Creates an identity. The permission was asked for before. */
export async function createIdentity(
  transaction: Writer,
  call: QueryCall,
  asked: NewIdentity,
): Promise<IdentityRow> {
  const { kind, name, path = '/', boundary } = asked
  const scope = { account: call.account, kind }
  await requireFreeName(transaction, scope, { name, owner: undefined })
  const { word, quota } = kinds[kind]
  requireRoom(await countIdentities(transaction, scope), quota, `${word}sPerAccount`)
  const policy =
    boundary === undefined ? undefined : await findBoundary(transaction, call, boundary)
  const row: IdentityRow = {
    id: uniqueId(kind),
    kind,
    account: call.account,
    name,
    path,
    createdAt: call.now,
    boundaryId: policy?.id,
    trustPolicy: asked.role?.trustPolicy,
    trustPins: asked.role?.trustPins ?? new Map(),
    description: asked.role?.description,
    maxSessionSeconds: asked.role?.maxSessionSeconds,
  }
  await insertIdentity(transaction, row)
  const tags = mergeTags([], asked.tags ?? [], 'folded')
  if (tags.length > 0) await putTags(transaction, identityOwner(row), tags)
  return row
}

/** Throws EntityAlreadyExists when somebody else has the name, in whatever case. */
export async function requireFreeName(
  reader: Reader,
  scope: { readonly account: string; readonly kind: IdentityKind },
  { name, owner }: { readonly name: string; readonly owner: string | undefined },
): Promise<void> {
  const other = await findNameOwner(reader, scope, name)
  if (other === undefined || other === owner) return
  throw entityAlreadyExists(`${kinds[scope.kind].word} with name ${name} already exists.`)
}

/** Throws DeleteConflict while an identity has policies. */
export async function requireNoPolicies(reader: Reader, id: string): Promise<void> {
  const page = { after: '', limit: 1, pathPrefix: '' }
  if ((await listAttachedPolicies(reader, id, page)).length > 0) {
    throw deleteConflict('Cannot delete entity, must detach all policies first.')
  }
  if ((await listInlinePolicies(reader, id, page)).length > 0) {
    throw deleteConflict('Cannot delete entity, must delete policies first.')
  }
}
