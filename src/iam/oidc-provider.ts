/**
 * OpenID Connect providers as IAM's actions find them, by their ARNs.
 */
import { parseArn } from '../api/arn.ts'
import type { Reader } from '../database/database.ts'
import {
  findOidcProvider,
  type OidcProvider,
  oidcProviderRowName,
} from '../database/iam-oidc-providers.ts'
import { readTags } from '../database/iam-tags.ts'
import { oidcProviderArn } from '../identities/arns.ts'
import type { QueryCall } from '../server/query-action.ts'
import {
  invalidInput,
  noSuchEntity,
  type QueryError,
  validationError,
} from '../server/query-error.ts'
import { required, text, texts } from '../server/query-input.ts'
import type { ContextValues } from '../policies/context-values.ts'
import { authorizeIam, type IamQuestion, resourceTags } from './authorize-iam.ts'
import { arn } from './rules.ts'
import type { TagOwner } from './tag-rules.ts'

export const providerArn = required(arn)
export const providerUrl = required(text({ min: 1, max: 255 }))
export const clientId = required(text({ min: 1, max: 255 }))
export const clientIds = texts({ min: 1, max: 255 }, { sayNotNull: false })
export const thumbprints = texts({ min: 40, max: 40 }, { sayNotNull: false })
export const requiredThumbprints = required(thumbprints)

/** What an action wants with a provider. */
interface ProviderLook {
  readonly arn: string
  readonly action: IamQuestion['action']
  readonly context?: ContextValues
  /** What is thrown when there is none. */
  readonly missing?: () => QueryError
}

/** The provider of an ARN, if the caller may and there is one. */
export async function findProvider(
  reader: Reader,
  call: QueryCall,
  look: ProviderLook,
): Promise<OidcProvider> {
  const { arn: given, action } = look
  const url = parseArn(given)?.resource.replace(/^oidc-provider\//, '') ?? ''
  const isOwn = oidcProviderArn(call.partition, call.account, url) === given
  const row = isOwn ? await findOidcProvider(reader, call.account, url) : undefined
  const own = row && resourceTags(await readTags(reader, providerOwner(row).owner))
  authorizeIam(call, { action, resource: given, context: { ...own, ...look.context } })
  if (row !== undefined) return row
  throw look.missing?.() ?? noSuchEntity(`OpenIDConnect Provider not found for arn ${given}`)
}

/** The issuer of a URL, as a provider's ARN has it. AWS takes no port; whoever hosts his own issuer may need one. */
export function issuerOf(url: string): string {
  if (!URL.canParse(url)) throw validationError('Invalid Open ID Connect Provider URL')
  const { protocol, search, hash, username, password } = new URL(url)
  if (protocol !== 'https:') {
    throw invalidInput('Invalid Open ID Connect Provider URL. The URL must begin with https://.')
  }
  const isPlain = search === '' && hash === '' && username === '' && password === ''
  if (!isPlain || !/^https:\/\/[\u0021-\u007e]+$/.test(url)) {
    throw validationError('Invalid Open ID Connect Provider URL')
  }
  return url.slice('https://'.length)
}

/** Thumbprints as they are stored. Five are taken, whatever AWS's sentence says. */
export function storedThumbprints(given: readonly string[], most: number): readonly string[] {
  if (given.length > most) {
    throw invalidInput(`Thumbprint list must contain fewer than ${most} entries.`)
  }
  return given.map((thumbprint) => thumbprint.toLowerCase())
}

/** The tags of a provider. */
export function providerOwner({ account, url }: OidcProvider): TagOwner {
  const row = oidcProviderRowName(account, url)
  return { owner: row, row }
}
