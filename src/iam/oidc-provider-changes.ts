/**
 * What of an OpenID Connect provider can change: its audiences and its thumbprints.
 */
import { putOidcProvider } from '../database/iam-oidc-providers.ts'
import { invalidInput } from '../server/query-error.ts'
import { changes } from './action.ts'
import { tooManyClientIds } from './create-oidc-provider.ts'
import {
  clientId,
  findProvider,
  providerArn,
  requiredThumbprints,
  storedThumbprints,
} from './oidc-provider.ts'
import { oidcQuotas } from './quotas.ts'

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddClientIDToOpenIDConnectProvider.html */
export const addClientID = changes(
  'AddClientIDToOpenIDConnectProvider',
  { OpenIDConnectProviderArn: providerArn, ClientID: clientId },
  ({ OpenIDConnectProviderArn: arn, ClientID: id }, call) =>
    call.write(async (transaction) => {
      const action = 'iam:AddClientIDToOpenIDConnectProvider'
      const row = await findProvider(transaction, call, { arn, action })
      const clientIds = [...new Set([...row.clientIds, id])]
      if (clientIds.length > oidcQuotas.clientIds) throw tooManyClientIds()
      await putOidcProvider(transaction, { ...row, clientIds })
      return undefined
    }),
)

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveClientIDFromOpenIDConnectProvider.html */
export const removeClientID = changes(
  'RemoveClientIDFromOpenIDConnectProvider',
  { OpenIDConnectProviderArn: providerArn, ClientID: clientId },
  ({ OpenIDConnectProviderArn: arn, ClientID: id }, call) =>
    call.write(async (transaction) => {
      const action = 'iam:RemoveClientIDFromOpenIDConnectProvider'
      const row = await findProvider(transaction, call, { arn, action })
      const clientIds = row.clientIds.filter((other) => other !== id)
      await putOidcProvider(transaction, { ...row, clientIds })
      return undefined
    }),
)

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateOpenIDConnectProviderThumbprint.html */
export const updateThumbprint = changes(
  'UpdateOpenIDConnectProviderThumbprint',
  { OpenIDConnectProviderArn: providerArn, ThumbprintList: requiredThumbprints },
  ({ OpenIDConnectProviderArn: arn, ThumbprintList: given }, call) => {
    if (given.length === 0) throw invalidInput('Thumbprint list must contain at least one entry.')
    const thumbprints = storedThumbprints(given, oidcQuotas.thumbprints)
    return call.write(async (transaction) => {
      const action = 'iam:UpdateOpenIDConnectProviderThumbprint'
      const row = await findProvider(transaction, call, { arn, action })
      await putOidcProvider(transaction, { ...row, thumbprints })
      return undefined
    })
  },
)
