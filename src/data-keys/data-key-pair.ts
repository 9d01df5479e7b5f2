/**
 * What the two operations that make data key pairs share.
 */
import { invalidKeyUsage, unsupportedOperation } from '../api/errors.ts'
import type { DataKeyPairSpec, EncryptionContext } from '../api/types.ts'
import type { UsableKey } from '../access/use-key.ts'
import { keySpecRow } from '../crypto/key-specs.ts'
import { stateAllows, usageFits } from '../keys/key-checks.ts'
import type { Call, KeyCheck } from '../operation.ts'

/** The members that both requests have. */
export interface DataKeyPairRequest {
  readonly KeyId: string
  readonly KeyPairSpec: DataKeyPairSpec
  readonly EncryptionContext?: EncryptionContext | undefined
  readonly GrantTokens?: readonly string[] | undefined
  readonly DryRun?: boolean | undefined
}

/** A new key pair and its private half, encrypted. */
export interface DataKeyPair {
  readonly key: UsableKey
  readonly privateKey: Buffer
  readonly publicKey: Buffer
  readonly ciphertext: Buffer
}

/** Makes a key pair and encrypts its private half (PKCS #8) under a symmetric encryption key. The caller zeroes it. */
export async function makeDataKeyPair(
  request: DataKeyPairRequest,
  operation: 'GenerateDataKeyPair' | 'GenerateDataKeyPairWithoutPlaintext',
  call: Call,
): Promise<DataKeyPair> {
  if (keySpecRow(request.KeyPairSpec)?.dataKeyPair !== true) {
    throw unsupportedOperation(`KeyPairSpec ${request.KeyPairSpec} is not supported in this Region`)
  }
  const key = await call.useKey(request.KeyId, {
    action: `kms:${operation}`,
    operation,
    usage: 'ENCRYPT_DECRYPT',
    encryptionContext: request.EncryptionContext,
    grantTokens: request.GrantTokens,
    dryRun: request.DryRun,
    checks: [usageFits, stateAllows, symmetricOnly(operation)],
  })
  const { privateKey, publicKey } = await call.pool.run('generateKeyPair', request.KeyPairSpec)
  try {
    const ciphertext = await key.encrypt({
      algorithm: 'SYMMETRIC_DEFAULT',
      bytes: privateKey,
      context: request.EncryptionContext,
    })
    return { key, privateKey, publicKey, ciphertext }
  } catch (error) {
    privateKey.fill(0)
    throw error
  }
}

const symmetricOnly =
  (operation: string): KeyCheck =>
  (key) => {
    if (key.spec === 'SYMMETRIC_DEFAULT') return
    throw invalidKeyUsage(
      `${key.arn} key KeySpec is ${key.spec} which is not valid for ${operation}.`,
    )
  }
