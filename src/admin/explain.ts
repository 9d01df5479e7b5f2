import type { ExplainedCall } from '../explain/explanation.ts'
import { findExplanation } from '../explain/find-explanation.ts'
import { type AdminOperation, AdminError } from './admin-operation.ts'

/** A call's decisions with all that was considered, or as much of it as was kept. */
export const explain: AdminOperation = async (input, service) => {
  const requestId = input['request-id']
  const fresh = service.decisions.find(requestId)
  if (fresh !== undefined) return JSON.parse(fresh) as ExplainedCall
  await service.decisions.flush()
  const kept = findExplanation(service.decisions.folder, requestId)
  if (kept !== undefined) return kept
  throw new AdminError(
    requestId === undefined
      ? 'nothing was decided yet'
      : `nothing is kept of the request \`${requestId}\`; trent audit tail shows the requests there were`,
  )
}
