/**
 * Which keys rotate, and in what order that is looked at (Developer Guide, "Rotate AWS KMS keys").
 */
import { unsupportedOperation } from '../../api/errors.ts'
import type { Key } from '../key.ts'
import { refuseStates, unusable } from '../key-state.ts'

/** Automatic rotation is for symmetric encryption keys whose material Trent made. The origin is looked at before PendingImport. */
export function refuseAutomaticRotation(key: Key): void {
  refuseStates(key, ['Disabled', 'PendingDeletion', 'PendingReplicaDeletion', 'Creating'])
  refuseOrigin(key)
  refuseStates(key, unusable)
  refuseSpec(key)
}

/** The error of an operation that only keys with material of Trent's own have. */
export function refuseOrigin(key: Key): void {
  if (key.origin === 'AWS_KMS') return
  throw unsupportedOperation(
    `${key.arn} origin is ${key.origin} which is not valid for this operation.`,
  )
}

/** Symmetric encryption keys alone rotate; AWS sends no text. */
export function refuseSpec(key: Key): void {
  if (key.spec !== 'SYMMETRIC_DEFAULT') throw unsupportedOperation()
}
