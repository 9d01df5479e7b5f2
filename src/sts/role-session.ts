/**
 * A session of a role, once the role trusts whoever asked for it.
 */
import { sessionArn } from '../identities/arns.ts'
import type { IdentityFacts } from '../identities/identity-directory.ts'
import type { WebIdentity } from '../identities/session-token.ts'
import type { UnsignedQueryCall } from '../server/query-action.ts'
import type { XmlStructure } from '../server/xml.ts'
import { roleSeconds } from './durations.ts'
import { issueCredentials } from './issue.ts'
import { findSessionPolicies, type GivenPolicies, packedPercent } from './session-policies.ts'
import type { SessionTags } from './session-tags.ts'

/** What is asked for. */
export interface RoleSessionRequest {
  readonly name: string
  readonly seconds: number | undefined
  /** Whether whoever asks has temporary credentials himself. */
  readonly chained: boolean
  readonly policies: GivenPolicies
  readonly tags: SessionTags
  readonly sourceIdentity: string | undefined
  readonly webIdentity?: WebIdentity
}

/** Issues the session and answers what AssumeRole and its relatives have in common. */
export async function issueRoleSession(
  call: UnsignedQueryCall,
  { row }: IdentityFacts,
  asked: RoleSessionRequest,
): Promise<XmlStructure> {
  const { account, id, name: roleName } = row
  const { name, chained, tags, sourceIdentity, webIdentity } = asked
  const seconds = roleSeconds(asked.seconds, { maximum: row.maxSessionSeconds, chained })
  const policies = await findSessionPolicies(call, account, asked.policies)
  const percent = packedPercent(asked.policies, tags.all)
  const Credentials = issueCredentials(call, seconds, {
    of: 'role',
    account,
    id,
    name,
    tags: tags.all,
    transitiveTagKeys: tags.transitive,
    sourceIdentity,
    policies,
    ...(webIdentity && { webIdentity }),
  })
  return {
    Credentials,
    AssumedRoleUser: {
      AssumedRoleId: `${id}:${name}`,
      Arn: sessionArn(call.partition, { account, roleName, sessionName: name }),
    },
    PackedPolicySize: percent === 0 ? undefined : percent,
    SourceIdentity: sourceIdentity,
  }
}
