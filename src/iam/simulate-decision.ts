/**
 * One simulated request, decided by the same function as any other, and the explanation that IAM gives of it.
 */
import { parseArn } from '../api/arn.ts'
import { type AccessQuestion, decide, type Decision, type DecisionTrace } from '../access/decide.ts'
import { type ContextValues, lookUp } from '../policies/context-values.ts'
import type { Layer, PolicyTrace } from '../policies/layers.ts'
import type { XmlStructure } from '../server/xml.ts'
import { keysOf } from './context-key-names.ts'
import type { AccountCaller } from './simulate-caller.ts'
import type { SourcePolicy } from './simulate-sources.ts'
import { positionOf } from './text-position.ts'

/** Everything that a simulation's requests have in common. */
export interface Simulation {
  readonly caller: AccountCaller
  readonly context: ContextValues
  readonly identity: readonly SourcePolicy[]
  readonly boundary: SourcePolicy | undefined
  readonly resourcePolicy: SourcePolicy | undefined
  /** The account of a resource whose ARN does not say it. */
  readonly resourceOwner: string | undefined
}

type Verdict = 'allowed' | 'explicitDeny' | 'implicitDeny'

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html */
export function evaluationResult(
  simulation: Simulation,
  action: string,
  resource: string,
): XmlStructure {
  const trace: DecisionTrace = { policies: [], grants: [] }
  const question = questionOf(simulation, action, resource)
  const verdict = verdictOf(decideSimulated(question, trace))
  const matched = matchedStatements(simulation, verdict, trace.policies)
  const missing = missingKeys(simulation, action)
  const boundary = simulation.boundary && {
    AllowedByPermissionsBoundary: layerVerdict(trace.policies, 'boundary') === 'allowed',
  }
  const isAll = resource === '*'
  const details = isAll ? undefined : accountDetails(question, trace.policies)
  return {
    EvalActionName: action,
    EvalResourceName: resource,
    EvalDecision: verdict,
    MatchedStatements: matched,
    // For resources that are named, AWS tells of them with the resource.
    MissingContextValues: isAll ? missing : [],
    PermissionsBoundaryDecisionDetail: boundary,
    EvalDecisionDetails: details,
    ResourceSpecificResults: isAll
      ? undefined
      : [
          {
            EvalResourceName: resource,
            EvalResourceDecision: verdict,
            MatchedStatements: matched,
            MissingContextValues: missing,
            EvalDecisionDetails: details,
            PermissionsBoundaryDecisionDetail: boundary,
          },
        ],
  }
}

function questionOf(simulation: Simulation, action: string, resource: string): AccessQuestion {
  const { caller, context, identity, boundary, resourcePolicy, resourceOwner } = simulation
  const named = parseArn(resource)?.account ?? ''
  const account = /^\d{12}$/.test(named) ? named : caller.account
  return {
    on: resourcePolicy === undefined ? 'identity' : 'resource',
    request: { action, resource, caller, context: lookUp(context) },
    // Without a policy of the resource the caller's own are all that is asked.
    owner: resourcePolicy === undefined ? caller.account : (resourceOwner ?? account),
    acrossAccounts: true,
    layers: { resource: resourcePolicy, identity, boundary, session: undefined },
  }
}

/** A key's policy has to let the account's policies speak; anything else's only adds to them within the account. */
function decideSimulated(question: AccessQuestion, trace: DecisionTrace): Decision {
  const decision = decide(question, trace)
  if (decision.allowed || decision.because.kind !== 'noAllow') return decision
  const isKey = /^kms:/i.test(question.request.action)
  return isKey || isAcross(question) ? decision : decide({ ...question, on: 'identity' })
}

const isAcross = ({ request, owner }: AccessQuestion): boolean =>
  'account' in request.caller && request.caller.account !== owner

function verdictOf(decision: Decision): Verdict {
  if (decision.allowed) return 'allowed'
  return decision.because.kind === 'explicitDeny' ? 'explicitDeny' : 'implicitDeny'
}

function layerVerdict(policies: readonly PolicyTrace[], layer: Layer): Verdict {
  const effects = policies
    .filter((policy) => policy.layer === layer)
    .flatMap(({ statements }) => statements)
    .flatMap(({ applies, effect }) => (applies ? [effect] : []))
  if (effects.includes('Deny')) return 'explicitDeny'
  return effects.includes('Allow') ? 'allowed' : 'implicitDeny'
}

/** What each side says, where they are of two accounts; there and empty where they are of one. */
function accountDetails(
  question: AccessQuestion,
  policies: readonly PolicyTrace[],
): ReadonlyMap<string, Verdict> {
  if (!isAcross(question)) return new Map()
  return new Map([
    ['IAM Policy', layerVerdict(policies, 'identity')],
    ['Resource Policy', layerVerdict(policies, 'resource')],
  ])
}

/** The statements that decided: those that deny, or all that allow. */
function matchedStatements(
  { identity, boundary, resourcePolicy }: Simulation,
  verdict: Verdict,
  policies: readonly PolicyTrace[],
): readonly XmlStructure[] {
  if (verdict === 'implicitDeny') return []
  const effect = verdict === 'allowed' ? 'Allow' : 'Deny'
  const sources = [...identity, boundary, resourcePolicy].filter((each) => each !== undefined)
  return policies
    .filter(({ layer }) => effect === 'Deny' || layer !== 'boundary')
    .flatMap(({ layer, policy, statements }) => {
      const text = sources.find(({ name }) => name === policy)?.text ?? ''
      return statements
        .filter((statement) => statement.applies && statement.effect === effect)
        .map(({ start, end }) => ({
          SourcePolicyId: policy.slice(policy.lastIndexOf('/') + 1),
          SourcePolicyType: layer === 'resource' ? 'Resource Policy' : 'IAM Policy',
          StartPosition: positionOf(text, start),
          EndPosition: positionOf(text, end),
        }))
    })
}

/** The condition keys that the statements on an action ask for, and that the request does not have. */
function missingKeys(simulation: Simulation, action: string): readonly string[] {
  const { context, identity, boundary, resourcePolicy } = simulation
  const statements = [...identity, boundary, resourcePolicy]
    .flatMap((source) => source?.policy.statements ?? [])
    .filter((statement) => statement.coversAction(action))
  return keysOf(statements).filter((key) => !Object.hasOwn(context, key.toLowerCase()))
}
