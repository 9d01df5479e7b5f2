/**
 * OpenID Connect providers: shown, listed and deleted. They are created in create-oidc-provider.ts.
 */
import { isoTime } from '../clock.ts'
import { deleteOidcProvider, listOidcProviders } from '../database/iam-oidc-providers.ts'
import { readTags } from '../database/iam-tags.ts'
import { oidcProviderArn } from '../identities/arns.ts'
import { noSuchEntity } from '../server/query-error.ts'
import { changes, reads } from './action.ts'
import { authorizeIam } from './authorize-iam.ts'
import { findProvider, providerArn, providerOwner } from './oidc-provider.ts'
import { putTags, tagList } from './tag-rules.ts'

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetOpenIDConnectProvider.html */
export const getOpenIDConnectProvider = reads(
  'GetOpenIDConnectProvider',
  { OpenIDConnectProviderArn: providerArn },
  async ({ OpenIDConnectProviderArn: arn }, call) => {
    const action = 'iam:GetOpenIDConnectProvider'
    const row = await findProvider(call.read, call, { arn, action })
    return {
      Url: row.url,
      ClientIDList: row.clientIds,
      ThumbprintList: row.thumbprints,
      CreateDate: isoTime(row.createdAt),
      Tags: tagList(await readTags(call.read, providerOwner(row).owner)),
    }
  },
)

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListOpenIDConnectProviders.html */
export const listOpenIDConnectProviders = reads(
  'ListOpenIDConnectProviders',
  {},
  async (_input, call) => {
    authorizeIam(call, { action: 'iam:ListOpenIDConnectProviders', resource: '*' })
    const rows = await listOidcProviders(call.read, call.account)
    const arns = rows.map(({ account, url }) => oidcProviderArn(call.partition, account, url))
    return { OpenIDConnectProviderList: arns.map((arn) => ({ Arn: arn })) }
  },
)

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteOpenIDConnectProvider.html */
export const deleteOpenIDConnectProvider = changes(
  'DeleteOpenIDConnectProvider',
  { OpenIDConnectProviderArn: providerArn },
  ({ OpenIDConnectProviderArn: arn }, call) =>
    call.write(async (transaction) => {
      const action = 'iam:DeleteOpenIDConnectProvider'
      const missing = () => noSuchEntity(`OpenId connect Provider ${arn} cannot be found.`)
      const row = await findProvider(transaction, call, { arn, action, missing })
      await putTags(transaction, providerOwner(row), [])
      await deleteOidcProvider(transaction, row.account, row.url)
      return undefined
    }),
)
