/**
 * Tags of users and roles. https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagUser.html
 */
import { readTags } from '../database/iam-tags.ts'
import type { SignedAction } from '../server/query-action.ts'
import { changes, reads } from './action.ts'
import { requestTags } from '../policies/context-values.ts'
import { findNamed } from './identity.ts'
import { cutPage, readPage } from './paging.ts'
import { existingName, paging, requiredTags, tagKeys } from './rules.ts'
import {
  afterKey,
  checkTags,
  identityOwner,
  mergeTags,
  putTags,
  tagList,
  tagPosition,
  tagsOf,
  withoutTags,
} from './tag-rules.ts'

/** The actions on tags of one kind of identity. */
export function identityTagActions(kind: 'user' | 'role'): readonly SignedAction[] {
  return [tag(kind), untag(kind), listTags(kind)]
}

const words = { user: 'User', role: 'Role' } as const

function tag(kind: 'user' | 'role'): SignedAction {
  const name = `Tag${words[kind]}` as const
  const rules = { name: existingName(kind), Tags: requiredTags }
  return changes(name, rules, ({ name: identity, Tags }, call) => {
    checkTags(Tags, 'folded')
    return call.write(async (transaction) => {
      const context = requestTags(tagsOf(Tags))
      const look = { kind, name: identity, action: `iam:${name}`, context } as const
      const row = await findNamed(transaction, call, look)
      const tags = mergeTags(await readTags(transaction, row.id), Tags, 'folded')
      await putTags(transaction, identityOwner(row), tags)
      return undefined
    })
  })
}

function untag(kind: 'user' | 'role'): SignedAction {
  const name = `Untag${words[kind]}` as const
  const rules = { name: existingName(kind), TagKeys: tagKeys }
  return changes(name, rules, ({ name: identity, TagKeys }, call) =>
    call.write(async (transaction) => {
      const context = requestTags(TagKeys.map((key) => ({ key })))
      const look = { kind, name: identity, action: `iam:${name}`, context } as const
      const row = await findNamed(transaction, call, look)
      const tags = withoutTags(await readTags(transaction, row.id), TagKeys, 'folded')
      await putTags(transaction, identityOwner(row), tags)
      return undefined
    }),
  )
}

function listTags(kind: 'user' | 'role'): SignedAction {
  const name = `List${words[kind]}Tags` as const
  return reads(name, { name: existingName(kind), ...paging }, async (input, call) => {
    const look = { kind, name: input.name, action: `iam:${name}` } as const
    const row = await findNamed(call.read, call, look)
    const page = readPage(call, input, { action: name, filter: row.id })
    const rows = afterKey(await readTags(call.read, row.id), page)
    const cut = cutPage(call, { rows, page }, tagPosition)
    return { Tags: tagList(cut.rows), ...cut.members }
  })
}
