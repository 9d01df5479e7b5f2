/**
 * Session tags, and those of them that go on from role to role (IAM User Guide, "Pass session tags in AWS STS").
 */
import type { Principal, PrincipalTag } from '../identities/principal.ts'
import { invalidParameterValue } from '../server/query-error.ts'

/** The tags of a session to be. */
export interface SessionTags {
  /** What the request gives. */
  readonly given: readonly PrincipalTag[]
  /** What the session has: the inherited ones, which nobody on the way can change, and the given ones. */
  readonly all: readonly PrincipalTag[]
  /** The keys of those that go on to the next role. */
  readonly transitive: readonly string[]
}

/** What a request says of tags. */
export interface GivenTags {
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[] | undefined
  readonly TransitiveTagKeys?: readonly string[] | undefined
}

/** The tags of a session of a role, for a caller from whom it may inherit some. Throws InvalidParameterValue. */
export function sessionTags(
  { Tags = [], TransitiveTagKeys = [] }: GivenTags,
  caller?: Pick<Principal, 'session' | 'tags'>,
): SessionTags {
  const given = Tags.map(({ Key, Value }) => ({ key: Key, value: Value }))
  const keys = new Set(given.map(({ key }) => key.toLowerCase()))
  if (keys.size < given.length) {
    throw invalidParameterValue(
      'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
    )
  }
  if (given.some(({ key }) => key.toLowerCase().startsWith('aws:'))) {
    throw invalidParameterValue('Tag keys that begin with aws: are reserved for use by AWS.')
  }
  if (!TransitiveTagKeys.every((key) => keys.has(key.toLowerCase()))) {
    throw invalidParameterValue(
      'The specified transitive tag key must be included in the requested tags.',
    )
  }
  const inheritedKeys = caller?.session?.transitiveTagKeys ?? []
  const inherited = new Set(inheritedKeys.map((key) => key.toLowerCase()))
  if (given.some(({ key }) => inherited.has(key.toLowerCase()))) {
    throw invalidParameterValue(
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
    )
  }
  const kept = (caller?.tags ?? []).filter(({ key }) => inherited.has(key.toLowerCase()))
  return { given, all: [...kept, ...given], transitive: [...inheritedKeys, ...TransitiveTagKeys] }
}
