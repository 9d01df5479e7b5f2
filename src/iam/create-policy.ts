import type { Writer } from '../database/database.ts'
import {
  countPolicies,
  insertPolicy,
  insertPolicyVersion,
  isPolicyNameTaken,
  type PolicyRow,
} from '../database/iam-policies.ts'
import { policyArn, uniqueId } from '../identities/arns.ts'
import type { QueryCall } from '../server/query-action.ts'
import { entityAlreadyExists } from '../server/query-error.ts'
import { changes } from './action.ts'
import { authorizeIam } from './authorize-iam.ts'
import { policyMembers, policyOwner } from './managed-policy.ts'
import { checkManagedPolicy } from './policy-document.ts'
import { quotas, requireRoom } from './quotas.ts'
import { documentRule, policyDescription, policyName, policyPath, tags } from './rules.ts'
import {
  checkTags,
  type InputTag,
  mergeTags,
  putTags,
  tagContext,
  tagsMember,
} from './tag-rules.ts'

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html */
export const createPolicy = changes(
  'CreatePolicy',
  {
    policyName,
    Path: policyPath,
    document: documentRule('PolicyDocument'),
    Description: policyDescription,
    Tags: tags,
  },
  (input, call) => {
    const { policyName: name, Path: path = '/', document, Description: description } = input
    const { Tags = [] } = input
    checkTags(Tags, 'exact')
    authorizeCreation(call, { name, path, tags: Tags })
    checkManagedPolicy(document)
    return call.write(async (transaction) => {
      const row = await insert(transaction, call, { name, path, document, description })
      const tagged = mergeTags([], Tags, 'exact')
      if (tagged.length > 0) await putTags(transaction, policyOwner(row), tagged)
      const members = await policyMembers(transaction, call, row)
      return { Policy: { ...members, Tags: tagsMember(tagged) } }
    })
  },
)

function authorizeCreation(
  call: QueryCall,
  policy: { readonly name: string; readonly path: string; readonly tags: readonly InputTag[] },
): void {
  const resource = policyArn(call.partition, { ...policy, account: call.account })
  const context = tagContext(policy.tags)
  authorizeIam(call, { action: 'iam:CreatePolicy', resource, context })
  if (policy.tags.length > 0) authorizeIam(call, { action: 'iam:TagPolicy', resource, context })
}

async function insert(
  transaction: Writer,
  call: QueryCall,
  asked: Pick<PolicyRow, 'name' | 'path' | 'description'> & { readonly document: string },
): Promise<PolicyRow> {
  const { account, now } = call
  const { document, ...named } = asked
  if (await isPolicyNameTaken(transaction, account, named.name)) {
    throw entityAlreadyExists(
      `A policy called ${named.name} already exists. Duplicate names are not allowed.`,
    )
  }
  const { policies } = await countPolicies(transaction, account)
  requireRoom(policies, quotas.PoliciesQuota, 'PoliciesPerAccount')
  const row: PolicyRow = {
    ...named,
    id: uniqueId('policy'),
    account,
    defaultVersion: 1,
    lastVersion: 1,
    createdAt: now,
    updatedAt: now,
  }
  await insertPolicy(transaction, row)
  await insertPolicyVersion(transaction, row.id, { version: 1, document, createdAt: now })
  return row
}
