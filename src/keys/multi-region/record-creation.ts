/**
 * What a replication is in the region of the replica: AWS records a CreateKey there, beside the ReplicateKey in the region
 * of the primary.
 */
import type { KeyMetadata, Request } from '../../api/types.ts'
import type { Writer } from '../../database/database.ts'
import type { Call } from '../../operation.ts'
import type { Key } from '../key.ts'

/** A replica, and the request that it was made by. */
export interface Creation {
  readonly replica: Key
  readonly request: Request<'ReplicateKey'>
  readonly metadata: KeyMetadata
}

/** Puts the event of the replica's creation into the transaction that creates it. */
export function recordCreation(transaction: Writer, call: Call, made: Creation): Promise<void> {
  const { replica: key, request } = made
  return call.recordThere(transaction, {
    key,
    operation: 'CreateKey',
    request: {
      Description: key.description,
      Origin: key.origin,
      KeyUsage: key.usage,
      KeySpec: key.spec,
      MultiRegion: true,
      BypassPolicyLockoutSafetyCheck: request.BypassPolicyLockoutSafetyCheck,
      Tags: request.Tags,
      Policy: request.Policy,
    },
    response: { KeyMetadata: made.metadata },
  })
}
