/**
 * The API: one row for each operation of the SDK. A missing or mistyped row does not compile.
 */
import { createAlias } from './aliases/create-alias.ts'
import { deleteAlias } from './aliases/delete-alias.ts'
import { listAliases } from './aliases/list-aliases.ts'
import { updateAlias } from './aliases/update-alias.ts'
import { unsupportedOperation } from './api/errors.ts'
import type { OperationName } from './api/types.ts'
import { generateDataKey } from './data-keys/generate-data-key.ts'
import { generateDataKeyWithoutPlaintext } from './data-keys/generate-data-key-without-plaintext.ts'
import { generateRandom } from './data-keys/generate-random.ts'
import { decrypt } from './encryption/decrypt.ts'
import { encrypt } from './encryption/encrypt.ts'
import { reEncrypt } from './encryption/re-encrypt.ts'
import { cancelKeyDeletion } from './keys/cancel-key-deletion.ts'
import { createKey } from './keys/create-key.ts'
import { describeKey } from './keys/describe-key.ts'
import { disableKey } from './keys/disable-key.ts'
import { enableKey } from './keys/enable-key.ts'
import { getKeyLastUsage } from './keys/get-key-last-usage.ts'
import { listKeys } from './keys/list-keys.ts'
import { scheduleKeyDeletion } from './keys/schedule-key-deletion.ts'
import { updateKeyDescription } from './keys/update-key-description.ts'
import type { Operation } from './operation.ts'
import { getKeyPolicy } from './policies/get-key-policy.ts'
import { listKeyPolicies } from './policies/list-key-policies.ts'
import { putKeyPolicy } from './policies/put-key-policy.ts'
import { listResourceTags } from './tags/list-resource-tags.ts'
import { tagResource } from './tags/tag-resource.ts'
import { untagResource } from './tags/untag-resource.ts'

/** The table of operations. */
export type Operations = { readonly [Name in OperationName]: Operation<Name> }

/** Says that an operation is not built yet; the one place that does, so that the compiler lists them below. */
const notBuilt =
  (name: OperationName): (() => Promise<never>) =>
  () =>
    Promise.reject(unsupportedOperation(`${name} is not built yet.`))

export const operations: Operations = {
  CancelKeyDeletion: cancelKeyDeletion,
  ConnectCustomKeyStore: notBuilt('ConnectCustomKeyStore'),
  CreateAlias: createAlias,
  CreateCustomKeyStore: notBuilt('CreateCustomKeyStore'),
  CreateGrant: notBuilt('CreateGrant'),
  CreateKey: createKey,
  Decapsulate: notBuilt('Decapsulate'),
  Decrypt: decrypt,
  DeleteAlias: deleteAlias,
  DeleteCustomKeyStore: notBuilt('DeleteCustomKeyStore'),
  DeleteImportedKeyMaterial: notBuilt('DeleteImportedKeyMaterial'),
  DeriveSharedSecret: notBuilt('DeriveSharedSecret'),
  DescribeCustomKeyStores: notBuilt('DescribeCustomKeyStores'),
  DescribeKey: describeKey,
  DisableKey: disableKey,
  DisableKeyRotation: notBuilt('DisableKeyRotation'),
  DisconnectCustomKeyStore: notBuilt('DisconnectCustomKeyStore'),
  EnableKey: enableKey,
  EnableKeyRotation: notBuilt('EnableKeyRotation'),
  Encapsulate: notBuilt('Encapsulate'),
  Encrypt: encrypt,
  GenerateDataKey: generateDataKey,
  GenerateDataKeyPair: notBuilt('GenerateDataKeyPair'),
  GenerateDataKeyPairWithoutPlaintext: notBuilt('GenerateDataKeyPairWithoutPlaintext'),
  GenerateDataKeyWithoutPlaintext: generateDataKeyWithoutPlaintext,
  GenerateMac: notBuilt('GenerateMac'),
  GenerateRandom: generateRandom,
  GetKeyLastUsage: getKeyLastUsage,
  GetKeyPolicy: getKeyPolicy,
  GetKeyRotationStatus: notBuilt('GetKeyRotationStatus'),
  GetParametersForImport: notBuilt('GetParametersForImport'),
  GetPublicKey: notBuilt('GetPublicKey'),
  ImportKeyMaterial: notBuilt('ImportKeyMaterial'),
  ListAliases: listAliases,
  ListGrants: notBuilt('ListGrants'),
  ListKeyPolicies: listKeyPolicies,
  ListKeyRotations: notBuilt('ListKeyRotations'),
  ListKeys: listKeys,
  ListResourceTags: listResourceTags,
  ListRetirableGrants: notBuilt('ListRetirableGrants'),
  PutKeyPolicy: putKeyPolicy,
  ReEncrypt: reEncrypt,
  ReplicateKey: notBuilt('ReplicateKey'),
  RetireGrant: notBuilt('RetireGrant'),
  RevokeGrant: notBuilt('RevokeGrant'),
  RotateKeyOnDemand: notBuilt('RotateKeyOnDemand'),
  ScheduleKeyDeletion: scheduleKeyDeletion,
  Sign: notBuilt('Sign'),
  TagResource: tagResource,
  UntagResource: untagResource,
  UpdateAlias: updateAlias,
  UpdateCustomKeyStore: notBuilt('UpdateCustomKeyStore'),
  UpdateKeyDescription: updateKeyDescription,
  UpdatePrimaryRegion: notBuilt('UpdatePrimaryRegion'),
  Verify: notBuilt('Verify'),
  VerifyMac: notBuilt('VerifyMac'),
}

/** Members of built operations that are in the model and not built yet. A request that has one is refused. */
export const unbuiltMembers: { readonly [Name in OperationName]?: readonly string[] } = {
  CreateKey: ['CustomKeyStoreId', 'XksKeyId'],
  Decrypt: ['Recipient'],
  GenerateDataKey: ['Recipient'],
  GenerateRandom: ['CustomKeyStoreId', 'Recipient'],
}
