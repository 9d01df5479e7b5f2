import { limitExceeded, unsupportedOperation, validation } from '../api/errors.ts'
import type { KeySpec, KeyUsage, Origin, Request } from '../api/types.ts'
import { algorithmsOf, keySpecRow } from '../crypto/key-specs.ts'
import { uuid } from '../crypto/random.ts'
import type { Writer } from '../database/database.ts'
import { everyRegion } from '../database/key-material.ts'
import { countKeys, insertKey } from '../database/keys.ts'
import { newEntry, putEntry } from '../database/material-entries.ts'
import { setKeyPolicy } from '../database/policies.ts'
import { putTag } from '../database/tags.ts'
import type { PreparedMaterial } from '../key-stores/key-store.ts'
import type { Operation } from '../operation.ts'
import { acceptPolicy } from '../policies/accept-policy.ts'
import { defaultKeyPolicy } from '../policies/default-key-policy.ts'
import { checkTags } from '../tags/tag.ts'
import { type Key, keyMetadata, newKey } from './key.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html */
export const createKey: Operation<'CreateKey'> = async (request, call) => {
  const { spec, usage, origin } = kindOfKey(request)
  const tags = request.Tags ?? []
  checkTags(tags)
  call.authorize('kms:CreateKey')
  if (tags.length > 0) call.authorize('kms:TagResource')
  const policy =
    request.Policy === undefined
      ? defaultKeyPolicy(call.scope)
      : await acceptPolicy(request.Policy, request.BypassPolicyLockoutSafetyCheck === true, call)
  const made = newKey(call.scope, {
    id: request.MultiRegion === true ? `mrk-${uuid().replaceAll('-', '')}` : uuid(),
    createdAt: call.now,
    description: request.Description ?? '',
    spec,
    usage,
    origin,
    state: origin === 'EXTERNAL' ? 'PendingImport' : 'Enabled',
    multiRegion: request.MultiRegion === true,
    primaryRegion: request.MultiRegion === true ? call.scope.region : undefined,
  })
  const material = origin === 'EXTERNAL' ? undefined : await call.keyStore.prepare(made)
  const key = { ...made, currentMaterialId: material?.materialId }
  return call.write(async (transaction) => {
    const count = await countKeys(transaction, call.scope)
    if (count >= call.limits.keys) {
      throw limitExceeded(
        `KMS keys quota for this account in this region is ${call.limits.keys}, current usage is ${count}.`,
      )
    }
    await insertKey(transaction, key)
    if (material !== undefined) await firstMaterial(transaction, key, material)
    await setKeyPolicy(transaction, key, policy)
    for (const tag of tags) {
      await putTag(transaction, key, { key: tag.TagKey, value: tag.TagValue })
    }
    call.note({ resource: { arn: key.arn, accountId: key.account } })
    return { KeyMetadata: keyMetadata(key) }
  })
}

/** Stores the material that a key begins with. */
async function firstMaterial(
  transaction: Writer,
  key: Key,
  material: PreparedMaterial,
): Promise<void> {
  await material.store(transaction)
  const { materialId } = material
  await putEntry(transaction, newEntry({ keyId: key.id, region: everyRegion, materialId }))
}

/** What kind of key is asked for, once its parts go together. */
function kindOfKey(request: Request<'CreateKey'>): {
  readonly spec: KeySpec
  readonly usage: KeyUsage
  readonly origin: Origin
} {
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
  const origin = request.Origin ?? 'AWS_KMS'
  if (origin !== 'AWS_KMS' && origin !== 'EXTERNAL') {
    throw unsupportedOperation(`Origin ${origin} is not built yet.`)
  }
  if (origin === 'EXTERNAL' && !row.importable) {
    throw validation(`KeySpec ${spec} is not supported for Origin ${origin}`)
  }
  return { spec, usage, origin }
}
