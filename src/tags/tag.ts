/**
 * The rules of tags (Developer Guide, "Tags in AWS KMS"): at most fifty on a key, no key twice, none of AWS's own.
 */
import { tagException } from '../api/errors.ts'
import type { Tag } from '../api/types.ts'

/** How many tags a key may have. */
export const tagLimit = 50

/** Checks the tags of one request, before any key is looked up. */
export function checkTags(tags: readonly Tag[]): void {
  refuseReserved(tags.map((tag) => tag.TagKey))
  if (new Set(tags.map((tag) => tag.TagKey)).size < tags.length) {
    throw tagException('Duplicate tag keys')
  }
  if (tags.length > tagLimit) throw tooManyTags()
}

/** Refuses tag keys that begin with `aws:` in any case. */
export function refuseReserved(tagKeys: readonly (string | undefined)[]): void {
  if (tagKeys.some((tagKey) => tagKey?.toLowerCase().startsWith('aws:'))) {
    throw tagException('Tags beginning with aws: are reserved')
  }
}

/** The error of a key that would have more tags than it may. */
export const tooManyTags = () => tagException('Too many tags')
