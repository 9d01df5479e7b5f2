/**
 * The condition keys that policies ask for: those of their conditions, and those that stand in them as variables.
 */
import type { CompiledPolicy } from '../policies/compile.ts'
import type { CompiledStatement } from '../policies/statement.ts'

/** The condition keys of policies, each once, as they are spelt where they stand first. */
export function contextKeysOf(policies: readonly CompiledPolicy[]): readonly string[] {
  return keysOf(policies.flatMap(({ statements }) => statements))
}

/** The condition keys of statements, each once. */
export function keysOf(statements: readonly CompiledStatement[]): readonly string[] {
  const names = new Map<string, string>()
  const add = (name: string) => {
    const folded = name.toLowerCase()
    if (!names.has(folded)) names.set(folded, name)
  }
  for (const { element, key, wanted } of statements.flatMap(({ elements }) => elements)) {
    if (key !== undefined) add(key)
    if (element === 'Condition' || element.endsWith('Resource')) {
      wanted.flatMap(variablesOf).forEach(add)
    }
  }
  return [...names.values()]
}

/** The names in `${name}` and `${name, 'otherwise'}`; `${*}`, `${?}` and `${$}` name nothing. */
function variablesOf(text: string): readonly string[] {
  return Array.from(text.matchAll(/\$\{([^},]*)[^}]*\}/g), ([, name = '']) => name.trim()).filter(
    (name) => name.length > 1,
  )
}
