/**
 * The policies that stand around a request, layer by layer (IAM User Guide, "Policy evaluation logic"): the policy of the
 * resource, and the caller's identity policies, permissions boundary and session policies.
 */
import type { CompiledPolicy } from './compile.ts'
import { type DecidingStatement, evaluate, type StatementTrace } from './evaluate.ts'
import { limits, type NamedAs, rankOf } from './principals.ts'
import type { AccessRequest } from './statement.ts'

/** A policy and what it is called in an explanation: an ARN, or the name of an inline policy. */
export interface NamedPolicy {
  readonly name: string
  readonly policy: CompiledPolicy
}

/** Everything that may speak on a request. */
export interface Layers {
  /** A key policy or a trust policy. */
  readonly resource: NamedPolicy | undefined
  readonly identity: readonly NamedPolicy[]
  readonly boundary: NamedPolicy | undefined
  /** Undefined if and only if the session has none and is not limited; an empty list allows nothing. */
  readonly session: readonly NamedPolicy[] | undefined
}

/** A kind of policy. Of several that deny, the first in this order is named. */
export type Layer = 'resource' | 'identity' | 'boundary' | 'session'

/** The statement that decided, and where it stands. */
export interface Deciding {
  readonly layer: Layer
  readonly policy: string
  readonly statement: DecidingStatement
}

/** What a layer says: of its denying and allowing statements one each. */
export interface LayerVerdict {
  readonly deny: Deciding | undefined
  readonly allow: Deciding | undefined
  /** How the allowing statement named the caller. */
  readonly as: NamedAs | undefined
}

/** A policy of a layer, with all of its statements. */
export interface PolicyTrace {
  readonly layer: Layer
  readonly policy: string
  readonly statements: readonly StatementTrace[]
}

/** The layers' verdicts. `session` and `boundary` are undefined where there is no such layer to limit anything. */
export interface Verdicts {
  readonly resource: LayerVerdict
  readonly identity: LayerVerdict
  readonly boundary: LayerVerdict | undefined
  readonly session: LayerVerdict | undefined
}

/** Asks all policies. A trace is filled with each of them, in the order of the layers. */
export function askLayers(layers: Layers, request: AccessRequest, trace?: PolicyTrace[]): Verdicts {
  const ask = (layer: Layer, policies: readonly NamedPolicy[]) =>
    askLayer({ layer, policies }, request, trace)
  return {
    resource: ask('resource', layers.resource === undefined ? [] : [layers.resource]),
    identity: ask('identity', layers.identity),
    boundary: layers.boundary && ask('boundary', [layers.boundary]),
    session: layers.session && ask('session', layers.session),
  }
}

/** The first layer with an explicit deny. */
export function firstDeny(verdicts: Verdicts): Deciding | undefined {
  const { resource, identity, boundary, session } = verdicts
  return resource.deny ?? identity.deny ?? boundary?.deny ?? session?.deny
}

/**
 * The first layer of the caller's own that does not allow what somebody else's policy or grant, naming the caller so,
 * leaves to it; undefined if and only if nothing is missing. The root user needs no policy.
 */
export function missingLayer(
  verdicts: Verdicts,
  as: NamedAs,
  isRoot: boolean,
): Exclude<Layer, 'resource'> | undefined {
  const asked = limits[as]
  if (asked === 'none') return undefined
  if (asked === 'all' && !isRoot && verdicts.identity.allow === undefined) return 'identity'
  if (verdicts.boundary !== undefined && verdicts.boundary.allow === undefined) return 'boundary'
  if (verdicts.session !== undefined && verdicts.session.allow === undefined) return 'session'
  return undefined
}

const silent: LayerVerdict = { deny: undefined, allow: undefined, as: undefined }

function askLayer(
  { layer, policies }: { readonly layer: Layer; readonly policies: readonly NamedPolicy[] },
  request: AccessRequest,
  trace: PolicyTrace[] | undefined,
): LayerVerdict {
  let verdict = silent
  for (const { name, policy } of policies) {
    const statements: StatementTrace[] | undefined = trace && []
    const evaluation = evaluate(policy, request, statements)
    if (statements !== undefined) trace?.push({ layer, policy: name, statements })
    if (evaluation.verdict === 'none') continue
    const deciding = { layer, policy: name, statement: evaluation.statement }
    if (evaluation.verdict === 'deny') verdict = { ...verdict, deny: verdict.deny ?? deciding }
    else if (verdict.as === undefined || rankOf(evaluation.as) < rankOf(verdict.as)) {
      verdict = { ...verdict, allow: deciding, as: evaluation.as }
    }
  }
  return verdict
}
