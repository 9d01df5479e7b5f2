/**
 * How an action of STS is written down: its name, its rules as data, and what it does with the input that they make.
 */
import type {
  QueryCall,
  SignedAction,
  UnsignedAction,
  UnsignedQueryCall,
} from '../server/query-action.ts'
import { type AnyRules, type Input, readInput } from '../server/query-input.ts'
import type { XmlStructure } from '../server/xml.ts'

/** An action that asks for a signature. None of them changes a row, and CloudTrail calls them read-only. */
export function signedAction<Rules extends AnyRules>(
  name: string,
  rules: Rules,
  run: (input: Input<Rules>, call: QueryCall) => Promise<XmlStructure>,
): SignedAction {
  return {
    name,
    signed: true,
    readOnly: true,
    run: (params, call) => run(readInput(params, rules, { showValues: true }), call),
  }
}

/** An action that asks for none. */
export function unsignedAction<Rules extends AnyRules>(
  name: string,
  rules: Rules,
  run: (input: Input<Rules>, call: UnsignedQueryCall) => Promise<XmlStructure>,
): UnsignedAction {
  return {
    name,
    signed: false,
    readOnly: true,
    run: (params, call) => run(readInput(params, rules, { showValues: true }), call),
  }
}
