/**
 * The requests and responses of the AWS KMS API, taken from the SDK's own types, so that the newest
 * `@aws-sdk/client-kms` decides the surface: an operation it gains is a compile error here until it has a row.
 */
import type * as kms from '@aws-sdk/client-kms'

type Method = Exclude<
  keyof kms.KMS,
  keyof kms.KMSClient | `paginate${string}` | `waitUntil${string}`
>

/** The name of an operation, as in `X-Amz-Target: TrentService.<OperationName>`. */
export type OperationName = Capitalize<Method>

type Callback<Name extends OperationName> = Parameters<kms.KMS[Uncapitalize<Name>]>

/** The SDK's own input of an operation, which `shapes.ts` is checked against. */
export type SdkInput<Name extends OperationName> = Callback<Name>[0]

type SdkOutput<Name extends OperationName> = Omit<
  NonNullable<Parameters<Callback<Name>[2]>[1]>,
  '$metadata'
>

/** Seconds since 1970 with up to three decimals, as JSON 1.1 carries a timestamp. */
export type Timestamp = number

/** An encryption context: a Map and never a plain object, so that `__proto__` is a key like any other. */
export type EncryptionContext = ReadonlyMap<string, string>

/** An SDK shape as Trent holds it: timestamps as numbers, maps as Maps, everything read-only. */
export type Ours<T> = T extends Date
  ? Timestamp
  : T extends Uint8Array
    ? Uint8Array
    : T extends string | number | boolean | undefined
      ? T
      : T extends readonly (infer Item)[]
        ? readonly Ours<Item>[]
        : T extends object
          ? string extends keyof T
            ? ReadonlyMap<string, Ours<T[string]>>
            : { readonly [Member in keyof T]: Ours<Given<T, Member>> }
          : T

/** The SDK types a required member as `T | undefined`; once checked it is there. */
type Given<T, Member extends keyof T> =
  object extends Pick<T, Member> ? T[Member] : Exclude<T[Member], undefined>

/** A request whose shape has been checked. */
export type Request<Name extends OperationName> = Ours<SdkInput<Name>>

/** The operations that answer 200 with an empty body, because the model gives them no output shape. */
export type EmptyAnswer =
  | 'CreateAlias'
  | 'DeleteAlias'
  | 'UpdateAlias'
  | 'EnableKey'
  | 'DisableKey'
  | 'EnableKeyRotation'
  | 'DisableKeyRotation'
  | 'PutKeyPolicy'
  | 'RetireGrant'
  | 'RevokeGrant'
  | 'TagResource'
  | 'UntagResource'
  | 'UpdateKeyDescription'
  | 'UpdatePrimaryRegion'

/** What an operation answers: void is an empty body, `{}` an empty JSON object. */
export type Response<Name extends OperationName> = Name extends EmptyAnswer
  ? // biome-ignore lint/suspicious/noConfusingVoidType: an operation that answers nothing returns nothing
    void
  : Ours<SdkOutput<Name>>

export type KeyMetadata = Ours<kms.KeyMetadata>
export type KeySpec = kms.KeySpec
export type KeyUsage = kms.KeyUsageType
export type KeyState = kms.KeyState
export type Origin = kms.OriginType
export type KeyManager = kms.KeyManagerType
export type ExpirationModel = kms.ExpirationModelType
export type EncryptionAlgorithm = kms.EncryptionAlgorithmSpec
export type SigningAlgorithm = kms.SigningAlgorithmSpec
export type MacAlgorithm = kms.MacAlgorithmSpec
export type MessageType = kms.MessageType
export type WrappingAlgorithm = kms.AlgorithmSpec
export type WrappingKeySpec = kms.WrappingKeySpec
export type DataKeyPairSpec = kms.DataKeyPairSpec
export type RotationType = kms.RotationType
export type KeyMaterialState = kms.KeyMaterialState
export type ImportState = kms.ImportState
export type Tag = Ours<kms.Tag>
