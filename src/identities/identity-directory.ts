/**
 * Who a user or a role is and what binds it: found by unique id at each request, kept in memory by views that the feed
 * keeps fresh. Policies and groups are kept apart, so that a change of one reaches everybody who has it at once.
 */
import type { Database, Reader } from '../database/database.ts'
import { listAttachedPolicies } from '../database/iam-attachments.ts'
import { listGroupsOf } from '../database/iam-groups.ts'
import {
  findIdentity,
  findIdentityByName,
  type IdentityRow,
  identityRowName,
} from '../database/iam-identities.ts'
import { type InlinePolicy, listInlinePolicies } from '../database/iam-inline-policies.ts'
import { findDefaultVersion, policyRowName } from '../database/iam-policies.ts'
import { readTags } from '../database/iam-tags.ts'
import { policyArn } from './arns.ts'
import type { NamedPolicy, PrincipalTag } from './principal.ts'

/** A user or a role with everything that its permissions come from. The same object for as long as nothing changes. */
export interface IdentityFacts {
  readonly row: IdentityRow
  readonly tags: readonly PrincipalTag[]
  /** Identity policies, own and of groups, and the permissions boundary. */
  readonly policies: readonly NamedPolicy[]
}

/** Looks identities up. */
export interface IdentityDirectory {
  /** The user or role of this unique id; undefined if and only if there is none. */
  find(id: string, partition: string): Promise<IdentityFacts | undefined>
  /** The role of exactly this name; undefined if and only if there is none. */
  roleByName(account: string, name: string, partition: string): Promise<IdentityFacts | undefined>
  /** The managed policy of this unique id; undefined if and only if there is none. The same object while nothing changes. */
  managedPolicy(id: string): Promise<ManagedPolicy | undefined>
}

/** How many identities and how many policies stay in memory. */
const keptIdentities = 10_000
const keptPolicies = 10_000

/** What is kept of a user, group or role. */
interface Holder {
  readonly row: IdentityRow
  readonly tags: readonly PrincipalTag[]
  readonly inline: readonly InlinePolicy[]
  readonly attached: readonly string[]
  readonly groups: readonly string[]
}

/** What is kept of a managed policy. */
export interface ManagedPolicy {
  readonly account: string
  readonly path: string
  readonly name: string
  readonly text: string
}

/** Facts that were put together, and the kept entries that they were put together from. */
interface Assembled {
  readonly partition: string
  readonly parts: readonly object[]
  readonly facts: IdentityFacts
}

/** The directory over a database. */
export function identityDirectory(database: Database): IdentityDirectory {
  const holders = database.view<Holder>(keptIdentities)
  const policies = database.view<ManagedPolicy>(keptPolicies)
  const assembled = new WeakMap<Holder, Assembled>()
  const holder = (id: string) => {
    const name = identityRowName(id)
    return holders.get(name) ?? holders.find(name, () => readHolder(database.read, id))
  }
  const managedPolicy = async (id: string) => {
    const name = policyRowName(id)
    return policies.get(name) ?? (await policies.find(name, () => readManaged(database.read, id)))
  }
  const managed = async (id: string) => {
    const found = await managedPolicy(id)
    if (found === undefined) throw new MissingPolicy(`the policy \`${id}\` is in use and not there`)
    return found
  }

  async function find(id: string, partition: string): Promise<IdentityFacts | undefined> {
    try {
      return await assembleOf(id, partition)
    } catch (error) {
      if (!(error instanceof MissingPolicy)) throw error
      // It was detached and deleted since the identity was read; otherwise nobody knows what the identity may do.
      await database.catchUp()
      return assembleOf(id, partition)
    }
  }

  async function assembleOf(id: string, partition: string): Promise<IdentityFacts | undefined> {
    const owner = await holder(id)
    if (owner === undefined) return undefined
    const sources = [owner]
    for (const groupId of owner.groups) {
      const group = await holder(groupId)
      if (group !== undefined) sources.push(group)
    }
    const parts: object[] = [...sources]
    for (const source of sources) {
      for (const policyId of source.attached) parts.push(await managed(policyId))
    }
    const { boundaryId } = owner.row
    const boundary = boundaryId === undefined ? undefined : await managed(boundaryId)
    if (boundary !== undefined) parts.push(boundary)
    const known = assembled.get(owner)
    if (known !== undefined && known.partition === partition && same(known.parts, parts)) {
      return known.facts
    }
    const managedParts = parts.slice(sources.length) as ManagedPolicy[]
    const facts = assemble({ sources, managedParts, boundary }, partition)
    assembled.set(owner, { partition, parts, facts })
    return facts
  }

  return {
    find,
    roleByName: async (account, name, partition) => {
      const row = await findIdentityByName(database.read, { account, kind: 'role' }, name)
      return row && find(row.id, partition)
    },
    managedPolicy,
  }
}

class MissingPolicy extends Error {}

const same = (one: readonly object[], other: readonly object[]) =>
  one.length === other.length && one.every((part, index) => part === other[index])

function assemble(
  from: {
    /** The identity itself and its groups. */
    readonly sources: readonly Holder[]
    /** The managed policies of the sources in turn, and the boundary last. */
    readonly managedParts: readonly ManagedPolicy[]
    readonly boundary: ManagedPolicy | undefined
  },
  partition: string,
): IdentityFacts {
  const [owner] = from.sources
  if (owner === undefined) throw new Error('an identity is its own first source')
  const attached = from.managedParts.slice(0, from.boundary === undefined ? undefined : -1)
  const inline = from.sources.flatMap(({ row, inline: policies }) =>
    policies.map(({ name, document }) => ({
      kind: 'identity' as const,
      name: `${row.kind}/${row.name}/${name}`,
      text: document,
    })),
  )
  return {
    row: owner.row,
    tags: owner.tags,
    policies: [
      ...inline,
      ...attached.map((policy) => named('identity', policy, partition)),
      ...(from.boundary === undefined ? [] : [named('boundary', from.boundary, partition)]),
    ],
  }
}

const named = (
  kind: 'identity' | 'boundary',
  policy: ManagedPolicy,
  partition: string,
): NamedPolicy => ({
  kind,
  name: policyArn(partition, policy),
  text: policy.text,
})

async function readHolder(reader: Reader, id: string): Promise<Holder | undefined> {
  const row = await findIdentity(reader, id)
  if (row === undefined) return undefined
  const groups =
    row.kind === 'user' ? await listGroupsOf(reader, id, { after: '', limit: 1000 }) : []
  const attached = await listAttachedPolicies(reader, id)
  return {
    row,
    tags: row.kind === 'group' ? [] : await readTags(reader, id),
    inline: await listInlinePolicies(reader, id),
    attached: attached.map((policy) => policy.id),
    groups: groups.map((group) => group.id),
  }
}

async function readManaged(reader: Reader, id: string): Promise<ManagedPolicy | undefined> {
  const found = await findDefaultVersion(reader, id)
  return found && { ...found, text: found.document }
}
