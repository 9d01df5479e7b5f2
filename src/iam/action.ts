/**
 * How an action of IAM is written down: its name, its rules as data, and what it does with the input that they make.
 */
import type { QueryCall, SignedAction } from '../server/query-action.ts'
import { type AnyRules, type Input, readInput } from '../server/query-input.ts'
import type { XmlStructure } from '../server/xml.ts'

/** What an action does. */
type Run<Rules extends AnyRules> = (
  input: Input<Rules>,
  call: QueryCall,
) => Promise<XmlStructure | undefined>

/** An action that only reads. */
export function reads<Rules extends AnyRules>(
  name: string,
  rules: Rules,
  run: Run<Rules>,
): SignedAction {
  return {
    name,
    signed: true,
    readOnly: true,
    run: (params, call) => run(readInput(params, rules), call),
  }
}

/** An action that changes something. */
export function changes<Rules extends AnyRules>(
  name: string,
  rules: Rules,
  run: Run<Rules>,
): SignedAction {
  return { ...reads(name, rules, run), readOnly: false }
}
