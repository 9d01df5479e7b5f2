import { partitionOf } from '../../api/arn.ts'
import { alreadyExists, limitExceeded, validation } from '../../api/errors.ts'
import type { Writer } from '../../database/database.ts'
import { countKeys, findKey, insertKey, listRegionsOfKey } from '../../database/keys.ts'
import { listEntries, putEntry } from '../../database/material-entries.ts'
import { setKeyPolicy } from '../../database/policies.ts'
import { putTag } from '../../database/tags.ts'
import type { Call, Operation } from '../../operation.ts'
import { acceptPolicy } from '../../policies/accept-policy.ts'
import { defaultKeyPolicy } from '../../policies/default-key-policy.ts'
import { checkTags } from '../../tags/tag.ts'
import { isPrimary, type Key, keyMetadata, newKey } from '../key.ts'
import { unusable } from '../key-state.ts'
import { notPrimary } from './related-keys.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html */
export const replicateKey: Operation<'ReplicateKey'> = async (request, call) => {
  const tags = request.Tags ?? []
  checkTags(tags)
  const scope = { account: call.scope.account, region: request.ReplicaRegion }
  const look = { action: 'kms:ReplicateKey', refused: [...unusable, 'Updating'] } as const
  const found = await call.findKey(request.KeyId, look)
  refuseRegion(request.ReplicaRegion, found, call)
  call.authorize('kms:CreateKey')
  if (tags.length > 0) call.authorize('kms:TagResource')
  const policy =
    request.Policy === undefined
      ? defaultKeyPolicy(scope)
      : await acceptPolicy(request.Policy, request.BypassPolicyLockoutSafetyCheck === true, call)
  return call.changeKey(request.KeyId, look, async (transaction, primary) => {
    if (!isPrimary(primary)) throw notPrimary(primary)
    const replica = await makeReplica(transaction, primary, {
      region: scope.region,
      description: request.Description ?? '',
      createdAt: call.now,
      quota: call.limits.keys,
    })
    await setKeyPolicy(transaction, replica, policy)
    for (const tag of tags) {
      await putTag(transaction, replica, { key: tag.TagKey, value: tag.TagValue })
    }
    const regions = await listRegionsOfKey(transaction, primary.id)
    return {
      // AWS answers before the replica is ready; here it is, once this is answered.
      ReplicaKeyMetadata: keyMetadata({ ...replica, state: 'Creating' }, regions),
      ReplicaPolicy: policy,
      ...(tags.length > 0 && { ReplicaTags: tags }),
    }
  })
}

function refuseRegion(region: string, key: Key, call: Call): void {
  if (!isPrimary(key)) throw notPrimary(key)
  if (!call.regions.has(region) || partitionOf(region) !== partitionOf(call.scope.region)) {
    throw validation(`Region ${region} is not supported.`)
  }
}

interface Replica {
  readonly region: string
  readonly description: string
  readonly createdAt: number
  readonly quota: number
}

/** A replica shares id, spec, usage, origin, material and rotation with its primary; it has a state of its own. */
async function makeReplica(transaction: Writer, primary: Key, given: Replica): Promise<Key> {
  const scope = { account: primary.account, region: given.region }
  if ((await findKey(transaction, given.region, primary.id)) !== undefined) {
    throw alreadyExists(
      `Multi-region key ${primary.id} already exists in Region ${given.region}.`,
    )
  }
  const count = await countKeys(transaction, scope)
  if (count >= given.quota) {
    throw limitExceeded(
      `KMS keys quota for this account in this region is ${given.quota}, current usage is ${count}.`,
    )
  }
  const imported = primary.origin === 'EXTERNAL'
  const replica = newKey(scope, {
    id: primary.id,
    createdAt: given.createdAt,
    description: given.description,
    spec: primary.spec,
    usage: primary.usage,
    origin: primary.origin,
    state: imported ? 'PendingImport' : 'Enabled',
    multiRegion: true,
    primaryRegion: primary.region,
    currentMaterialId: primary.currentMaterialId,
    rotationEnabled: primary.rotationEnabled,
    rotationPeriodInDays: primary.rotationPeriodInDays,
    rotationNextAt: primary.rotationNextAt,
    importedOnce: primary.importedOnce,
  })
  await insertKey(transaction, replica)
  if (imported) await expectMaterials(transaction, primary, given.region)
  return replica
}

/** The replica of an imported key has to be given the same materials, one by one. */
async function expectMaterials(
  transaction: Writer,
  primary: Key,
  region: string,
): Promise<void> {
  const entries = await listEntries(transaction, { keyId: primary.id, region: primary.region })
  for (const entry of entries) {
    await putEntry(transaction, {
      ...entry,
      region,
      importState: 'PENDING_IMPORT',
      expirationModel: undefined,
      validTo: undefined,
    })
  }
}

