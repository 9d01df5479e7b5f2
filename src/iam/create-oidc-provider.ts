import {
  findOidcProvider,
  listOidcProviders,
  putOidcProvider,
} from '../database/iam-oidc-providers.ts'
import { oidcProviderArn } from '../identities/arns.ts'
import { entityAlreadyExists, limitExceeded } from '../server/query-error.ts'
import { changes } from './action.ts'
import { requestTags } from '../policies/context-values.ts'
import { authorizeIam } from './authorize-iam.ts'
import {
  clientIds,
  issuerOf,
  providerOwner,
  providerUrl,
  storedThumbprints,
  thumbprints,
} from './oidc-provider.ts'
import { oidcQuotas, requireRoom } from './quotas.ts'
import { tags } from './rules.ts'
import { checkTags, mergeTags, putTags, tagsMember, tagsOf } from './tag-rules.ts'

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html */
export const createOpenIDConnectProvider = changes(
  'CreateOpenIDConnectProvider',
  // Violations are told in this order.
  { ClientIDList: clientIds, ThumbprintList: thumbprints, Url: providerUrl, Tags: tags },
  (input, call) => {
    const { Url, ClientIDList = [], ThumbprintList = [], Tags = [] } = input
    checkTags(Tags, 'exact')
    const { account } = call
    const url = issuerOf(Url)
    const arn = oidcProviderArn(call.partition, account, url)
    const context = requestTags(tagsOf(Tags))
    authorizeIam(call, { action: 'iam:CreateOpenIDConnectProvider', resource: arn, context })
    if (Tags.length > 0) {
      authorizeIam(call, { action: 'iam:TagOpenIDConnectProvider', resource: arn, context })
    }
    const ids = [...new Set(ClientIDList)]
    if (ids.length > oidcQuotas.clientIds) throw tooManyClientIds()
    const prints = storedThumbprints(ThumbprintList, oidcQuotas.thumbprints)
    return call.write(async (transaction) => {
      if ((await findOidcProvider(transaction, account, url)) !== undefined) {
        throw entityAlreadyExists(`Provider with url ${Url} already exists.`)
      }
      const { length } = await listOidcProviders(transaction, account)
      requireRoom(length, oidcQuotas.providers, 'OpenIDConnectProvidersPerAccount')
      const row = { account, url, createdAt: call.now, clientIds: ids, thumbprints: prints }
      await putOidcProvider(transaction, row)
      const tagged = mergeTags([], Tags, 'exact')
      if (tagged.length > 0) await putTags(transaction, providerOwner(row), tagged)
      return { OpenIDConnectProviderArn: arn, Tags: tagsMember(tagged) }
    })
  },
)

/** Every provider takes so many audiences. */
export const tooManyClientIds = () =>
  limitExceeded(
    `Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: ${oidcQuotas.clientIds}`,
  )
