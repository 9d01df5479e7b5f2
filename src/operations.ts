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
import { describeCustomKeyStores, onMissingStore } from './keys/custom-key-stores.ts'
import { describeKey } from './keys/describe-key.ts'
import { disableKey } from './keys/disable-key.ts'
import { enableKey } from './keys/enable-key.ts'
import { getKeyLastUsage } from './keys/get-key-last-usage.ts'
import { listKeys } from './keys/list-keys.ts'
import { scheduleKeyDeletion } from './keys/schedule-key-deletion.ts'
import { updateKeyDescription } from './keys/update-key-description.ts'
import { decapsulate } from './data-keys/decapsulate.ts'
import { deleteImportedKeyMaterial } from './keys/import/delete-imported-key-material.ts'
import { deriveSharedSecret } from './data-keys/derive-shared-secret.ts'
import { disableKeyRotation } from './keys/rotation/disable-key-rotation.ts'
import { enableKeyRotation } from './keys/rotation/enable-key-rotation.ts'
import { encapsulate } from './data-keys/encapsulate.ts'
import { generateDataKeyPair } from './data-keys/generate-data-key-pair.ts'
import { generateDataKeyPairWithoutPlaintext } from './data-keys/generate-data-key-pair-without-plaintext.ts'
import { generateMac } from './signing/generate-mac.ts'
import { getKeyRotationStatus } from './keys/rotation/get-key-rotation-status.ts'
import { getParametersForImport } from './keys/import/get-parameters-for-import.ts'
import { getPublicKey } from './keys/get-public-key.ts'
import { importKeyMaterial } from './keys/import/import-key-material.ts'
import { listKeyRotations } from './keys/rotation/list-key-rotations.ts'
import { replicateKey } from './keys/multi-region/replicate-key.ts'
import { rotateKeyOnDemand } from './keys/rotation/rotate-key-on-demand.ts'
import { sign } from './signing/sign.ts'
import { updatePrimaryRegion } from './keys/multi-region/update-primary-region.ts'
import { verify } from './signing/verify.ts'
import { verifyMac } from './signing/verify-mac.ts'
import { createGrant } from './grants/create-grant.ts'
import { listGrants } from './grants/list-grants.ts'
import { listRetirableGrants } from './grants/list-retirable-grants.ts'
import { retireGrant } from './grants/retire-grant.ts'
import { revokeGrant } from './grants/revoke-grant.ts'
import type { Call, Operation } from './operation.ts'
import { getKeyPolicy } from './policies/get-key-policy.ts'
import { listKeyPolicies } from './policies/list-key-policies.ts'
import { putKeyPolicy } from './policies/put-key-policy.ts'
import { listResourceTags } from './tags/list-resource-tags.ts'
import { tagResource } from './tags/tag-resource.ts'
import { untagResource } from './tags/untag-resource.ts'

/** The table of operations. */
export type Operations = { readonly [Name in OperationName]: Operation<Name> }

/** Says that an operation is not built yet, to whom it is allowed; the one place that does. */
const notBuilt =
  (name: OperationName) =>
  async (_request: unknown, call: Call): Promise<never> => {
    call.authorize(`kms:${name}`)
    throw unsupportedOperation(`${name} is not built yet.`)
  }

export const operations: Operations = {
  CancelKeyDeletion: cancelKeyDeletion,
  ConnectCustomKeyStore: onMissingStore('Connect'),
  CreateAlias: createAlias,
  CreateCustomKeyStore: notBuilt('CreateCustomKeyStore'),
  CreateGrant: createGrant,
  CreateKey: createKey,
  Decapsulate: decapsulate,
  Decrypt: decrypt,
  DeleteAlias: deleteAlias,
  DeleteCustomKeyStore: onMissingStore('Delete'),
  DeleteImportedKeyMaterial: deleteImportedKeyMaterial,
  DeriveSharedSecret: deriveSharedSecret,
  DescribeCustomKeyStores: describeCustomKeyStores,
  DescribeKey: describeKey,
  DisableKey: disableKey,
  DisableKeyRotation: disableKeyRotation,
  DisconnectCustomKeyStore: onMissingStore('Disconnect'),
  EnableKey: enableKey,
  EnableKeyRotation: enableKeyRotation,
  Encapsulate: encapsulate,
  Encrypt: encrypt,
  GenerateDataKey: generateDataKey,
  GenerateDataKeyPair: generateDataKeyPair,
  GenerateDataKeyPairWithoutPlaintext: generateDataKeyPairWithoutPlaintext,
  GenerateDataKeyWithoutPlaintext: generateDataKeyWithoutPlaintext,
  GenerateMac: generateMac,
  GenerateRandom: generateRandom,
  GetKeyLastUsage: getKeyLastUsage,
  GetKeyPolicy: getKeyPolicy,
  GetKeyRotationStatus: getKeyRotationStatus,
  GetParametersForImport: getParametersForImport,
  GetPublicKey: getPublicKey,
  ImportKeyMaterial: importKeyMaterial,
  ListAliases: listAliases,
  ListGrants: listGrants,
  ListKeyPolicies: listKeyPolicies,
  ListKeyRotations: listKeyRotations,
  ListKeys: listKeys,
  ListResourceTags: listResourceTags,
  ListRetirableGrants: listRetirableGrants,
  PutKeyPolicy: putKeyPolicy,
  ReEncrypt: reEncrypt,
  ReplicateKey: replicateKey,
  RetireGrant: retireGrant,
  RevokeGrant: revokeGrant,
  RotateKeyOnDemand: rotateKeyOnDemand,
  ScheduleKeyDeletion: scheduleKeyDeletion,
  Sign: sign,
  TagResource: tagResource,
  UntagResource: untagResource,
  UpdateAlias: updateAlias,
  UpdateCustomKeyStore: onMissingStore('Update'),
  UpdateKeyDescription: updateKeyDescription,
  UpdatePrimaryRegion: updatePrimaryRegion,
  Verify: verify,
  VerifyMac: verifyMac,
}

/** Members of built operations that are in the model and not built yet. A request that has one is refused. */
export const unbuiltMembers: { readonly [Name in OperationName]?: readonly string[] } = {
  Decrypt: ['Recipient'],
  DeriveSharedSecret: ['Recipient'],
  GenerateDataKey: ['Recipient'],
  GenerateDataKeyPair: ['Recipient'],
  GenerateRandom: ['Recipient'],
}
