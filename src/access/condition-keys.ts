/**
 * The condition keys that KMS makes of a request's members, one row for each operation that has any (Developer Guide, "AWS
 * KMS condition keys"). What describes the key, the caller and the connection is the same for all and stands elsewhere.
 */
import type { OperationName, Request } from '../api/types.ts'
import { readConstraints } from '../grants/grant-constraints.ts'
import { type ContextValues, requestTags } from '../policies/context-values.ts'

/** The table. A member that the request leaves out has no value, unless AWS says that its default counts. */
const conditionKeys: {
  readonly [Name in OperationName]?: (request: Request<Name>) => ContextValues
} = {
  CreateGrant: (request) => ({
    ...notForAwsResource(),
    'kms:granteeprincipal': one(request.GranteePrincipal),
    'kms:granteeserviceprincipal': one(request.GranteeServicePrincipal),
    'kms:retiringprincipal': one(request.RetiringPrincipal),
    'kms:retiringserviceprincipal': one(request.RetiringServicePrincipal),
    'kms:grantoperations': request.Operations,
    'kms:grantconstraintsourcearn': one(request.Constraints?.SourceArn),
    'kms:grantconstrainttype': constraintType(request.Constraints),
  }),
  CreateKey: (request) => ({ ...bypass(request), ...tags(request) }),
  DeriveSharedSecret: (request) => ({
    'kms:keyagreementalgorithm': [request.KeyAgreementAlgorithm],
  }),
  EnableKeyRotation: (request) => ({
    'kms:rotationperiodindays': one(request.RotationPeriodInDays),
  }),
  GenerateDataKeyPair: (request) => ({ 'kms:datakeypairspec': [request.KeyPairSpec] }),
  GenerateDataKeyPairWithoutPlaintext: (request) => ({
    'kms:datakeypairspec': [request.KeyPairSpec],
  }),
  GenerateMac: (request) => ({ 'kms:macalgorithm': [request.MacAlgorithm] }),
  GetParametersForImport: (request) => ({
    'kms:wrappingalgorithm': [request.WrappingAlgorithm],
    'kms:wrappingkeyspec': [request.WrappingKeySpec],
  }),
  ImportKeyMaterial: (request) => ({
    'kms:expirationmodel': one(request.ExpirationModel),
    // Seconds since 1970 are a number and a date alike.
    'kms:validto': one(request.ValidTo),
  }),
  ListGrants: notForAwsResource,
  PutKeyPolicy: bypass,
  ReplicateKey: (request) => ({
    ...bypass(request),
    ...tags(request),
    'kms:replicaregion': [request.ReplicaRegion],
  }),
  RevokeGrant: notForAwsResource,
  ScheduleKeyDeletion: (request) => ({
    'kms:schedulekeydeletionpendingwindowindays': one(request.PendingWindowInDays),
  }),
  Sign: message,
  TagResource: tags,
  UntagResource: (request) => requestTags(request.TagKeys.map((key) => ({ key }))),
  UpdatePrimaryRegion: (request) => ({ 'kms:primaryregion': [request.PrimaryRegion] }),
  Verify: message,
  VerifyMac: (request) => ({ 'kms:macalgorithm': [request.MacAlgorithm] }),
}

/** The condition keys of a request that was checked. */
export function conditionsOf<Name extends OperationName>(
  name: Name,
  request: Request<Name>,
): ContextValues {
  const row = conditionKeys[name]
  return row === undefined ? noConditions : row(request)
}

/** Those of a request whose operation has no condition keys of its own. */
export const noConditions: ContextValues = Object.freeze({})

const one = (value: string | number | undefined) => (value === undefined ? undefined : [`${value}`])

/** No service of AWS ever calls. */
function notForAwsResource(): ContextValues {
  return { 'kms:grantisforawsresource': ['false'] }
}

function bypass(request: {
  readonly BypassPolicyLockoutSafetyCheck?: boolean | undefined
}): ContextValues {
  const { BypassPolicyLockoutSafetyCheck: given } = request
  return given === undefined
    ? noConditions
    : { 'kms:bypasspolicylockoutsafetycheck': [String(given)] }
}

function constraintType(given: Request<'CreateGrant'>['Constraints']) {
  const { EncryptionContextEquals, EncryptionContextSubset } = readConstraints(given) ?? {}
  if (EncryptionContextEquals !== undefined) return ['EncryptionContextEquals']
  return EncryptionContextSubset && ['EncryptionContextSubset']
}

function tags(request: {
  readonly Tags?: readonly { readonly TagKey: string; readonly TagValue: string }[] | undefined
}): ContextValues {
  return requestTags(
    (request.Tags ?? []).map(({ TagKey: key, TagValue: value }) => ({ key, value })),
  )
}

function message(request: {
  readonly MessageType?: string | undefined
  readonly SigningAlgorithm: string
}): ContextValues {
  return {
    'kms:messagetype': [request.MessageType ?? 'RAW'],
    'kms:signingalgorithm': [request.SigningAlgorithm],
  }
}
