/**
 * How long a data key is to be: by KeySpec or by NumberOfBytes, exactly one of them.
 */
import { validation } from '../api/errors.ts'
import { symmetricOnly, stateAllows, usageFits } from '../keys/key-checks.ts'
import type { KeyCheck } from '../operation.ts'

/** The two members that say it. */
export interface DataKeyLength {
  readonly KeySpec?: 'AES_128' | 'AES_256' | undefined
  readonly NumberOfBytes?: number | undefined
}

/** The length in bytes; throws ValidationException unless exactly one member says it. */
export function dataKeyLength(request: DataKeyLength): number {
  if ((request.KeySpec === undefined) === (request.NumberOfBytes === undefined)) {
    throw validation('Please specify either number of bytes or key spec.')
  }
  return request.NumberOfBytes ?? (request.KeySpec === 'AES_128' ? 16 : 32)
}

/** The order of the data-key operations: the length is looked at after the key is found, before its usage and state. */
export function dataKeyChecks(request: DataKeyLength): readonly KeyCheck[] {
  return [() => dataKeyLength(request), usageFits, stateAllows, symmetricOnly]
}
