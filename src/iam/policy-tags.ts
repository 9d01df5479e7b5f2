/**
 * Tags of managed policies; their keys may differ by case alone.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagPolicy.html
 */
import { readTags } from '../database/iam-tags.ts'
import { noSuchEntity } from '../server/query-error.ts'
import { changes, reads } from './action.ts'
import { requestTags } from '../policies/context-values.ts'
import { findManagedPolicy, policyOwner } from './managed-policy.ts'
import { cutPage, readPage } from './paging.ts'
import { paging, policyArn, requiredTags, tagKeys } from './rules.ts'
import {
  afterKey,
  checkTags,
  mergeTags,
  putTags,
  tagList,
  tagPosition,
  tagsOf,
  withoutTags,
} from './tag-rules.ts'

const notFound = (arn: string) => () => noSuchEntity(`Policy ${arn} was not found.`)
const outside = 'Cannot update policies outside your own account.'

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagPolicy.html */
export const tagPolicy = changes(
  'TagPolicy',
  { PolicyArn: policyArn, Tags: requiredTags },
  ({ PolicyArn: arn, Tags }, call) => {
    checkTags(Tags, 'exact')
    return call.write(async (transaction) => {
      const context = requestTags(tagsOf(Tags))
      const look = {
        arn,
        action: 'iam:TagPolicy',
        context,
        missing: notFound(arn),
        outside,
      } as const
      const row = await findManagedPolicy(transaction, call, look)
      const tags = mergeTags(await readTags(transaction, row.id), Tags, 'exact')
      await putTags(transaction, policyOwner(row), tags)
      return undefined
    })
  },
)

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagPolicy.html */
export const untagPolicy = changes(
  'UntagPolicy',
  { PolicyArn: policyArn, TagKeys: tagKeys },
  ({ PolicyArn: arn, TagKeys }, call) =>
    call.write(async (transaction) => {
      const context = requestTags(TagKeys.map((key) => ({ key })))
      const action = 'iam:UntagPolicy'
      const look = { arn, action, context, missing: notFound(arn), outside } as const
      const row = await findManagedPolicy(transaction, call, look)
      const tags = withoutTags(await readTags(transaction, row.id), TagKeys, 'exact')
      await putTags(transaction, policyOwner(row), tags)
      return undefined
    }),
)

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicyTags.html */
export const listPolicyTags = reads(
  'ListPolicyTags',
  { PolicyArn: policyArn, ...paging },
  async (input, call) => {
    const { PolicyArn: arn } = input
    const look = { arn, action: 'iam:ListPolicyTags', missing: notFound(arn) } as const
    const row = await findManagedPolicy(call.read, call, look)
    const page = readPage(call, input, { action: 'ListPolicyTags', filter: row.id })
    const rows = afterKey(await readTags(call.read, row.id), page)
    const cut = cutPage(call, { rows, page }, tagPosition)
    return { Tags: tagList(cut.rows), ...cut.members }
  },
)
