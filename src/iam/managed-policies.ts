/**
 * Managed policies: shown and deleted. They are created in create-policy.ts.
 */
import { countPolicyUses } from '../database/iam-attachments.ts'
import { deletePolicy as deleteRow, listPolicyVersions } from '../database/iam-policies.ts'
import { readTags } from '../database/iam-tags.ts'
import { deleteConflict, noSuchEntity } from '../server/query-error.ts'
import { changes, reads } from './action.ts'
import { findManagedPolicy, policyMembers, policyOwner } from './managed-policy.ts'
import { policyArn } from './rules.ts'
import { putTags, tagList } from './tag-rules.ts'

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicy.html */
export const getPolicy = reads('GetPolicy', { PolicyArn: policyArn }, async (input, call) => {
  const { PolicyArn: arn } = input
  const missing = () => noSuchEntity(`Policy ${arn} was not found.`)
  const row = await findManagedPolicy(call.read, call, { arn, action: 'iam:GetPolicy', missing })
  const Tags = tagList(await readTags(call.read, row.id))
  const members = await policyMembers(call.read, call, row)
  return { Policy: { ...members, Description: row.description, Tags } }
})

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html */
export const deletePolicy = changes(
  'DeletePolicy',
  { PolicyArn: policyArn },
  ({ PolicyArn: arn }, call) =>
    call.write(async (transaction) => {
      const row = await findManagedPolicy(transaction, call, {
        arn,
        action: 'iam:DeletePolicy',
        missing: () => noSuchEntity(`Policy ${arn} was not found.`),
        outside: 'Cannot delete policies outside your own account.',
      })
      const uses = await countPolicyUses(transaction, row.id, row.account)
      if (uses.attachments + uses.boundaries > 0) {
        throw deleteConflict('Cannot delete a policy attached to entities.')
      }
      if ((await listPolicyVersions(transaction, row.id)).length > 1) {
        throw deleteConflict(
          "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
        )
      }
      await putTags(transaction, policyOwner(row), [])
      await deleteRow(transaction, row.id)
      return undefined
    }),
)
