import { isoTime } from '../clock.ts'
import type { AdminOperation } from './admin-operation.ts'

/** Says that the wall clock is right, so that the jobs that erase go on after it has jumped. */
export const confirmClock: AdminOperation = async (_input, service) => {
  await service.jobs.confirmClock()
  return { Now: isoTime(service.clock.now()) }
}
