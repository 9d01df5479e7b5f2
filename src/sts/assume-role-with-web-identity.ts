import { oidcProviderArn } from '../identities/arns.ts'
import type { UnsignedQueryCall } from '../server/query-action.ts'
import { accessDenied, validationError } from '../server/query-error.ts'
import { unsignedAction } from './action.ts'
import { issueRoleSession } from './role-session.ts'
import { webIdentityRules } from './rules.ts'
import { checkSessionPolicies } from './session-policies.ts'
import { sessionTags } from './session-tags.ts'
import { checkRoleArn, findRole, requireTrust } from './trust.ts'
import { claimContext, claimedSourceIdentity, claimedTags } from './web-identity-claims.ts'
import { verifyWebIdentityToken, type WebIdentityToken } from './web-identity-token.ts'

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html */
export const assumeRoleWithWebIdentity = unsignedAction(
  'AssumeRoleWithWebIdentity',
  webIdentityRules,
  async (input, call) => {
    const { RoleArn, RoleSessionName: name } = input
    const account = checkRoleArn(RoleArn)
    if (input.ProviderId !== undefined) {
      throw validationError('ProviderId is for OAuth 2.0 access tokens, which are not built yet.')
    }
    checkSessionPolicies(input)
    const token = await verifyWebIdentityToken(call, account, input.WebIdentityToken)
    const provider = oidcProviderArn(call.partition, account, token.provider.url)
    identify(call, token, provider)
    call.note({ arn: RoleArn, accountId: account, type: 'AWS::IAM::Role' })
    const tags = sessionTags(claimedTags(token.claims))
    const sourceIdentity = claimedSourceIdentity(token.claims)
    const role = requireTrust(call, {
      action: 'AssumeRoleWithWebIdentity',
      role: await findRole(call, RoleArn),
      roleArn: RoleArn,
      caller: { type: 'web', arn: provider, provider },
      layers: { identity: [], boundary: undefined, session: undefined },
      context: claimContext(token),
      session: { name, tags, sourceIdentity },
      refusal: (action) => accessDenied(`Not authorized to perform ${action}`),
    })
    const response = await issueRoleSession(call, role, {
      name,
      seconds: input.DurationSeconds,
      chained: false,
      policies: input,
      tags,
      sourceIdentity,
      webIdentity: { provider, attributes: attributesOf(token) },
    })
    return {
      ...response,
      SubjectFromWebIdentityToken: token.subject,
      Provider: token.issuer,
      Audience: token.audience,
    }
  },
)

/** For the record: the caller is the subject of the token, as soon as the token is proven. */
function identify(call: UnsignedQueryCall, token: WebIdentityToken, provider: string): void {
  const { subject, audience } = token
  call.identified(
    {
      type: 'WebIdentityUser',
      principalId: `${provider}:${audience}:${subject}`,
      userName: subject,
      identityProvider: provider,
    },
    token.provider.account,
  )
}

const attributesOf = ({ provider, audience, subject }: WebIdentityToken) => ({
  [`${provider.url}:aud`]: audience,
  [`${provider.url}:sub`]: subject,
})
