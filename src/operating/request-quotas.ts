/**
 * Request quotas as AWS sets them (Developer Guide, "Request quotas"): how many requests a second an account may make in a
 * region, for each group of operations. What a request costs is told by its own members, before anything is looked up.
 */

/** Requests a second by group, as an operator wants them; groups that are not there are not throttled. */
export interface RequestQuotas {
  /** Whether AWS's quotas hold for the groups that are not in `rates`. */
  readonly aws: boolean
  readonly rates: ReadonlyMap<string, number>
}

/** What a request takes from a quota; in its own region when none is named. */
export interface Charge {
  readonly group: string
  readonly count: number
  readonly region?: string
}

/** The operations that share the quota for symmetric and HMAC keys, unless their algorithm is of another kind. */
const cryptographic = new Set(
  'Decapsulate Decrypt DeriveSharedSecret Encapsulate Encrypt GenerateDataKey GenerateDataKeyWithoutPlaintext GenerateMac GenerateRandom ReEncrypt Sign Verify VerifyMac'.split(
    ' ',
  ),
)

/** AWS's quotas for single operations. The last three are not among those that the facts have, and set after their like. */
const operationRates: Readonly<Record<string, string>> = {
  '0.25': 'GetParametersForImport',
  '5': 'CancelKeyDeletion ConnectCustomKeyStore CreateAlias CreateCustomKeyStore CreateKey DeleteCustomKeyStore DeleteImportedKeyMaterial DescribeCustomKeyStores DisableKey DisableKeyRotation DisconnectCustomKeyStore EnableKey ImportKeyMaterial ReplicateKey UntagResource UpdateAlias UpdateCustomKeyStore UpdateKeyDescription UpdatePrimaryRegion RotateKeyOnDemand',
  '10': 'TagResource',
  '15': 'DeleteAlias EnableKeyRotation PutKeyPolicy ScheduleKeyDeletion',
  '30': 'RetireGrant RevokeGrant',
  '50': 'CreateGrant',
  '100': 'ListGrants ListKeyPolicies ListRetirableGrants ListKeyRotations',
  '500': 'ListAliases ListKeys',
  '1000': 'GetKeyPolicy GetKeyRotationStatus GetKeyLastUsage',
  '2000': 'DescribeKey GetPublicKey ListResourceTags',
}

/** AWS's quotas by group; that of symmetric keys differs by region. IAM's are not published. */
const awsRates: ReadonlyMap<string, number> = new Map([
  ...Object.entries(operationRates).flatMap(([rate, names]) =>
    names.split(' ').map((name) => [name, Number(rate)] as const),
  ),
  ['symmetric', 10_000],
  ['rsa', 1000],
  ['ecc', 1000],
  ['ml-dsa', 1000],
  ['ml-kem', 1000],
  ['pairs-ECC_NIST_P256', 25],
  ['pairs-ECC_NIST_P384', 10],
  ['pairs-ECC_NIST_P521', 5],
  ['pairs-ECC_SECG_P256K1', 25],
  ['pairs-ECC_NIST_EDWARDS25519', 25],
  ['pairs-RSA_2048', 1],
  ['pairs-RSA_3072', 0.5],
  ['pairs-RSA_4096', 0.1],
  ['sts', 600],
])

const largeRegions = new Set(['us-east-1', 'us-west-2', 'eu-west-1'])
const middleRegions = new Set(
  'us-east-2 ap-southeast-1 ap-southeast-2 ap-northeast-1 eu-central-1 eu-west-2'.split(' '),
)

/** The groups that can be given a rate. */
export const quotaGroups: ReadonlySet<string> = new Set([...awsRates.keys(), 'iam'])

/** How many requests a second a group may make in a region; undefined when as many as it likes. */
export function rateOf(quotas: RequestQuotas, group: string, region: string): number | undefined {
  const own = quotas.rates.get(group)
  if (own !== undefined || !quotas.aws) return own
  if (group === 'symmetric' && largeRegions.has(region)) return 100_000
  if (group === 'symmetric' && middleRegions.has(region)) return 20_000
  return awsRates.get(group)
}

/** What a request of KMS costs. Its document may be anything yet: what makes no sense costs as if it were usual. */
export function chargesOf(operation: string, document: unknown): readonly Charge[] {
  const member = (name: string): string => {
    if (typeof document !== 'object' || document === null) return ''
    const value: unknown = (document as Readonly<Record<string, unknown>>)[name]
    return typeof value === 'string' ? value : ''
  }
  if (cryptographic.has(operation)) return [{ group: familyOf(operation, member), count: 1 }]
  switch (operation) {
    case 'GenerateDataKeyPair':
    case 'GenerateDataKeyPairWithoutPlaintext': {
      const group = `pairs-${member('KeyPairSpec')}`
      return [{ group: quotaGroups.has(group) ? group : 'pairs-ECC_NIST_P256', count: 1 }]
    }
    case 'ReplicateKey':
      return [
        { group: operation, count: 1 },
        { group: 'CreateKey', count: 2, region: member('ReplicaRegion') },
      ]
    case 'UpdatePrimaryRegion':
      return [
        { group: operation, count: 1 },
        { group: operation, count: 1, region: member('PrimaryRegion') },
      ]
    default:
      return [{ group: operation, count: 1 }]
  }
}

/** The kind of key that the request's algorithm is for. One that does not fit the key is refused anyway. */
function familyOf(operation: string, member: (name: string) => string): string {
  if (operation === 'DeriveSharedSecret') return 'ecc'
  if (operation === 'Encapsulate' || operation === 'Decapsulate') return 'ml-kem'
  const algorithms = [
    'EncryptionAlgorithm',
    'SigningAlgorithm',
    'SourceEncryptionAlgorithm',
    'DestinationEncryptionAlgorithm',
  ].map(member)
  if (algorithms.some((name) => name.startsWith('RSA'))) return 'rsa'
  if (algorithms.some((name) => /^(ECDSA|ED25519)/.test(name))) return 'ecc'
  if (algorithms.some((name) => name.startsWith('ML_DSA'))) return 'ml-dsa'
  return 'symmetric'
}
