import { limitExceeded, unsupportedOperation, validation } from '../api/errors.ts'
import type { KeySpec, KeyUsage, Request } from '../api/types.ts'
import { algorithmsOf, keySpecRow } from '../crypto/key-specs.ts'
import { uuid } from '../crypto/random.ts'
import { countKeys, insertKey } from '../database/keys.ts'
import { setKeyPolicy } from '../database/policies.ts'
import { putTag } from '../database/tags.ts'
import type { Operation } from '../operation.ts'
import { acceptPolicy } from '../policies/accept-policy.ts'
import { defaultKeyPolicy } from '../policies/default-key-policy.ts'
import { checkTags } from '../tags/tag.ts'
import { keyMetadata, newKey } from './key.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html */
export const createKey: Operation<'CreateKey'> = async (request, call) => {
  const { spec, usage } = specAndUsage(request)
  const tags = request.Tags ?? []
  checkTags(tags)
  call.authorize('kms:CreateKey')
  if (tags.length > 0) call.authorize('kms:TagResource')
  const policy =
    request.Policy === undefined
      ? defaultKeyPolicy(call.scope)
      : await acceptPolicy(request.Policy, request.BypassPolicyLockoutSafetyCheck === true, call)
  const id = uuid()
  const material = call.keyStore.prepare({ ...call.scope, id, spec })
  const key = newKey(call.scope, {
    id,
    createdAt: call.now,
    description: request.Description ?? '',
    spec,
    usage,
    currentMaterialId: material.materialId,
  })
  return call.write(async (transaction) => {
    const count = await countKeys(transaction, call.scope)
    if (count >= call.limits.keys) {
      throw limitExceeded(
        `KMS keys quota for this account in this region is ${call.limits.keys}, current usage is ${count}.`,
      )
    }
    await insertKey(transaction, key)
    await material.store(transaction)
    await setKeyPolicy(transaction, key, policy)
    for (const tag of tags) {
      await putTag(transaction, key, { key: tag.TagKey, value: tag.TagValue })
    }
    call.note({ key })
    return { KeyMetadata: keyMetadata(key) }
  })
}

/** The spec and usage asked for, once they go together and this version can make such a key. */
function specAndUsage(request: Request<'CreateKey'>): { spec: KeySpec; usage: KeyUsage } {
  if (request.KeySpec !== undefined && request.CustomerMasterKeySpec !== undefined) {
    throw validation(
      'You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated.',
    )
  }
  const spec = request.KeySpec ?? request.CustomerMasterKeySpec ?? 'SYMMETRIC_DEFAULT'
  const row = keySpecRow(spec)
  if (row === undefined) {
    throw unsupportedOperation(`KeySpec ${spec} is not supported in this Region`)
  }
  if (request.KeyUsage === undefined && spec !== 'SYMMETRIC_DEFAULT') {
    throw validation(
      'You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.',
    )
  }
  const usage = request.KeyUsage ?? 'ENCRYPT_DECRYPT'
  if (algorithmsOf(spec, usage).length === 0) {
    throw validation(`KeyUsage ${usage} is not compatible with KeySpec ${spec}`)
  }
  refuseUnbuilt(request, row.built ? undefined : spec)
  return { spec, usage }
}

/** Kinds of key that the API knows and this version cannot make yet. */
function refuseUnbuilt(request: Request<'CreateKey'>, spec: KeySpec | undefined): void {
  if (spec !== undefined) throw unsupportedOperation(`KeySpec ${spec} is not built yet.`)
  if (request.Origin !== undefined && request.Origin !== 'AWS_KMS') {
    throw unsupportedOperation(`Origin ${request.Origin} is not built yet.`)
  }
  if (request.MultiRegion === true) throw unsupportedOperation('MultiRegion is not built yet.')
}
