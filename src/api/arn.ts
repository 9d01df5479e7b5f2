/**
 * Amazon Resource Names, and the partition that a region belongs to.
 */

/** Where a call is made: an account in a region of a partition. */
export interface Scope {
  readonly account: string
  readonly region: string
}

/** An ARN taken apart. `resource` is everything behind the fifth colon. */
export interface Arn {
  readonly partition: string
  readonly service: string
  readonly region: string
  readonly account: string
  readonly resource: string
}

const partitions: readonly (readonly [prefix: string, partition: string])[] = [
  ['cn-', 'aws-cn'],
  ['us-gov-', 'aws-us-gov'],
  ['us-isob-', 'aws-iso-b'],
  ['us-isof-', 'aws-iso-f'],
  ['eu-isoe-', 'aws-iso-e'],
  ['us-iso-', 'aws-iso'],
  ['eusc-', 'aws-eusc'],
]

/** Every partition there is. */
export const everyPartition: readonly string[] = ['aws', ...partitions.map(([, name]) => name)]

/** The partition of a region: `aws` unless its name says otherwise. */
export function partitionOf(region: string): string {
  if (region !== newest.region) {
    const partition = partitions.find(([prefix]) => region.startsWith(prefix))?.[1] ?? 'aws'
    newest = { region, partition }
  }
  return newest.partition
}

/** The region that was asked about last: a call asks several times, and most calls about the same. */
let newest = { region: '', partition: 'aws' }

/** The ARN of a key. */
export function keyArn(scope: Scope, keyId: string): string {
  return `arn:${partitionOf(scope.region)}:kms:${scope.region}:${scope.account}:key/${keyId}`
}

/** The ARN of an alias; `name` begins with `alias/`. */
export function aliasArn(scope: Scope, name: string): string {
  return `arn:${partitionOf(scope.region)}:kms:${scope.region}:${scope.account}:${name}`
}

/** The ARN of an account's root user. */
export function rootArn(scope: Scope): string {
  return `arn:${partitionOf(scope.region)}:iam::${scope.account}:root`
}

/** Takes an ARN apart; undefined if and only if it has not six parts or does not begin with `arn`. */
export function parseArn(text: string): Arn | undefined {
  const [prefix, partition, service, region, account, ...resource] = text.split(':')
  if (prefix !== 'arn' || resource.length === 0) return undefined
  return {
    partition: partition ?? '',
    service: service ?? '',
    region: region ?? '',
    account: account ?? '',
    resource: resource.join(':'),
  }
}
