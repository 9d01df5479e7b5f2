/**
 * The rules of parameters that many of IAM's actions have (IAM API Reference, "Common Parameters" of each action).
 */
import type { IdentityKind } from '../database/iam-identities.ts'
import type { AccessKeyStatus } from '../database/identities.ts'
import {
  boolean,
  integer,
  type RequiredRule,
  type Rule,
  required,
  text,
  texts,
} from '../server/query-input.ts'
import { tagKey, tags } from '../server/tag-input.ts'

/** The parameter that names an identity of each kind. */
export const nameMembers = { user: 'UserName', group: 'GroupName', role: 'RoleName' } as const

const lowerCamel = (member: string) => member.charAt(0).toLowerCase() + member.slice(1)

/** A name under a parameter of that name; at most so long. */
export function nameRule(wire: string, max: number): Rule<string> {
  const sentence = {
    regex: /^[A-Za-z0-9_+=,.@-]*$/,
    text: `The specified value for ${lowerCamel(wire)} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-`,
  }
  return { ...text({ min: 1, max, sentence }), wire }
}

/** The name of an identity that is there, where it may be left out. */
export const optionalName = (kind: IdentityKind) =>
  nameRule(nameMembers[kind], kind === 'role' ? 64 : 128)

/** The name of an identity that is there. */
export const existingName = (kind: IdentityKind) => required(optionalName(kind))

/** The name of an identity to be. */
export const newName = (kind: IdentityKind) =>
  required(nameRule(nameMembers[kind], kind === 'group' ? 128 : 64))

export const policyName = required(nameRule('PolicyName', 128))

/** A path under a parameter of that name. */
export function pathRule(wire: string): Rule<string> {
  const sentence = {
    regex: /^\/$|^\/[\u0021-\u007e]+\/$/,
    text: `The specified value for ${lowerCamel(wire)} is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.`,
  }
  return { ...text({ min: 1, max: 512, sentence }), wire }
}

/** The path of a managed policy has fewer characters to choose from, and so have prefixes of it. */
const policyPathRule = (member: 'path' | 'pathPrefix'): Rule<string> =>
  text({
    min: 1,
    max: 512,
    sentence: {
      regex: /^(?:\/[A-Za-z0-9.,+@=_-]+)*\/$/,
      text: `The specified value for ${member} is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.`,
    },
  })

export const policyPath = policyPathRule('path')
export const policyPathPrefix = policyPathRule('pathPrefix')

export const pathPrefix: Rule<string> = text({
  min: 1,
  max: 512,
  sentence: {
    regex: /^\/[\u0021-\u007f]*$/,
    text: 'The specified value for pathPrefix is invalid. It must begin with the / character and contain only alphanumeric characters and/or / characters.',
  },
})

/** An ARN, whose form is another matter. */
export const arn: Rule<string> = text({ min: 20, max: 2048 })

/** The ARN of a managed policy. */
export const policyArn = required(arn)

/** A policy document, before anybody has read it, under a parameter of that name. */
export function documentRule(wire: string): RequiredRule<string> {
  const sentence = {
    regex: /^[\t\n\r\u0020-\u00ff]*$/,
    text: `The specified value for ${lowerCamel(wire)} is invalid. It must contain only printable ASCII characters.`,
  }
  return { ...text({ min: 1, max: 131_072, sentence }), wire, required: true }
}

/** The description of a role; of policies only the length is checked. */
export const roleDescription: Rule<string> = text({
  max: 1000,
  pattern: {
    source: '[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u00A1-\\u00FF]*',
    regex: /^[\t\n\r\u0020-\u007e\u00a1-\u00ff]*$/,
  },
})

export const requiredRoleDescription = required(roleDescription)

export const policyDescription: Rule<string> = text({ max: 1000 })

export const maxSessionDuration: Rule<number> = integer({ min: 3600, max: 43_200 })

/** A version of a managed policy: `v1`. */
export const versionId: RequiredRule<string> = required(
  text({
    pattern: {
      source: 'v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?',
      regex: /^v[1-9][0-9]*(?:\.[A-Za-z0-9-]*)?$/,
    },
  }),
)

const accessKeyId: Rule<string> = text({
  min: 16,
  max: 128,
  sentence: {
    regex: /^\w*$/,
    text: 'The specified value for accessKeyId is invalid. It must contain only alphanumeric characters.',
  },
})

export const requiredAccessKeyId = required(accessKeyId)

export const accessKeyStatus = required(text<AccessKeyStatus>({ values: ['Active', 'Inactive'] }))

export { tags }

export const requiredTags = required(tags)

/** Keys of tags to take away. */
export const tagKeys = required(texts(tagKey, { max: 50 }))

/** The kinds of things that some lists can be narrowed to. */
export type EntityType = 'User' | 'Role' | 'Group' | 'LocalManagedPolicy' | 'AWSManagedPolicy'

const entityTypes: readonly EntityType[] = [
  'User',
  'Role',
  'Group',
  'LocalManagedPolicy',
  'AWSManagedPolicy',
]

/** What every list can be asked for. */
export const paging = {
  Marker: text({ min: 1, max: 320 }),
  MaxItems: integer({ min: 1, max: 1000, showValue: true }),
} as const

/** What ListPolicies and ListEntitiesForPolicy can be narrowed by. */
export const policyScope = text<'All' | 'AWS' | 'Local'>({ values: ['All', 'AWS', 'Local'] })
export const policyUsage = text<'PermissionsPolicy' | 'PermissionsBoundary'>({
  values: ['PermissionsPolicy', 'PermissionsBoundary'],
})
export const entityFilter = text<EntityType>({ values: entityTypes })
export const onlyAttached = boolean
export const setAsDefault = boolean
export const entityTypesFilter = texts<EntityType>({ values: entityTypes })

export const accountAlias = required(
  text({
    min: 3,
    max: 63,
    pattern: {
      source: '^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$',
      regex: /^(?!\d{12}$)[a-z0-9](?:[a-z0-9]|-(?!-)){1,61}[a-z0-9]$/,
    },
  }),
)
