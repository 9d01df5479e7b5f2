/**
 * Where a grant stands among those of its key, so that a request finds the ones that can matter by index. Grants that
 * one and the same request would find alike are one *shape*, of which one is enough: what it costs to look does not grow
 * with the number of grants, also when all of them are one grantee's.
 *
 *     holder   the grantee's name, and behind a blank the SourceArn that the request has to come with
 *     bucket   what the encryption context has to be: '' anything, 'E' + digest of the whole context,
 *              'S' + digest of one pair that is in it
 *     shape    digest of the operations and constraints
 */
import { createHash } from 'node:crypto'
import type { GrantConstraints } from '../access/decide.ts'
import type { EncryptionContext } from '../api/types.ts'
import { frame } from '../crypto/framing.ts'
import { canonicalContext } from '../encryption/encryption-context.ts'
import type { Grant } from './grant.ts'

/** Where a grant stands. */
export interface GrantPlace {
  readonly holder: string
  readonly bucket: string
  readonly shape: string
  /** Whether it permits DescribeKey, which has no encryption context, from a bucket that asks for one. */
  readonly describes: boolean
}

/** The bucket of grants that ask for no encryption context. */
export const openBucket = ''

/** The holder under which the grants of a caller's name stand. */
export function holderOf(name: string, sourceArn: string | undefined): string {
  return sourceArn === undefined ? name : `${name} ${sourceArn}`
}

/** The bucket of the grants that ask for exactly this encryption context. */
export function bucketOfContext(context: EncryptionContext | undefined): string {
  return `E${short([canonicalContext(context)])}`
}

/** The bucket of grants that ask for this pair, and perhaps for others. */
export function bucketOfPair(key: string, value: string): string {
  return `S${short([key, value])}`
}

/** The buckets in which a grant with these constraints may stand; in which of them is free to choose. */
export function bucketsFor(constraints: GrantConstraints | undefined): readonly string[] {
  const { EncryptionContextEquals: equal, EncryptionContextSubset: subset } = constraints ?? {}
  if (equal !== undefined) return [bucketOfContext(equal)]
  if (subset === undefined || subset.size === 0) return [openBucket]
  return Array.from(subset, ([key, value]) => bucketOfPair(key, value))
}

/** The place of a grant in one of its buckets. */
export function placeIn(bucket: string, grant: Grant): GrantPlace {
  const { operations, constraints } = grant
  return {
    holder: holderOf(grant.grantee.name, constraints?.SourceArn),
    bucket,
    shape: short([[...operations].sort().join(), ...constraintParts(constraints)]),
    describes: bucket !== openBucket && operations.includes('DescribeKey'),
  }
}

/** What two requests to create a grant of a name have alike when they mean the same grant. */
export function identityOf(grant: Grant): string | undefined {
  if (grant.name === '') return undefined
  return digest([
    grant.name,
    grant.issuingAccount,
    grant.grantee.name,
    grant.retiring?.name ?? '',
    [...grant.operations].sort().join(),
    ...constraintParts(grant.constraints),
  ])
}

function constraintParts(constraints: GrantConstraints | undefined): readonly (string | Buffer)[] {
  const { EncryptionContextEquals: equal, EncryptionContextSubset: subset } = constraints ?? {}
  return [
    constraints?.SourceArn ?? '',
    equal === undefined ? '' : canonicalContext(equal),
    subset === undefined ? '' : canonicalContext(subset),
  ]
}

/** 128 bits: whoever made two grants collide would hide one of them behind the other, and gain nothing. */
const short = (parts: readonly (string | Uint8Array)[]) => digest(parts).slice(0, 22)

function digest(parts: readonly (string | Uint8Array)[]): string {
  return createHash('sha256').update(frame(parts)).digest('base64url')
}
