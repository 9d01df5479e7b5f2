/**
 * What a KeyId member names. The four forms are a key id, a key ARN, an alias name and an alias ARN (Developer Guide,
 * "Key identifiers"); what is wrong with one is told by AWS's sentences, in AWS's order.
 */
import { aliasArn, keyArn, parseArn, partitionOf, type Scope } from '../api/arn.ts'
import { invalidArn, notFound } from '../api/errors.ts'

/** A key or an alias, by name. `account` is the one that the reference names, or else the caller's. */
export type KeyReference =
  | { readonly kind: 'key'; readonly account: string; readonly id: string; readonly arn: string }
  | {
      readonly kind: 'alias'
      readonly account: string
      readonly name: string
      readonly arn: string
    }

/** Reads a KeyId member. Throws NotFoundException or InvalidArnException for what names no key in this region. */
export function readKeyReference(text: string, scope: Scope, aliases: boolean): KeyReference {
  if (text.startsWith('alias/')) {
    if (!aliases) throw aliasesUnsupported()
    return { kind: 'alias', account: scope.account, name: text, arn: aliasArn(scope, text) }
  }
  if (text.startsWith('arn:')) return readArn(text, scope, aliases)
  if (!isKeyId(text)) throw notFound(`Invalid keyId '${text}'`)
  return { kind: 'key', account: scope.account, id: text, arn: keyArn(scope, text) }
}

/** The error of a well-formed id or ARN that names nothing. */
export const noSuchKey = (arn: string) => notFound(`Key '${arn}' does not exist`)

/** The error of an alias that does not exist. */
export const noSuchAlias = (arn: string) => notFound(`Alias ${arn} is not found.`)

/** The ARN of a key is the same reference wherever it stands, in a call of its own region; the newest are kept. */
const knownArns = new Map<string, { readonly region: string; readonly reference: KeyReference }>()
const mostArns = 1000

function readArn(text: string, scope: Scope, aliases: boolean): KeyReference {
  const known = knownArns.get(text)
  if (known?.region === scope.region) return known.reference
  const reference = parseReference(text, scope, aliases)
  if (reference.kind === 'key') {
    if (knownArns.size >= mostArns) knownArns.clear()
    knownArns.set(text, { region: scope.region, reference })
  }
  return reference
}

function parseReference(text: string, scope: Scope, aliases: boolean): KeyReference {
  const arn = parseArn(text)
  if (arn === undefined || arn.service !== 'kms') throw notFound(`Invalid arn ${text}`)
  if (arn.resource.startsWith('alias/') && !aliases) throw aliasesUnsupported()
  if (arn.region !== scope.region) throw notFound(`Invalid arn ${arn.region}`)
  if (arn.partition !== partitionOf(scope.region)) throw notFound(`Invalid arn ${arn.partition}`)
  if (!/^\d{12}$/.test(arn.account)) throw notFound(`Invalid arn ${text}`)
  if (arn.resource.startsWith('alias/')) {
    return { kind: 'alias', account: arn.account, name: arn.resource, arn: text }
  }
  if (!arn.resource.startsWith('key/')) throw notFound(`Invalid arn ${text}`)
  const id = arn.resource.slice('key/'.length)
  if (!isKeyId(id)) throw notFound(`Invalid keyId ${id}`)
  return { kind: 'key', account: arn.account, id, arn: text }
}

const aliasesUnsupported = () => invalidArn('Key Aliases are not supported for this operation.')

/** A UUID, or a multi-Region id: digits in either case behind a literal `mrk-`. */
function isKeyId(text: string): boolean {
  return /^(?:[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}|mrk-[0-9A-Fa-f]{32})$/.test(text)
}
