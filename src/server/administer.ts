/**
 * Administrators' requests, from the socket to the table of administrative operations.
 */
import { AdminError } from '../admin/admin-operation.ts'
import { adminOperations } from '../admin/operations.ts'
import type { Service } from '../service.ts'
import type { AdminHandler } from './admin-socket.ts'

/** Runs an administrative operation; what is no fault of the administrator's is logged and not shown. */
export function administer(service: Service): AdminHandler {
  return async (operation, input) => {
    const run = adminOperations.get(operation)
    if (run === undefined) return { problem: `this server knows no operation \`${operation}\`` }
    try {
      return { result: await run(input, service) }
    } catch (error) {
      if (error instanceof AdminError) return { problem: error.message }
      service.report(error, `the administrative operation \`${operation}\` failed`)
      return { problem: 'the server could not do that; its log says why' }
    }
  }
}
