/**
 * What a role session takes from the claims of a web identity token: condition keys for the trust policy, session tags and
 * the source identity (IAM User Guide, "Pass session tags using AssumeRoleWithWebIdentity").
 */
import type { ContextValues } from '../policies/context-values.ts'
import type { GivenTags } from './session-tags.ts'
import { type Claims, invalidIdentityToken, type WebIdentityToken } from './web-identity-token.ts'

/** `<provider>:aud`, `<provider>:sub` and the other claims that are plain texts, numbers or lists of texts. */
export function claimContext(token: WebIdentityToken): ContextValues {
  const { provider, subject, audience, originalAudience, claims } = token
  // A provider that is called like a service must not set that service's condition keys.
  if (!/[.:]/.test(provider.url)) return {}
  const values: Record<string, readonly string[]> = {}
  for (const [claim, value] of Object.entries(claims)) {
    const texts = textsOf(value)
    if (texts !== undefined) values[claim.toLowerCase()] = texts
  }
  const own = { sub: [subject], aud: [audience], oaud: originalAudience }
  return Object.fromEntries(
    Object.entries({ ...values, ...own }).map(([claim, value]) => [
      `${provider.url}:${claim}`.toLowerCase(),
      value,
    ]),
  )
}

function textsOf(value: unknown): readonly string[] | undefined {
  if (typeof value === 'string') return [value]
  if (typeof value === 'number' || typeof value === 'boolean') return [String(value)]
  const isList = Array.isArray(value) && value.every((each) => typeof each === 'string')
  return isList ? value : undefined
}

/** The session tags that the issuer gives. Throws InvalidIdentityToken for tags that are not of AWS's form. */
export function claimedTags(claims: Claims): GivenTags {
  const given = claims['https://aws.amazon.com/tags']
  if (given === undefined) return {}
  const { principal_tags: tags = {}, transitive_tag_keys: keys = [] } = objectOf(given)
  const Tags = Object.entries(objectOf(tags)).map(([Key, values]) => {
    const listed: readonly unknown[] = Array.isArray(values) ? values : []
    const [Value, ...more] = listed
    if (typeof Value !== 'string' || more.length > 0) throw malformedTags()
    if (!keyForm.test(Key) || !valueForm.test(Value)) throw malformedTags()
    return { Key, Value }
  })
  const isList = Array.isArray(keys) && keys.every((key) => typeof key === 'string')
  if (!isList || Tags.length > 50) throw malformedTags()
  return { Tags, TransitiveTagKeys: keys }
}

const keyForm = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u
const valueForm = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformedTags()
  return value as Record<string, unknown>
}

const malformedTags = () => invalidIdentityToken('The session tags of the token are not valid')

/** The source identity that the issuer gives; undefined if and only if it gives none. */
export function claimedSourceIdentity(claims: Claims): string | undefined {
  const given = claims['https://aws.amazon.com/source_identity']
  if (given === undefined) return undefined
  if (typeof given === 'string' && /^[A-Za-z0-9_+=,.@-]{2,64}$/.test(given)) return given
  throw invalidIdentityToken('The source identity of the token is not valid')
}
