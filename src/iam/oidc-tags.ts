/**
 * Tags of OpenID Connect providers; their keys may differ by case alone.
 */
import { readTags } from '../database/iam-tags.ts'
import { changes, reads } from './action.ts'
import { requestTags } from '../policies/context-values.ts'
import { findProvider, providerArn, providerOwner } from './oidc-provider.ts'
import { cutPage, readPage } from './paging.ts'
import { paging, requiredTags, tagKeys } from './rules.ts'
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

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagOpenIDConnectProvider.html */
export const tagProvider = changes(
  'TagOpenIDConnectProvider',
  { OpenIDConnectProviderArn: providerArn, Tags: requiredTags },
  ({ OpenIDConnectProviderArn: arn, Tags }, call) => {
    checkTags(Tags, 'exact')
    return call.write(async (transaction) => {
      const context = requestTags(tagsOf(Tags))
      const look = { arn, action: 'iam:TagOpenIDConnectProvider', context } as const
      const owner = providerOwner(await findProvider(transaction, call, look))
      const tags = mergeTags(await readTags(transaction, owner.owner), Tags, 'exact')
      await putTags(transaction, owner, tags)
      return undefined
    })
  },
)

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagOpenIDConnectProvider.html */
export const untagProvider = changes(
  'UntagOpenIDConnectProvider',
  { OpenIDConnectProviderArn: providerArn, TagKeys: tagKeys },
  ({ OpenIDConnectProviderArn: arn, TagKeys }, call) =>
    call.write(async (transaction) => {
      const context = requestTags(TagKeys.map((key) => ({ key })))
      const look = { arn, action: 'iam:UntagOpenIDConnectProvider', context } as const
      const owner = providerOwner(await findProvider(transaction, call, look))
      const tags = withoutTags(await readTags(transaction, owner.owner), TagKeys, 'exact')
      await putTags(transaction, owner, tags)
      return undefined
    }),
)

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListOpenIDConnectProviderTags.html */
export const listProviderTags = reads(
  'ListOpenIDConnectProviderTags',
  { OpenIDConnectProviderArn: providerArn, ...paging },
  async (input, call) => {
    const { OpenIDConnectProviderArn: arn } = input
    const look = { arn, action: 'iam:ListOpenIDConnectProviderTags' } as const
    const { owner } = providerOwner(await findProvider(call.read, call, look))
    const page = readPage(call, input, { action: 'ListOpenIDConnectProviderTags', filter: owner })
    const rows = afterKey(await readTags(call.read, owner), page)
    const cut = cutPage(call, { rows, page }, tagPosition)
    return { Tags: tagList(cut.rows), ...cut.members }
  },
)
