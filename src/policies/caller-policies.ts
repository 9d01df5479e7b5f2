/**
 * A principal as the engine takes it: its names, and its own policies, compiled.
 */
import type { Principal } from '../identities/principal.ts'
import { compilePolicy, type CompiledPolicy } from './compile.ts'
import type { Layers, NamedPolicy } from './layers.ts'
import type { PolicyKind } from './policy-error.ts'
import type { Caller, Pins } from './principals.ts'

/** The caller that a principal is; one object for as long as the principal is in memory. */
export function callerOf(principal: Principal): Caller {
  return known(callers, principal, readCaller)
}

/** The layers that a principal brings along; compiled once for as long as the principal is in memory. */
export function layersOf(principal: Principal): Omit<Layers, 'resource'> {
  return known(layers, principal, readLayers)
}

/** Compiles a policy once for its text and its pins, however many principals or keys have it. Throws PolicyError. */
export function compileOnce(text: string, kind: PolicyKind, pins?: Pins): CompiledPolicy {
  const pinned = pins === undefined || pins.size === 0 ? '' : JSON.stringify([...pins])
  const name = `${kind} ${pinned} ${text}`
  const before = compiled.get(name)
  if (before !== undefined) return before
  const policy = compilePolicy(text, kind, pins === undefined ? {} : { pins })
  const [oldest] = compiled.keys()
  if (compiled.size >= mostCompiled && oldest !== undefined) compiled.delete(oldest)
  compiled.set(name, policy)
  return policy
}

const callers = new WeakMap<Principal, Caller>()
const layers = new WeakMap<Principal, Omit<Layers, 'resource'>>()
const compiled = new Map<string, CompiledPolicy>()
const mostCompiled = 2000

function known<Value>(
  values: WeakMap<Principal, Value>,
  principal: Principal,
  read: (principal: Principal) => Value,
): Value {
  const before = values.get(principal)
  if (before !== undefined) return before
  const value = read(principal)
  values.set(principal, value)
  return value
}

function readCaller(principal: Principal): Caller {
  const { account, arn } = principal
  switch (principal.type) {
    case 'Root':
      return { type: 'root', account, arn }
    case 'IAMUser':
      return { type: 'user', account, arn, id: principal.userId }
    case 'AssumedRole': {
      const role = { arn: principal.roleArn, id: principal.roleId }
      return { type: 'session', account, arn, role }
    }
    case 'FederatedUser':
      return { type: 'federated', account, arn, user: principal.user }
  }
}

function readLayers({ policies, session: facts }: Principal): Omit<Layers, 'resource'> {
  const of = (kind: 'identity' | 'boundary' | 'session'): NamedPolicy[] =>
    policies
      .filter((policy) => policy.kind === kind)
      .map(({ name, text }) => ({ name, policy: compileOnce(text, kind) }))
  const session = of('session')
  return {
    identity: of('identity'),
    boundary: of('boundary')[0],
    // A session that is limited by policies which are gone, or by none from the beginning, may do nothing.
    session: session.length === 0 && facts?.limited !== true ? undefined : session,
  }
}
