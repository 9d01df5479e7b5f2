/**
 * What may be imported, and how it is wrapped (API Reference, GetParametersForImport and ImportKeyMaterial).
 */
import { unsupportedOperation, validation } from '../../api/errors.ts'
import type { WrappingAlgorithm, WrappingKeySpec } from '../../api/types.ts'
import { requireKeySpec } from '../../crypto/key-specs.ts'
import type { Key } from '../key.ts'
import { goingAway, refuseStates } from '../key-state.ts'

/** Only keys of origin EXTERNAL take imported material; the origin is looked at before the state. */
export function refuseOwnMaterial(key: Key): void {
  if (key.origin === 'EXTERNAL') return
  throw unsupportedOperation(
    `${key.arn} origin is ${key.origin} which is not valid for this operation.`,
  )
}

/** The checks of the operations that bring material in. */
export function checkImportable(key: Key): void {
  refuseOwnMaterial(key)
  refuseStates(key, [...goingAway, 'Creating'])
}

/** Which wrapping algorithm and wrapping key go with which kind of material. */
export function refuseWrapping(
  key: Key,
  algorithm: WrappingAlgorithm,
  wrappingKey: WrappingKeySpec,
): void {
  // PKCS #1 v1.5 has not been offered since October 2023; SM2 is offered in China alone.
  if (algorithm === 'RSAES_PKCS1_V1_5' || algorithm === 'SM2PKE' || wrappingKey === 'SM2') {
    throw unsupportedOperation()
  }
  const { material } = requireKeySpec(key.spec)
  const direct = algorithm.startsWith('RSAES_OAEP')
  const fits =
    material.type === 'secret'
      ? direct
      : !direct || (material.type !== 'rsa' && !tooLong(key, wrappingKey))
  if (fits) return
  throw validation(
    `Wrapping algorithm ${algorithm} with wrapping key spec ${wrappingKey} is not valid for key spec ${key.spec}.`,
  )
}

/** A P-521 private key does not fit into the padding of RSA_2048. */
function tooLong(key: Key, wrappingKey: WrappingKeySpec): boolean {
  return key.spec === 'ECC_NIST_P521' && wrappingKey === 'RSA_2048'
}
