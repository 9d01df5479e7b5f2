/**
 * Versions of managed policies. https://docs.aws.amazon.com/IAM/latest/APIReference/API_PolicyVersion.html
 */
import type { Reader } from '../database/database.ts'
import {
  deletePolicyVersion as deleteRow,
  findPolicyVersion,
  insertPolicyVersion,
  listPolicyVersions as listRows,
  type PolicyRow,
  type PolicyVersionRow,
  updatePolicy,
} from '../database/iam-policies.ts'
import { deleteConflict, limitExceeded, noSuchEntity } from '../server/query-error.ts'
import { changes, reads } from './action.ts'
import { encodeDocument } from './encode-document.ts'
import { findManagedPolicy, versionMembers } from './managed-policy.ts'
import { cutPage, readPage } from './paging.ts'
import { checkManagedPolicy } from './policy-document.ts'
import { quotas } from './quotas.ts'
import { documentRule, paging, policyArn, setAsDefault, versionId } from './rules.ts'

const outsideUpdate = 'Cannot update policies outside your own account.'

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicyVersion.html */
export const createPolicyVersion = changes(
  'CreatePolicyVersion',
  { PolicyArn: policyArn, document: documentRule('PolicyDocument'), SetAsDefault: setAsDefault },
  ({ PolicyArn: arn, document, SetAsDefault: isDefault = false }, call) =>
    call.write(async (transaction) => {
      const row = await findManagedPolicy(transaction, call, {
        arn,
        action: 'iam:CreatePolicyVersion',
        missing: () => noSuchEntity(`Policy ${arn} does not exist or is not attachable.`),
        outside: outsideUpdate,
      })
      checkManagedPolicy(document)
      const versions = await listRows(transaction, row.id)
      if (versions.length >= quotas.VersionsPerPolicyQuota) {
        throw limitExceeded(
          'A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.',
        )
      }
      const version = row.lastVersion + 1
      const added = { version, document, createdAt: call.now }
      await insertPolicyVersion(transaction, row.id, added)
      const defaultVersion = isDefault ? version : row.defaultVersion
      const updated = { ...row, lastVersion: version, defaultVersion, updatedAt: call.now }
      await updatePolicy(transaction, updated)
      return { PolicyVersion: versionMembers(updated, added) }
    }),
)

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicyVersion.html */
export const getPolicyVersion = reads(
  'GetPolicyVersion',
  { PolicyArn: policyArn, VersionId: versionId },
  async ({ PolicyArn: arn, VersionId: id }, call) => {
    const missing = () => noSuchVersion(arn, id)
    const action = 'iam:GetPolicyVersion'
    const row = await findManagedPolicy(call.read, call, { arn, action, missing })
    const version = await findVersion(call.read, row, { arn, id })
    const Document = encodeDocument(version.document)
    return { PolicyVersion: { Document, ...versionMembers(row, version) } }
  },
)

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicyVersions.html */
export const listPolicyVersions = reads(
  'ListPolicyVersions',
  { PolicyArn: policyArn, ...paging },
  async (input, call) => {
    const { PolicyArn: arn } = input
    const missing = () => noSuchEntity(`Policy ${arn} was not found.`)
    const action = 'iam:ListPolicyVersions'
    const row = await findManagedPolicy(call.read, call, { arn, action, missing })
    const page = readPage(call, input, { action: 'ListPolicyVersions', filter: row.id })
    const before = page.after === '' ? Number.POSITIVE_INFINITY : Number(page.after)
    const all = await listRows(call.read, row.id)
    const rows = all.filter(({ version }) => version < before).slice(0, page.limit)
    const cut = cutPage(call, { rows, page }, ({ version }) => String(version))
    return { Versions: cut.rows.map((version) => versionMembers(row, version)), ...cut.members }
  },
)

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_SetDefaultPolicyVersion.html */
export const setDefaultPolicyVersion = changes(
  'SetDefaultPolicyVersion',
  { PolicyArn: policyArn, VersionId: versionId },
  ({ PolicyArn: arn, VersionId: id }, call) =>
    call.write(async (transaction) => {
      const row = await findManagedPolicy(transaction, call, {
        arn,
        action: 'iam:SetDefaultPolicyVersion',
        missing: () => noSuchVersion(arn, id),
        outside: outsideUpdate,
      })
      const { version } = await findVersion(transaction, row, { arn, id })
      await updatePolicy(transaction, { ...row, defaultVersion: version, updatedAt: call.now })
      return undefined
    }),
)

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicyVersion.html */
export const deletePolicyVersion = changes(
  'DeletePolicyVersion',
  { PolicyArn: policyArn, VersionId: versionId },
  ({ PolicyArn: arn, VersionId: id }, call) =>
    call.write(async (transaction) => {
      const row = await findManagedPolicy(transaction, call, {
        arn,
        action: 'iam:DeletePolicyVersion',
        missing: () => noSuchVersion(arn, id),
        outside: 'Cannot delete policy versions for policies outside your own account.',
      })
      const { version } = await findVersion(transaction, row, { arn, id })
      if (version === row.defaultVersion) {
        throw deleteConflict('Cannot delete the default version of a policy.')
      }
      await deleteRow(transaction, row.id, version)
      return undefined
    }),
)

const noSuchVersion = (arn: string, id: string) =>
  noSuchEntity(`Policy ${arn} version ${id} does not exist or is not attachable.`)

async function findVersion(
  reader: Reader,
  policy: PolicyRow,
  asked: { readonly arn: string; readonly id: string },
): Promise<PolicyVersionRow> {
  const number = /^v(\d{1,15})$/.exec(asked.id)?.[1]
  const version =
    number === undefined ? undefined : await findPolicyVersion(reader, policy.id, Number(number))
  if (version === undefined) throw noSuchVersion(asked.arn, asked.id)
  return version
}
