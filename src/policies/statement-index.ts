/**
 * The statements of a policy by what a request has at hand: the action, the caller's names, and the values of a condition
 * that must hold. A policy of 32 KB costs a request no more than the few statements that could concern it.
 */
import { type CallerName, namesOf } from './principals.ts'
import type { AccessRequest, CompiledStatement, Guard } from './statement.ts'

/** The statements of one effect that cover an action. */
export interface StatementIndex {
  /** By the names in their Principal elements. */
  readonly named: ReadonlyMap<string, Group>
  /** Those without a Principal element. */
  readonly unnamed: Group
}

/** Statements in the policy's order, apart from those that need a certain condition key. */
interface Group {
  readonly plain: readonly CompiledStatement[]
  readonly guarded: readonly GuardedGroup[]
}

interface GuardedGroup {
  readonly key: string
  readonly byValue: ReadonlyMap<string, readonly CompiledStatement[]>
  readonly others: readonly CompiledStatement[]
}

/** Sorts statements that cover an action. */
export function indexStatements(statements: readonly CompiledStatement[]): StatementIndex {
  const named = new Map<string, CompiledStatement[]>()
  const unnamed: CompiledStatement[] = []
  for (const statement of statements) {
    if (statement.principals === undefined) unnamed.push(statement)
    for (const name of statement.principals ?? []) add(named, name, statement)
  }
  return {
    named: new Map([...named].map(([name, those]) => [name, groupOf(those)])),
    unnamed: groupOf(unnamed),
  }
}

/** Hands over the statements that name the caller, or might, and may apply; some of them more than once. */
export function visitCandidates(
  index: StatementIndex,
  request: AccessRequest,
  by: {
    readonly effect: 'Allow' | 'Deny'
    readonly visit: (statement: CompiledStatement, name: CallerName | undefined) => void
  },
): void {
  if (index.named.size > 0) {
    for (const name of namesOf(request.caller, by.effect)) {
      const group = index.named.get(name.name)
      if (group !== undefined) visitGroup(group, request, (each) => by.visit(each, name))
    }
  }
  visitGroup(index.unnamed, request, (each) => by.visit(each, undefined))
}

function visitGroup(
  group: Group,
  request: AccessRequest,
  visit: (statement: CompiledStatement) => void,
): void {
  for (const statement of group.plain) visit(statement)
  for (const { key, byValue, others } of group.guarded) {
    const values = request.context(key)
    // A condition that must hold does not hold of an absent key.
    if (values === undefined || values.length === 0) continue
    for (const value of values) for (const each of byValue.get(value) ?? none) visit(each)
    for (const statement of others) visit(statement)
  }
}

const none: readonly CompiledStatement[] = []

function groupOf(statements: readonly CompiledStatement[]): Group {
  const plain: CompiledStatement[] = []
  const guarded = new Map<string, [Guard, CompiledStatement][]>()
  for (const statement of statements) {
    const guards = statement.rest.map(({ guard }) => guard).filter((each) => each !== undefined)
    const guard = guards.find(({ values }) => values !== undefined) ?? guards[0]
    if (guard === undefined) plain.push(statement)
    else add(guarded, guard.key, [guard, statement])
  }
  return { plain, guarded: [...guarded].map(([key, those]) => guardedGroup(key, those)) }
}

function guardedGroup(
  key: string,
  statements: readonly (readonly [Guard, CompiledStatement])[],
): GuardedGroup {
  const byValue = new Map<string, CompiledStatement[]>()
  const others: CompiledStatement[] = []
  for (const [{ values }, statement] of statements) {
    if (values === undefined) others.push(statement)
    for (const value of new Set(values)) add(byValue, value, statement)
  }
  return { key, byValue, others }
}

function add<Value>(lists: Map<string, Value[]>, name: string, value: Value): void {
  const list = lists.get(name)
  if (list === undefined) lists.set(name, [value])
  else list.push(value)
}
