import { listRegionsOfKey } from '../../database/keys.ts'
import { setKeyPolicy } from '../../database/policies.ts'
import { putTag } from '../../database/tags.ts'
import type { Operation } from '../../operation.ts'
import { newKeyPolicy } from '../../policies/new-key-policy.ts'
import { checkTags } from '../../tags/tag.ts'
import { isPrimary, keyMetadata } from '../key.ts'
import { unusable } from '../key-state.ts'
import { makeReplica, replicaOf } from './make-replica.ts'
import { recordCreation } from './record-creation.ts'
import { notPrimary, refuseReplicaRegion } from './related-keys.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html */
export const replicateKey: Operation<'ReplicateKey'> = async (request, call) => {
  const tags = request.Tags ?? []
  checkTags(tags)
  const look = { action: 'kms:ReplicateKey', refused: [...unusable, 'Updating'] } as const
  const found = await call.findKey(request.KeyId, look)
  refuseReplicaRegion(request.ReplicaRegion, found, call)
  const given = {
    region: request.ReplicaRegion,
    description: request.Description ?? '',
    createdAt: call.now,
    quota: call.limits.keys,
  }
  const made = replicaOf(found, given)
  call.authorize('kms:CreateKey', { region: given.region, key: made })
  if (tags.length > 0) call.authorize('kms:TagResource', { region: given.region, key: made })
  const policy = await newKeyPolicy(request, made, call)
  return call.changeKey(request.KeyId, look, async (transaction, primary) => {
    if (!isPrimary(primary)) throw notPrimary(primary)
    const replica = await makeReplica(transaction, primary, given)
    await setKeyPolicy(transaction, replica, policy)
    for (const tag of tags) {
      await putTag(transaction, replica, { key: tag.TagKey, value: tag.TagValue })
    }
    const regions = await listRegionsOfKey(transaction, primary.id)
    // AWS answers before the replica is ready; here it is, once this is answered.
    const metadata = keyMetadata({ ...replica, state: 'Creating' }, regions)
    await recordCreation(transaction, call, { replica, request, metadata })
    return {
      ReplicaKeyMetadata: metadata,
      ReplicaPolicy: policy.text,
      ...(tags.length > 0 && { ReplicaTags: tags }),
    }
  })
}
