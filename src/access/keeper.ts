/**
 * Whoever stores a key policy, as the lockout safety check asks about him: by his request as it came in, on the key as it
 * is or as it is about to be.
 */
import type { Tag } from '../api/types.ts'
import type { Key } from '../keys/key.ts'
import { callerOf, layersOf } from '../policies/caller-policies.ts'
import { tagValues } from '../policies/context-values.ts'
import type { Keeper } from '../policies/lockout.ts'
import { describe } from './key-facts.ts'
import { RequestContext } from './request-context.ts'
import type { Door } from './use-key.ts'

/** The caller as the keeper of a key; `tags` are those of a key that is to be made. */
export async function keeperOf(door: Door, key: Key, tags?: readonly Tag[]): Promise<Keeper> {
  const resource =
    tags === undefined
      ? (await door.directory.facts(key)).context
      : { ...describe(key), ...tagsOf(tags) }
  const context = new RequestContext({
    asked: door.conditions,
    encryptionContext: undefined,
    resource,
    principal: door.caller,
    tellsAccount: true,
    request: door.request,
  })
  const caller = callerOf(door.caller)
  return {
    request: { resource: key.arn, caller, context: context.lookUp },
    layers: layersOf(door.caller),
  }
}

const tagsOf = (tags: readonly Tag[]) =>
  tagValues(
    'aws:resourcetag/',
    tags.map(({ TagKey: key, TagValue: value }) => ({ key, value })),
  )
