/**
 * The rules of parameters that several of STS's actions have (STS API Reference).
 */
import { integer, type Rule, required, structures, text, texts } from '../server/query-input.ts'
import { tagKey, tags } from '../server/tag-input.ts'

const name = { source: '[\\w+=,.@-]*', regex: /^[A-Za-z0-9_+=,.@-]*$/ }

/** Characters beyond the first 65536 are outside of AWS's pattern, which does not mean what it says. */
const arn = text({
  min: 20,
  max: 2048,
  pattern: {
    source:
      '[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u0085\\u00A0-\\uD7FF\\uE000-\\uFFFD\\u10000-\\u10FFFF]+',
    regex: /^[\t\n\r\u0020-\u007e\u0085\u00a0-\ud7ff\ue000-\ufffd]+$/,
  },
})

const roleArn = required(arn)
const roleSessionName = required(text({ min: 2, max: 64, pattern: name }))
export const federatedName = required(text({ min: 2, max: 32, pattern: name }))
const sourceIdentity = text({ min: 2, max: 64, pattern: name })

const externalId = text({
  min: 2,
  max: 1224,
  pattern: { source: '[\\w+=,.@:\\/-]*', regex: /^[A-Za-z0-9_+=,.@:/-]*$/ },
})

/** An inline session policy. */
export const policy = text({
  min: 1,
  max: 2048,
  pattern: {
    source: '[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+',
    regex: /^[\t\n\r\u0020-\u00ff]+$/,
  },
})

/** Managed session policies. Of all parameters this one has a small first letter. */
export const policyArns = structures({ arn: required(arn) }, { max: 10 })

/** Of a role's session: up to twelve hours. */
const roleDuration = integer({ min: 900, max: 43_200 })

/** Of a user's session: up to a day and a half. */
export const userDuration = integer({ min: 900, max: 129_600 })

/** Session tags. */
export { tags }

/** The keys of the tags that go on to the next role. */
const transitiveTagKeys = texts(tagKey, { max: 50 })

/** What a violated constraint does not repeat, as it might be a secret. */
function unseen<Value>(rule: Rule<Value>): Rule<Value> {
  return {
    ...rule,
    read: (place) => rule.read({ ...place, problems: { ...place.problems, showValues: false } }),
  }
}

/** The parameters of a multi-factor device. */
export const mfa = {
  SerialNumber: text({
    min: 9,
    max: 256,
    pattern: { source: '[\\w+=/:,.@-]*', regex: /^[A-Za-z0-9_+=/:,.@-]*$/ },
  }),
  TokenCode: unseen(text({ min: 6, max: 6, pattern: { source: '[\\d]*', regex: /^\d*$/ } })),
} as const

/** What AssumeRole takes. */
export const assumeRoleRules = {
  RoleArn: roleArn,
  RoleSessionName: roleSessionName,
  PolicyArns: policyArns,
  Policy: policy,
  DurationSeconds: roleDuration,
  Tags: tags,
  TransitiveTagKeys: transitiveTagKeys,
  ExternalId: externalId,
  ...mfa,
  SourceIdentity: sourceIdentity,
  ProvidedContexts: structures(
    { ProviderArn: text(), ContextAssertion: unseen(text()) },
    { max: 5 },
  ),
} as const

/** What AssumeRoleWithWebIdentity takes. */
export const webIdentityRules = {
  RoleArn: roleArn,
  RoleSessionName: roleSessionName,
  WebIdentityToken: required(unseen(text({ min: 4, max: 20_000 }))),
  ProviderId: text({ min: 4, max: 2048 }),
  PolicyArns: policyArns,
  Policy: policy,
  DurationSeconds: roleDuration,
} as const
