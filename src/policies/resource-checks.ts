/**
 * The format of Resource values in identity policies, with IAM's texts. Missing fields are `*`, as IAM fills them in;
 * empty ones stay empty.
 */
import { malformed } from './policy-error.ts'

const knownPartition = /^(?:\*|aws|aws-[a-z-]+)$/

/** Throws PolicyError for a value that is no ARN, or one that IAM does not take. */
export function checkResource(resource: string): void {
  if (/^\*+$/.test(resource)) return
  const fields = resource.split(':')
  const [, partition = '', vendor = '', ...more] = fields
  if (!resource.includes(':')) {
    throw malformed(`Resource ${resource} must be in ARN format or "*".`)
  }
  if (!knownPartition.test(partition)) {
    const missing = ['*', '*', '*', '*'].slice(Math.max(0, fields.length - 2))
    const shown = ['arn', ...fields.slice(1), ...missing].join(':')
    throw malformed(`Partition "${partition}" is not valid for resource "${shown}".`)
  }
  if (!/^[a-z0-9-]+$/i.test(vendor)) {
    throw malformed('Resource vendor must be fully qualified and cannot contain regexes.')
  }
  checkRegion(resource, vendor, more)
  if (vendor === 'iam') checkIamPath(more.slice(2).join(':') || '*')
}

/**
 * An ARN that the older parser of IAM cannot read: too few fields behind its vendor, or no vendor. It reads none of a
 * partition that it does not know, so that such a one is told of its partition, however short it is.
 */
export function isTooShort(resource: string): boolean {
  const fields = resource.split(':')
  if (fields[0] !== 'arn' || fields.length < 4) return false
  if (!knownPartition.test(fields[1] ?? '')) return false
  if (fields[2] === '') return true
  return fields.length < 6 && fields.at(-1)?.endsWith('*') !== true
}

function checkRegion(resource: string, vendor: string, more: readonly string[]): void {
  const [region = ''] = more
  if (region === '' || region === '*') return
  if (vendor === 'iam') {
    throw malformed(`IAM resource ${resource} cannot contain region information.`)
  }
  if (vendor === 's3' && !more.slice(2).join(':').startsWith('accesspoint')) {
    throw malformed(`Resource ${resource} can not contain region information.`)
  }
}

const iamPaths =
  'user/, federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/'

function checkIamPath(path: string): void {
  if (path === 'root' || path.startsWith('*')) return
  if (iamPaths.split(', ').some((start) => path.startsWith(start))) return
  throw malformed(`IAM resource path must either be "*", root, or start with ${iamPaths}.`)
}
