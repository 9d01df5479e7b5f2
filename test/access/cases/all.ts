/** All cases, in their order. */
import { acrossCases } from './across.ts'
import type { Case } from './case.ts'
import { conditionCases } from './conditions.ts'
import { goldenCases } from './golden.ts'
import { grantCases } from './grants.ts'
import { languageCases } from './language.ts'
import { layerCases, rootCases } from './layers.ts'
import { lockoutCases } from './lockout.ts'
import { principalCases } from './principals.ts'
import { resourceCases } from './resources.ts'
import { sessionGrantCases } from './session-grants.ts'
import { sessionLayerCases } from './session-layers.ts'
import { sessionCases } from './sessions.ts'

export const cases: readonly Case[] = [
  ...goldenCases,
  ...layerCases,
  ...rootCases,
  ...principalCases,
  ...acrossCases,
  ...languageCases,
  ...conditionCases,
  ...resourceCases,
  ...grantCases,
  ...lockoutCases,
  ...sessionLayerCases,
  ...sessionCases,
  ...sessionGrantCases,
]
