/**
 * `trent simulate`: asks the decision what a principal may do, without a request of his. The same gate is asked as for a
 * request, with the condition keys that are given, and the defaults of a request over the loopback interface.
 */
import { authorizeAccount, authorizeKey, type Gate, type Judgement } from '../access/authorize.ts'
import { readKeyReference } from '../access/find-key.ts'
import { missing, resolve } from '../access/use-key.ts'
import { partitionOf } from '../api/arn.ts'
import { KmsError } from '../api/errors.ts'
import type { ContextValues } from '../policies/context-values.ts'
import type { Action } from '../operation.ts'
import type { Service } from '../service.ts'
import { type ExplainedDecision, wholeText } from './explanation.ts'
import { principalOf } from './simulated-principal.ts'

/** What is asked. */
export interface Simulation {
  /** The ARN of a root user, a user, a role or a session of a role. */
  readonly principal: string
  readonly action: Action
  /** A key by any of its names; undefined for an action that concerns none. */
  readonly keyId: string | undefined
  readonly region: string
  /** Condition keys, spelt in any case, each with its values. */
  readonly context: ReadonlyMap<string, readonly string[]>
}

/** Answers the decision with all that was considered. Throws KmsError where there is no such key or principal. */
export async function simulate(
  { principal, action, keyId, region, context }: Simulation,
  service: Service,
): Promise<ExplainedDecision> {
  const caller = await principalOf(principal, partitionOf(region), service)
  const scope = { account: caller.account, region }
  const judgements: Judgement[] = []
  const gate: Gate = {
    caller,
    scope,
    request: {
      now: service.clock.now(),
      region,
      sourceIp: '127.0.0.1',
      userAgent: undefined,
      secureTransport: false,
    },
    directory: service.directory,
    grants: service.grants,
    judged: (judgement) => {
      judgements.push(judgement)
    },
  }
  try {
    await ask(gate, { action, keyId, context })
  } catch (error) {
    if (!(error instanceof KmsError) || judgements.length === 0) throw error
  }
  return JSON.parse(wholeText(judgements.at(-1) as Judgement)) as ExplainedDecision
}

async function ask(
  gate: Gate,
  { action, keyId, context }: Pick<Simulation, 'action' | 'keyId' | 'context'>,
): Promise<void> {
  const given = valuesOf(context)
  if (keyId === undefined) {
    authorizeAccount(gate, { action, conditions: given })
    return
  }
  const reference = readKeyReference(keyId, gate.scope, true)
  const key = await resolve(gate, reference)
  if (key === undefined) throw missing(reference)
  const conditions: ContextValues = {
    ...(encrypting.test(action) && { 'kms:encryptionalgorithm': ['SYMMETRIC_DEFAULT'] }),
    ...(reference.kind === 'alias' && { 'kms:requestalias': [reference.name] }),
    ...given,
  }
  await authorizeKey(gate, { action, conditions, encryptionContext: pairsOf(context) }, key)
}

const encrypting = /^kms:(?:Encrypt|Decrypt|ReEncrypt(?:From|To)|GenerateDataKey\w*)$/
const pair = 'kms:encryptioncontext:'

/** Condition keys that make no encryption context. */
function valuesOf(context: Simulation['context']): ContextValues {
  const values = [...context].map(([key, each]) => [key.toLowerCase(), each] as const)
  return Object.fromEntries(values.filter(([key]) => !key.startsWith(pair)))
}

/** The encryption context that the keys make: their tails as they are spelt. */
function pairsOf(context: Simulation['context']): ReadonlyMap<string, string> {
  return new Map(
    [...context]
      .filter(([key]) => key.toLowerCase().startsWith(pair))
      .map(([key, [value = '']]) => [key.slice(pair.length), value] as const),
  )
}

/** The region that a key's ARN names, or else us-east-1 or the first that is served. */
export function regionOf(keyId: string | undefined, regions: ReadonlySet<string>): string {
  const named = /^arn:[^:]*:kms:([^:]+):/.exec(keyId ?? '')?.[1]
  const [first = 'us-east-1'] = regions
  return named ?? (regions.has('us-east-1') ? 'us-east-1' : first)
}
