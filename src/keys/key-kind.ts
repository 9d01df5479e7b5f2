/**
 * What kind of key CreateKey asks for: spec, usage and origin, with AWS's defaults and what does not go together.
 */
import { customKeyStoreNotFound, unsupportedOperation, validation } from '../api/errors.ts'
import type { KeySpec, KeyUsage, Origin, Request } from '../api/types.ts'
import { algorithmsOf, keySpecRow } from '../crypto/key-specs.ts'
import { asksForStore } from './custom-key-stores.ts'

/** What kind of key is asked for, once its parts go together. */
export function kindOfKey(request: Request<'CreateKey'>): {
  readonly spec: KeySpec
  readonly usage: KeyUsage
  readonly origin: Origin
} {
  if (request.KeySpec !== undefined && request.CustomerMasterKeySpec !== undefined) {
    throw validation(
      'You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated.',
    )
  }
  const spec = request.KeySpec ?? request.CustomerMasterKeySpec ?? 'SYMMETRIC_DEFAULT'
  const row = keySpecRow(spec)
  if (row === undefined) {
    throw unsupportedOperation(`KeySpec ${spec} is not supported in this Region`)
  }
  if (request.KeyUsage === undefined && spec !== 'SYMMETRIC_DEFAULT') {
    throw validation(
      'You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.',
    )
  }
  const usage = request.KeyUsage ?? 'ENCRYPT_DECRYPT'
  if (algorithmsOf(spec, usage).length === 0) {
    throw validation(`KeyUsage ${usage} is not compatible with KeySpec ${spec}`)
  }
  const origin = request.Origin ?? 'AWS_KMS'
  const inStore = asksForStore(request)
  if (inStore ? spec !== 'SYMMETRIC_DEFAULT' : origin === 'EXTERNAL' && !row.importable) {
    throw validation(`KeySpec ${spec} is not supported for Origin ${origin}`)
  }
  return { spec, usage, origin }
}

/** The key store that is to hold the key, where it is not the default one. There is no other yet. */
export function requireStore(customKeyStoreId: string | undefined): void {
  if (customKeyStoreId !== undefined) throw customKeyStoreNotFound()
}
