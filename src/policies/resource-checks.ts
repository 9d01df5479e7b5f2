/**
 * The format of Resource values in identity policies, with IAM's texts. Missing fields are `*`, as IAM fills them in.
 */
import { malformed } from './policy-error.ts'

/** Throws PolicyError for a value that is no ARN, or one that IAM does not take. */
export function checkResource(resource: string): void {
  if (/^\*+$/.test(resource)) return
  const [, partition = '', vendor = '', ...more] = resource.split(':')
  if (!resource.includes(':')) {
    throw malformed(`Resource ${resource} must be in ARN format or "*".`)
  }
  if (!/^(?:\*|aws|aws-[a-z-]+)$/.test(partition)) {
    const fields = [vendor, ...more.slice(0, 2), more.slice(2).join(':')]
    const padded = [0, 1, 2, 3].map((index) => fields[index] || '*').join(':')
    throw malformed(
      `Partition "${partition}" is not valid for resource "arn:${partition}:${padded}".`,
    )
  }
  if (!/^[a-z0-9-]+$/i.test(vendor)) {
    throw malformed('Resource vendor must be fully qualified and cannot contain regexes.')
  }
  checkRegion(resource, vendor, more)
  if (vendor === 'iam') checkIamPath(more.slice(2).join(':') || '*')
}

/** An ARN that the older parser of IAM cannot read: too few fields behind its vendor, or no vendor. */
export function isTooShort(resource: string): boolean {
  const fields = resource.split(':')
  if (fields[0] !== 'arn' || fields.length < 4) return false
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
