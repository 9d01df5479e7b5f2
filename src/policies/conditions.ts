/**
 * How values combine (IAM User Guide, "Conditions with multiple context keys or values" and "Set operators"): the values
 * of a policy are alternatives, or for a negated operator all excluded; what an absent key means, the operator says.
 */
import type { Condition } from './document.ts'
import { type Operator, readOperator } from './condition-operators.ts'
import type { Element } from './statement.ts'
import type { ContextLookup, VariableRules } from './template.ts'

/**
 * Compiles one key under one operator. The operator is one that exists, the grammar has seen to it; a condition that
 * nobody can read must neither open an Allow nor switch off a Deny, so that there is nothing to return for it.
 */
export function compileCondition(condition: Condition, rules: VariableRules): Element {
  const { operator: name, values } = condition
  const operator = readOperator(name)
  if (operator === undefined) throw new Error(`no condition operator ${name}`)
  const key = condition.key.toLowerCase()
  const isHidden = rules.hidden.has(key)
  const found = (context: ContextLookup) => (isHidden ? undefined : context(key))
  const holds = compileHolds(operator, values, rules)
  const needsKey = operator.compile !== undefined && !holdsWhenAbsent(operator)
  return {
    element: 'Condition',
    operator: name,
    key: condition.key,
    wanted: values,
    found: ({ context }) => found(context),
    matches: ({ context }) => holds(found(context), context),
    ...(needsKey && { guard: { key, values: operator.fixedTexts?.(values, rules) } }),
  }
}

type Holds = (found: readonly string[] | undefined, context: ContextLookup) => boolean

function compileHolds(operator: Operator, values: readonly string[], rules: VariableRules): Holds {
  if (operator.compile === undefined) return nullHolds(values)
  const test = operator.compile(values, rules)
  const absent = holdsWhenAbsent(operator)
  // Several values without a set operator are undefined by AWS; a negated operator then wants all of them to differ.
  const all =
    operator.quantifier === 'ForAllValues' ||
    (operator.quantifier === undefined && operator.negated)
  const { negated } = operator
  return (found, context) => {
    if (found === undefined || found.length === 0) return absent
    for (const value of found) {
      const passes = test(value, context) !== negated
      if (passes !== all) return passes
    }
    return all
  }
}

/** ForAllValues is true of no values at all, ForAnyValue is not; a negated operator is true of an absent key. */
function holdsWhenAbsent(operator: Operator): boolean {
  if (operator.quantifier === 'ForAllValues') return true
  if (operator.quantifier === 'ForAnyValue') return operator.ifExists
  return operator.ifExists || operator.negated
}

/** `Null` with `true` wants the key to be absent. */
function nullHolds(values: readonly string[]): Holds {
  const wanted = values.map((value) => value.toLowerCase())
  return (found) => wanted.includes(String(found === undefined || found.length === 0))
}
