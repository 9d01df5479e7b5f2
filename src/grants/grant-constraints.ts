/**
 * The constraints of a grant, as CreateGrant takes them (Developer Guide, "Using grant constraints"). Whether a request
 * meets them is decided in `access/decide.ts`.
 */
import type { GrantConstraints } from '../access/decide.ts'
import { validation } from '../api/errors.ts'
import type { EncryptionContext, Request } from '../api/types.ts'
import { keySpecRow } from '../crypto/key-specs.ts'
import type { Key } from '../keys/key.ts'

const mostPairs = 8
const longestValue = 384

/**
 * The constraints that a request means; undefined when it constrains nothing. Clients send an empty map beside the one
 * that they mean. An EncryptionContextEquals that is alone and empty is one: it asks for no encryption context.
 */
export function readConstraints(
  given: Request<'CreateGrant'>['Constraints'],
): GrantConstraints | undefined {
  const { EncryptionContextEquals: equal, EncryptionContextSubset: subset, SourceArn } = given ?? {}
  const constraints = {
    ...(equal !== undefined &&
      (equal.size > 0 || subset === undefined) && { EncryptionContextEquals: equal }),
    ...(subset !== undefined && subset.size > 0 && { EncryptionContextSubset: subset }),
    ...(SourceArn !== undefined && { SourceArn }),
  }
  return Object.keys(constraints).length === 0 ? undefined : constraints
}

/** Throws ValidationException unless a grant on the key can have these constraints. */
export function checkConstraints(key: Key, constraints: GrantConstraints | undefined): void {
  const { EncryptionContextEquals: equal, EncryptionContextSubset: subset } = constraints ?? {}
  if (equal !== undefined && subset !== undefined) {
    throw validation('More than one constraint supplied')
  }
  const context = equal ?? subset
  if (context === undefined) return
  if (keySpecRow(key.spec)?.kind !== 'symmetric') {
    throw validation(
      'Encryption context grant constraints are only supported for symmetric encryption KMS keys.',
    )
  }
  checkPairs(context)
}

function checkPairs(context: EncryptionContext): void {
  if (context.size > mostPairs) {
    throw validation(
      `A grant constraint cannot have more than ${mostPairs} encryption context pairs.`,
    )
  }
  for (const value of context.values()) {
    if (value.length <= longestValue) continue
    throw validation(
      `An encryption context value in a grant constraint cannot exceed ${longestValue} characters.`,
    )
  }
}

/** The pairs that an encryption context has to have for the constraints to hold. */
export function pairsOf(constraints: GrantConstraints | undefined): EncryptionContext | undefined {
  return constraints?.EncryptionContextEquals ?? constraints?.EncryptionContextSubset
}
