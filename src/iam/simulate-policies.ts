/**
 * What would be decided, without anything being done: the policies of somebody, or policies that are given.
 */
import { createHash } from 'node:crypto'
import type { QueryCall } from '../server/query-action.ts'
import { required } from '../server/query-input.ts'
import type { XmlStructure } from '../server/xml.ts'
import { reads } from './action.ts'
import { authorizeIam } from './authorize-iam.ts'
import { cutPage, type Page, readPage } from './paging.ts'
import { evaluationResult, type Simulation } from './simulate-decision.ts'
import {
  checkSimulated,
  policyInputList,
  policySourceArn,
  type SimulationInput,
  simulationRules,
} from './simulate-rules.ts'
import { findSource } from './simulate-sources.ts'
import { simulationOf, type Sources } from './simulation.ts'

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html */
export const simulatePrincipalPolicy = reads(
  'SimulatePrincipalPolicy',
  { PolicySourceArn: policySourceArn, PolicyInputList: policyInputList, ...simulationRules },
  async (input, call) => {
    const { PolicySourceArn: arn, PolicyInputList } = input
    const source = await findSource(call, arn, 'iam:SimulatePrincipalPolicy')
    return simulate(call, input, { source, texts: PolicyInputList ?? [] })
  },
)

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html */
export const simulateCustomPolicy = reads(
  'SimulateCustomPolicy',
  { PolicyInputList: required(policyInputList), ...simulationRules },
  async (input, call) => {
    authorizeIam(call, { action: 'iam:SimulateCustomPolicy', resource: '*' })
    return simulate(call, input, { source: undefined, texts: input.PolicyInputList })
  },
)

/** Each action is asked of each resource; without resources of all there are. */
function simulate(call: QueryCall, input: SimulationInput, sources: Sources): XmlStructure {
  checkSimulated(input)
  const simulation = simulationOf(call, input, sources)
  const { ActionNames: actions, ResourceArns } = input
  const resources = ResourceArns === undefined || ResourceArns.length === 0 ? ['*'] : ResourceArns
  const page = boundedPage(readPage(call, input, listOf(input, sources)), simulation)
  const first = page.after === '' ? 0 : Number(page.after) + 1
  const count = Math.min(page.limit, actions.length * resources.length - first)
  const rows = Array.from({ length: Math.max(count, 0) }, (_, index) => first + index)
  const cut = cutPage(call, { rows, page }, String)
  return {
    EvaluationResults: cut.rows.map((row) =>
      evaluationResult(
        simulation,
        actions[Math.floor(row / resources.length)] ?? '',
        resources[row % resources.length] ?? '',
      ),
    ),
    ...cut.members,
  }
}

/** A marker goes on with the very simulation that it came from. */
function listOf(input: SimulationInput, { source, texts }: Sources) {
  const { Marker: _, MaxItems: __, ...asked } = input
  const filter = createHash('sha256')
    .update(JSON.stringify([source?.row.id, texts, asked]))
    .digest('hex')
  return { action: 'SimulatePolicy', filter }
}

/** A page may be shorter than it was asked for: every statement is asked every question, while others wait. */
function boundedPage(page: Page, { identity, boundary, resourcePolicy }: Simulation): Page {
  const policies = [...identity, boundary, resourcePolicy]
  const statements = policies.reduce((sum, each) => sum + (each?.policy.statements.length ?? 0), 1)
  const most = Math.max(1, Math.floor(mostStatements / statements))
  return { ...page, limit: Math.min(page.limit, most + 1) }
}

const mostStatements = 20_000
