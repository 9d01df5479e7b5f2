/**
 * The checks that a key policy passes before it is stored, in AWS's order: size, JSON, structure, principals, ForAllValues
 * on what has a single value, and that the caller does not lock itself out (Developer Guide, "Create a key policy").
 */
import { rootArn } from '../api/arn.ts'
import { limitExceeded, malformedPolicyDocument, notFound } from '../api/errors.ts'
import type { Call } from '../operation.ts'
import { parsePolicy, type Statement } from './document.ts'
import { checkPrincipals } from './policy-principals.ts'

/** The largest key policy, in bytes; it is not adjustable. */
const sizeLimit = 32_768

/** Checks a policy document and answers the text to store, which is the text as it was given. */
export async function acceptPolicy(
  text: string,
  bypassLockout: boolean,
  call: Call,
): Promise<string> {
  const size = Buffer.byteLength(text, 'utf8')
  if (size > sizeLimit) {
    throw limitExceeded(
      `Key policy size limit is ${sizeLimit} bytes, the policy has ${size} bytes.`,
    )
  }
  const statements = parsePolicy(text)
  await checkPrincipals(statements, call.read)
  for (const statement of statements) refuseForAllValues(statement)
  if (!bypassLockout) refuseLockout(statements, call)
  return text
}

/** A key has the policy `default` and no other. */
export const noSuchPolicy = () => notFound('No such policy exists')

/** ForAllValues is true of a context without the key, which nobody means. */
function refuseForAllValues(statement: Statement): void {
  if (statement.effect !== 'Allow') return
  for (const [operator, keys] of statement.conditions) {
    if (!operator.toLowerCase().startsWith('forallvalues:')) continue
    for (const key of keys.keys()) {
      if (key.toLowerCase().startsWith('kms:encryptioncontext:')) {
        throw malformedPolicyDocument(overlyPermissive('encryption context', ':EncryptionContext'))
      }
      if (key.toLowerCase().startsWith('aws:requesttag/')) {
        throw malformedPolicyDocument(overlyPermissive('[encryption context or tag]', ''))
      }
    }
  }
}

const overlyPermissive = (what: string, suffix: string) =>
  `OverlyPermissiveCondition${suffix}: Using the ForAllValues set operator with a single-valued condition key matches requests without the specified ${what} or with an unspecified ${what}. To fix, remove ForAllValues.`

/**
 * Whether the caller could put another policy afterwards. A statement with conditions counts against the caller: it
 * cannot be told yet when it holds.
 */
function refuseLockout(statements: readonly Statement[], call: Call): void {
  const mine = statements.filter(
    (statement) => namesCaller(statement, call) && coversAction(statement, 'kms:putkeypolicy'),
  )
  const denied = mine.some((statement) => statement.effect === 'Deny')
  const allowed = mine.some(
    (statement) => statement.effect === 'Allow' && statement.conditions.size === 0,
  )
  if (denied || !allowed) {
    throw malformedPolicyDocument(
      'The new key policy will not allow you to update the key policy in the future.',
    )
  }
}

function namesCaller(statement: Statement, call: Call): boolean {
  const names = ['*', call.caller.account, rootArn(call.scope), call.caller.arn]
  const named = statement.principals.some(
    (principal) => principal.kind === 'AWS' && names.includes(principal.value),
  )
  return statement.principalsNegated ? !named : named
}

function coversAction(statement: Statement, action: string): boolean {
  const covered = statement.actions.some((pattern) => globMatches(pattern.toLowerCase(), action))
  const acts = statement.actionsNegated ? !covered : covered
  return acts && (statement.resources.length > 0 || statement.resourcesNegated)
}

/** `*` stands for any run of characters, `?` for one; no backtracking beyond the last star. */
function globMatches(pattern: string, text: string): boolean {
  let at = 0
  let star = -1
  let mark = 0
  let place = 0
  while (place < text.length) {
    if (pattern[at] === '*') {
      star = at++
      mark = place
    } else if (pattern[at] === '?' || pattern[at] === text[place]) {
      at += 1
      place += 1
    } else if (star >= 0) {
      at = star + 1
      place = ++mark
    } else return false
  }
  return pattern.slice(at).replaceAll('*', '') === ''
}
