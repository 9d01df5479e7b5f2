/**
 * What an administrative operation is.
 */
import type { Service } from '../service.ts'

/** What is wrong with an administrator's request, for a person: lower case, no full stop, with a hint. */
export class AdminError extends Error {}

/** One operation: settings by name in, something that can be shown as JSON out. */
export type AdminOperation = (
  input: Readonly<Record<string, string>>,
  service: Service,
) => Promise<unknown>

/** A setting that has to be there. */
export function required(input: Readonly<Record<string, string>>, name: string): string {
  const value = input[name]
  if (value === undefined || value === '') throw new AdminError(`\`${name}\` is missing`)
  return value
}
