/**
 * The condition keys of a request, by name (IAM User Guide, "AWS global condition context keys"). A key that is not there
 * is absent from the request, as Trent knows of no organizations, networks or MFA devices.
 */
import { isoTime } from '../clock.ts'
import type { Principal } from '../identities/principal.ts'
import type { ContextLookup } from './template.ts'

/** Values of condition keys, by their names in lower case. */
export type ContextValues = Readonly<Record<string, readonly string[] | undefined>>

/** Where and when a request came in, as condition keys tell it. */
export interface RequestFacts {
  /** Milliseconds since 1970. */
  readonly now: number
  /** The region that the request was signed for. */
  readonly region: string
  readonly sourceIp: string
  readonly userAgent: string | undefined
  readonly referer?: string | undefined
  readonly secureTransport: boolean
}

/** Looks the values up. */
export const lookUp =
  (values: ContextValues): ContextLookup =>
  (key) =>
    Object.hasOwn(values, key) ? values[key] : undefined

/** What every request has. */
export function requestContext(facts: RequestFacts): ContextValues {
  const { now, region, sourceIp, userAgent, referer, secureTransport } = facts
  return {
    'aws:currenttime': [isoTime(now)],
    'aws:epochtime': [String(Math.floor(now / 1000))],
    'aws:requestedregion': [region],
    'aws:securetransport': [String(secureTransport)],
    'aws:sourceip': [ipv4Of(sourceIp)],
    'aws:useragent': userAgent === undefined ? undefined : [userAgent],
    'aws:referer': referer === undefined ? undefined : [referer],
  }
}

/** What is known of a principal. */
export function principalContext(principal: Principal): ContextValues {
  const { account, principalId, session, tags } = principal
  return {
    'aws:principalaccount': [account],
    'aws:principalisawsservice': ['false'],
    'aws:viaawsservice': ['false'],
    'aws:userid': [principalId],
    ...namesOf(principal),
    ...(session && {
      'aws:tokenissuetime': [isoTime(session.issuedAt)],
      'aws:multifactorauthpresent': ['false'],
      'aws:sourceidentity':
        session.sourceIdentity === undefined ? undefined : [session.sourceIdentity],
      'aws:federatedprovider':
        session.federatedProvider === undefined ? undefined : [session.federatedProvider],
    }),
    ...tagValues('aws:principaltag/', tags),
  }
}

/** A condition key for each tag, such as `aws:principaltag/team`. */
export function tagValues(
  prefix: `${string}/`,
  tags: readonly { readonly key: string; readonly value: string }[],
): ContextValues {
  const values: Record<string, readonly string[]> = {}
  for (const { key, value } of tags) {
    const name = prefix + key.toLowerCase()
    // Keys of some tags differ by case alone; condition keys do not.
    values[name] = [...(values[name] ?? []), value]
  }
  return values
}

/** The tags that a request gives; without their values, the keys of those that it takes away. */
export function requestTags(
  tags: readonly { readonly key: string; readonly value?: string | undefined }[],
): ContextValues {
  if (tags.length === 0) return {}
  const given = tags.flatMap(({ key, value }) => (value === undefined ? [] : [{ key, value }]))
  return { 'aws:tagkeys': tags.map(({ key }) => key), ...tagValues('aws:requesttag/', given) }
}

/** An IPv4 address that came in through an IPv6 socket is an IPv4 address. */
const ipv4Of = (address: string) => address.replace(/^::ffff:(?=\d+\.)/i, '')

function namesOf(principal: Principal): ContextValues {
  switch (principal.type) {
    case 'Root':
      return { 'aws:principalarn': [principal.arn], 'aws:principaltype': ['Account'] }
    case 'IAMUser':
      return {
        'aws:principalarn': [principal.arn],
        'aws:principaltype': ['User'],
        'aws:username': [principal.userName],
      }
    case 'AssumedRole':
      return { 'aws:principalarn': [principal.roleArn], 'aws:principaltype': ['AssumedRole'] }
    case 'FederatedUser':
      return { 'aws:principalarn': [principal.arn], 'aws:principaltype': ['FederatedUser'] }
  }
}
