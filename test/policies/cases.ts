/**
 * Decisions as data: who asks, what the policies and grants say, and what AWS answers. The golden cases G1 to G17 are
 * those of the facts on authorization; G18 is about storing a policy, and stands with the lockout check.
 */
import type { Case } from './case.ts'
import { conditionCases } from './condition-cases.ts'
import { elementCases } from './element-cases.ts'
import { goldenCases } from './golden-cases.ts'
import { grantCases } from './grant-cases.ts'
import { layerCases } from './layer-cases.ts'
import { principalCases } from './principal-cases.ts'

/** Every case. */
export const cases: readonly Case[] = [
  ...goldenCases,
  ...principalCases,
  ...layerCases,
  ...elementCases,
  ...conditionCases,
  ...grantCases,
]
