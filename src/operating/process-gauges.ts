/**
 * Numbers of the process and of the service's queues, looked up when somebody asks.
 */
import type { Service } from '../service.ts'
import { recordWritable } from './health.ts'
import type { Gauge } from './metrics.ts'

/** The gauges of a service. */
export function processGauges(service: Service): readonly Gauge[] {
  const { pool, database } = service
  const lanes = (of: 'waiting' | 'running') => () =>
    Object.entries(pool.depths()).map(([lane, depth]) => [`lane="${lane}"`, depth[of]] as const)
  return [
    gauge('trent_work_waiting', 'Calls that wait for a thread.', lanes('waiting')),
    gauge('trent_work_running', 'Calls that a thread is at.', lanes('running')),
    gauge('trent_record_writable', '1 when the record can be written.', () =>
      single(Number(recordWritable(service))),
    ),
    gauge(
      'trent_staleness_seconds',
      'On a shared database, how old what is answered from memory may be; +Inf without a lease.',
      () => {
        const { staleness } = service.database
        return staleness === undefined ? [] : single(staleness / 1000)
      },
    ),
    gauge('trent_draining', '1 when the server drains.', () =>
      single(Number(service.draining.begun)),
    ),
    gauge('process_resident_memory_bytes', 'Memory of the process.', () =>
      single(process.memoryUsage.rss()),
    ),
    {
      ...gauge('trent_database_commits_total', 'Commits, each of one change or many.', () =>
        single(database.commits),
      ),
      type: 'counter',
    },
    {
      ...gauge('process_cpu_seconds_total', 'CPU time of the process.', () => {
        const { user, system } = process.cpuUsage()
        return single((user + system) / 1_000_000)
      }),
      type: 'counter',
    },
    gauge('process_start_time_seconds', 'When the process began.', () =>
      single(service.clock.now() / 1000 - process.uptime()),
    ),
  ]
}

const gauge = (name: string, help: string, values: Gauge['values']): Gauge => ({
  name,
  help,
  values,
})

const single = (value: number) => [['', value]] as const
