/** The parts of the benchmark, in the order of the report. */
import { measureGrants, measureKeys, measurePolicies } from './access.ts'
import { measureBeside } from './beside.ts'
import { measureEngines } from './engines.ts'
import { measureLatency } from './latency.ts'
import { measureMemory } from './memory.ts'
import type { Part } from './part.ts'
import { measureTls, measureWorkers } from './set-ups.ts'
import { measureSigning } from './signing.ts'
import { measureStartUp } from './start-up.ts'
import { measureLeast, measurePayloads, measureThroughput } from './throughput.ts'
import { measureWrites } from './writes.ts'

/** Each by the name that `--only` knows it by. */
export const parts: ReadonlyMap<string, Part> = new Map([
  ['throughput', { ofAnyServer: true, run: measureThroughput }],
  ['least', { ofAnyServer: true, run: measureLeast }],
  ['latency', { ofAnyServer: true, run: measureLatency }],
  ['payloads', { ofAnyServer: true, run: measurePayloads }],
  ['workers', { ofAnyServer: false, run: measureWorkers }],
  ['tls', { ofAnyServer: false, run: measureTls }],
  ['engines', { ofAnyServer: false, run: measureEngines }],
  ['policies', { ofAnyServer: false, run: measurePolicies }],
  ['grants', { ofAnyServer: false, run: measureGrants }],
  ['keys', { ofAnyServer: false, run: measureKeys }],
  ['writes', { ofAnyServer: true, run: measureWrites }],
  ['start', { ofAnyServer: false, run: measureStartUp }],
  ['memory', { ofAnyServer: false, run: measureMemory }],
  ['signing', { ofAnyServer: true, run: measureSigning }],
  ['beside', { ofAnyServer: true, run: measureBeside }],
])
