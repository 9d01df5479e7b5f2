/**
 * The key that a ciphertext was made under, for Decrypt and for the source of ReEncrypt.
 */
import { validation } from '../api/errors.ts'
import type { EncryptionAlgorithm, EncryptionContext } from '../api/types.ts'
import type { UsableKey } from '../access/use-key.ts'
import { goOn, type Soon } from '../soon.ts'
import type { Action, Call, KeyConditions, KeyUseRequest } from '../operation.ts'
import { readBlobHeader } from './ciphertext-blob.ts'
import { openingChecks } from './sealing-checks.ts'

/** What Decrypt and ReEncrypt say of the ciphertext and its key. */
export interface CiphertextSource {
  readonly action: Action
  /** The operation's name in the usage sentence. */
  readonly operation: string
  readonly keyId: string | undefined
  readonly algorithm: EncryptionAlgorithm
  readonly blob: Uint8Array | undefined
  readonly encryptionContext: EncryptionContext | undefined
  readonly grantTokens: readonly string[] | undefined
  readonly dryRun: boolean | undefined
  readonly dryRunModifiers: readonly string[] | undefined
  readonly conditions?: KeyConditions
  /** False when another key is checked after this one, which then answers the dry run. */
  readonly answersDryRun: boolean
}

/** A key that may decrypt, and the material that a symmetric blob names. */
export interface SourceKey {
  readonly key: UsableKey
  readonly materialId: string | undefined
}

/**
 * Finds the key of a ciphertext. Only a symmetric blob says which key it needs; with any other algorithm the request has
 * to. With IGNORE_CIPHERTEXT a dry run looks at the key alone, so that the request has to name it too.
 */
export function sourceKey(source: CiphertextSource, call: Call): Soon<SourceKey> {
  const use: KeyUseRequest = {
    action: source.action,
    operation: source.operation,
    usage: 'ENCRYPT_DECRYPT',
    algorithm: source.algorithm,
    encryptionContext: source.encryptionContext,
    grantTokens: source.grantTokens,
    dryRun: source.answersDryRun ? source.dryRun : undefined,
    checks: openingChecks,
    ...(source.conditions && { conditions: source.conditions }),
  }
  const ignored = source.dryRunModifiers?.includes('IGNORE_CIPHERTEXT') ?? false
  if (source.dryRunModifiers !== undefined && source.dryRun !== true) {
    throw validation('DryRunModifiers can only be specified when DryRun is true.')
  }
  if (ignored || source.algorithm !== 'SYMMETRIC_DEFAULT') {
    if (source.keyId === undefined) throw validation('KeyId must not be null')
    return goOn(call.useKey(source.keyId, use), (key) => ({ key, materialId: undefined }))
  }
  const header = readBlobHeader(source.blob ?? new Uint8Array())
  const usable = call.useCiphertextKey({ ...use, header, keyId: source.keyId })
  return goOn(usable, (key) => ({ key, materialId: header?.materialId }))
}
