/**
 * The key-state rules of the Developer Guide ("Key states of AWS KMS keys") with the sentence for each state. An operation
 * lists the states that it refuses; the order in which it looks at state, usage and algorithm is its own.
 */
import { disabled, type KmsError, invalidState } from '../api/errors.ts'
import type { KeyState } from '../api/types.ts'
import type { Key } from './key.ts'

/** States in which a key cannot be used: everything but Enabled (and Updating, in which AWS still serves). */
export const unusable: readonly KeyState[] = [
  'Disabled',
  'PendingDeletion',
  'PendingReplicaDeletion',
  'PendingImport',
  'Unavailable',
  'Creating',
]

/** States in which an operation on the key's description is refused because the key is on its way out. */
export const goingAway: readonly KeyState[] = ['PendingDeletion', 'PendingReplicaDeletion']

/** States in which a key can be neither enabled nor disabled. */
export const notSwitchable: readonly KeyState[] = [
  ...goingAway,
  'PendingImport',
  'Creating',
  'Updating',
]

const sentences: Readonly<Record<Exclude<KeyState, 'Enabled'>, string>> = {
  Disabled: 'is disabled.',
  PendingDeletion: 'is pending deletion.',
  PendingReplicaDeletion: 'is pending replica deletion.',
  PendingImport: 'is pending import.',
  Unavailable: 'is unavailable.',
  Creating: 'is creating.',
  Updating: 'is updating.',
}

/** Throws AWS's error when the key is in one of `states`. */
export function refuseStates(key: Key, states: readonly KeyState[]): void {
  if (states.includes(key.state)) throw stateError(key)
}

function stateError(key: Key): KmsError {
  if (key.state === 'Enabled') throw new Error('no operation refuses an enabled key')
  const text = `${key.arn} ${sentences[key.state]}`
  return key.state === 'Disabled' ? disabled(text) : invalidState(text)
}
