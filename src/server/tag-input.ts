/**
 * Tags in requests of the Query protocol: IAM and STS have the same.
 */
import { required, structures, text } from './query-input.ts'

/** The key of a tag. */
export const tagKey = {
  min: 1,
  max: 128,
  pattern: {
    source: '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+',
    regex: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$/u,
  },
}

const tagValue = {
  max: 256,
  pattern: {
    source: '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*',
    regex: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u,
  },
}

/** Tags, where there may be none. */
export const tags = structures(
  { Key: required(text(tagKey)), Value: required(text(tagValue)) },
  { max: 50 },
)
