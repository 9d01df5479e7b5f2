import { callerOf, layersOf } from '../policies/caller-policies.ts'
import { principalContext } from '../policies/context-values.ts'
import type { QueryCall } from '../server/query-action.ts'
import { accessDenied, validationError } from '../server/query-error.ts'
import { signedAction } from './action.ts'
import { refuseMfa } from './mfa.ts'
import { issueRoleSession } from './role-session.ts'
import { assumeRoleRules } from './rules.ts'
import { checkSessionPolicies } from './session-policies.ts'
import { type SessionTags, sessionTags } from './session-tags.ts'
import { checkRoleArn, findRole, requireTrust } from './trust.ts'

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
export const assumeRole = signedAction('AssumeRole', assumeRoleRules, async (input, call) => {
  const { RoleArn, RoleSessionName: name, ProvidedContexts = [] } = input
  const account = checkRoleArn(RoleArn)
  const { caller } = call
  if (caller.type === 'Root') throw accessDenied('Roles may not be assumed by root accounts.')
  if (ProvidedContexts.length > 0) throw validationError('ProvidedContexts is not built yet.')
  const tags = sessionTags(input, caller)
  checkSessionPolicies(input)
  refuseMfa(input)
  const sourceIdentity = caller.session?.sourceIdentity ?? input.SourceIdentity
  const role = await trustedRole(call, {
    roleArn: RoleArn,
    session: { name, tags, sourceIdentity, externalId: input.ExternalId },
  })
  if (input.SourceIdentity !== undefined && input.SourceIdentity !== sourceIdentity) {
    // It is set once, and goes with every session that follows.
    throw validationError('The source identity is already set for this assume role session')
  }
  const response = await issueRoleSession(call, role, {
    name,
    seconds: input.DurationSeconds,
    chained: caller.session !== undefined,
    policies: input,
    tags,
    sourceIdentity,
  })
  call.note({ arn: RoleArn, accountId: account, type: 'AWS::IAM::Role' })
  if (account !== call.account) call.share(account)
  return response
})

async function trustedRole(
  call: QueryCall,
  asked: {
    readonly roleArn: string
    readonly session: {
      readonly name: string
      readonly tags: SessionTags
      readonly sourceIdentity: string | undefined
      readonly externalId: string | undefined
    }
  },
) {
  const { caller } = call
  // Of all that STS has, the bearer of a federation token may call GetCallerIdentity alone.
  const isBarred = caller.type === 'FederatedUser'
  return requireTrust(call, {
    action: 'AssumeRole',
    ...asked,
    role: isBarred ? undefined : await findRole(call, asked.roleArn),
    caller: callerOf(caller),
    layers: layersOf(caller),
    context: principalContext(caller),
    refusal: (action) => refusal(call, asked.roleArn, action),
  })
}

/** One sentence for whatever is in the way. */
const refusal = ({ caller }: QueryCall, roleArn: string, action: string) =>
  accessDenied(
    `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${roleArn}`,
  )
