/**
 * The checks on a key, one function each. An operation lists the ones it makes in its own order (facts: usage, state,
 * algorithm for most).
 */
import { invalidKeyUsage } from '../api/errors.ts'
import { algorithmsOf } from '../crypto/key-specs.ts'
import { refuseStates, unusable } from './key-state.ts'
import type { KeyCheck } from '../operation.ts'

/** The key's usage is the operation's. */
export const usageFits: KeyCheck = (key, use) => {
  if (key.usage === use.usage) return
  throw invalidKeyUsage(
    `${key.arn} key usage is ${key.usage} which is not valid for ${use.operation}.`,
  )
}

/** The key is in a state in which it can be used. */
export const stateAllows: KeyCheck = (key) => {
  refuseStates(key, unusable)
}

/** The algorithm is one of the key's. */
export const algorithmFits: KeyCheck = (key, use) => {
  if (use.algorithm === undefined) return
  if (algorithmsOf(key.spec, key.usage).includes(use.algorithm)) return
  throw invalidKeyUsage(`Algorithm ${use.algorithm} is incompatible with key spec ${key.spec}.`)
}

/** Data keys are made under symmetric encryption keys alone. */
export const symmetricOnly: KeyCheck = (key) => {
  if (key.spec === 'SYMMETRIC_DEFAULT') return
  throw invalidKeyUsage('You cannot generate a data key with an asymmetric CMK')
}

/** The order of most cryptographic operations. */
export const usualChecks: readonly KeyCheck[] = [usageFits, stateAllows, algorithmFits]
