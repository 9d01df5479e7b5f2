/**
 * What operators are told of a service, by the process that has it.
 */
import type { Service } from '../service.ts'
import { type Examined, reasonsNotReady } from './health.ts'

/** What operators may know. */
export interface OpsAnswers {
  /** What keeps the server from being ready; empty when it is. */
  reasonsNotReady(): Promise<readonly string[]>
  /** What was counted, in Prometheus's text format. */
  metrics(): Promise<string>
}

/** The answers of the service of this process. */
export function answersForOperators(service: Examined & Pick<Service, 'metrics'>): OpsAnswers {
  return {
    reasonsNotReady: () => reasonsNotReady(service),
    metrics: async () => service.metrics.text(),
  }
}
