/**
 * An explanation for people: the verdict first, then what decided, then everything that was looked at.
 */
import type { GrantTrace } from '../access/decide.ts'
import type { ElementTrace, StatementTrace } from '../policies/evaluate.ts'
import type { Deciding, PolicyTrace } from '../policies/layers.ts'
import type { Because, ExplainedCall, ExplainedDecision } from './explanation.ts'

/** The lines of a call. */
export function showCall(call: ExplainedCall): string {
  const { principal, requestId, time, operation, region } = call
  const who = [principal.arn, principal.principalId].filter((each) => each !== undefined)
  return [
    `request    ${requestId}`,
    `call       ${operation} in ${region} at ${time}`,
    `principal  ${who.join('  ')}`,
    ...call.decisions.flatMap((decision) => ['', showDecision(decision)]),
  ].join('\n')
}

/** The lines of one decision. Whatever a caller can choose is freed of control characters. */
export function showDecision(decision: ExplainedDecision): string {
  const { action, resource, verdict, message, context, policies, grants } = decision
  return [
    `${verdict.toUpperCase()}  ${action} on ${resource}`,
    `  because ${showBecause(decision.because)}`,
    ...(message === undefined ? [] : [`  told     ${message}`]),
    '  condition keys',
    ...Object.entries(context).map(([key, values]) => `    ${key} = ${values.join(' | ')}`),
    ...(policies === undefined
      ? ['  the statements that did not decide were not kept']
      : policies.flatMap(showPolicy)),
    ...(grants ?? []).map(showGrant),
  ]
    .map(printable)
    .join('\n')
}

function showBecause({ kind, layer, grantId, statements = [] }: Because): string {
  switch (kind) {
    case 'statements':
      return statements.length === 0
        ? 'the root user needs no policy of its own'
        : `of ${statements.map(showDeciding).join(' and ')}`
    case 'grant':
      return `of the grant ${grantId}`
    case 'explicitDeny':
      return `of an explicit deny in ${statements.map(showDeciding).join(', ')}`
    case 'noAllow':
      return `nothing allows it: ${layerNames[layer ?? ''] ?? ''}`
    case 'otherAccount':
      return 'the operation is not allowed across accounts'
  }
}

const layerNames: Readonly<Record<string, string>> = {
  resource: 'no statement of the resource-based policy, and no grant',
  identity: 'no identity-based policy',
  boundary: 'not the permissions boundary',
  session: 'no session policy',
}

const showDeciding = ({ layer, policy, statement }: Deciding) =>
  `statement ${statement.index}${statement.sid === undefined ? '' : ` "${statement.sid}"`} of the ${layer} policy ${policy}`

function showPolicy({ layer, policy, statements }: PolicyTrace): readonly string[] {
  return [`  ${layer} policy ${policy}`, ...statements.flatMap(showStatement)]
}

function showStatement(statement: StatementTrace): readonly string[] {
  const { index, sid, effect, applies, elements } = statement
  const name = sid === undefined ? '' : ` "${sid}"`
  return [
    `    statement ${index}${name} ${effect}: ${applies ? 'applies' : 'does not apply'}`,
    ...elements.map(showElement),
  ]
}

function showElement({ element, operator, key, wanted, found, matched }: ElementTrace): string {
  const what = operator === undefined ? element : `${element} ${operator} ${key}`
  const has = found === undefined ? 'absent' : found.join(' | ')
  return `      ${matched ? 'yes' : 'no '}  ${what}: wants ${wanted.join(' | ')}; has ${has}`
}

const showGrant = ({ grantId, applies, failed }: GrantTrace) =>
  `  grant ${grantId}: ${applies ? 'applies' : `does not apply: ${failures[failed ?? ''] ?? failed}`}`

const failures: Readonly<Record<string, string>> = {
  operation: 'it does not permit the operation',
  constraint: 'its constraints do not hold',
  newGrant: 'it permits no grant as wide as the new one',
  identity: 'the account leaves it to identity-based policies, and none allows it',
  boundary: 'the permissions boundary does not allow it',
  session: 'no session policy allows it',
}

const printable = (line: string) => line.replaceAll(/\p{Cc}/gu, '\ufffd')
