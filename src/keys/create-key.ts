import { uuid } from '../crypto/random.ts'
import { insertKey } from '../database/keys.ts'
import { setKeyPolicy } from '../database/policies.ts'
import { putTag } from '../database/tags.ts'
import type { Operation } from '../operation.ts'
import { newKeyPolicy } from '../policies/new-key-policy.ts'
import { checkTags } from '../tags/tag.ts'
import { storeFirstMaterial } from './first-material.ts'
import { keyMetadata, newKey } from './key.ts'
import { kindOfKey, requireStore } from './key-kind.ts'
import { refuseKeyBeyondQuota } from './key-quota.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html */
export const createKey: Operation<'CreateKey'> = async (request, call) => {
  const { spec, usage, origin } = kindOfKey(request)
  const tags = request.Tags ?? []
  checkTags(tags)
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
  call.authorize('kms:CreateKey', { key: made })
  if (tags.length > 0) call.authorize('kms:TagResource', { key: made })
  requireStore(request.CustomKeyStoreId)
  const policy = await newKeyPolicy(request, made, call)
  const material = origin === 'EXTERNAL' ? undefined : await call.keyStore.prepare(made)
  const key = { ...made, currentMaterialId: material?.materialId }
  return call.write(async (transaction) => {
    await refuseKeyBeyondQuota(transaction, call.scope, call.limits.keys)
    await insertKey(transaction, key)
    if (material !== undefined) await storeFirstMaterial(transaction, key, material)
    await setKeyPolicy(transaction, key, policy)
    for (const tag of tags) {
      await putTag(transaction, key, { key: tag.TagKey, value: tag.TagValue })
    }
    call.note({ key })
    return { KeyMetadata: keyMetadata(key) }
  })
}
