/**
 * Values of policies, with what AWS answers to them: the recorded documents of the facts, value by value. The fuzzing of
 * documents draws from these lists, and the reference looks the answers up.
 */

const padded = (partition: string, arn: string) =>
  `Partition "${partition}" is not valid for resource "arn:${arn}".`
const notArn = (value: string) => `Resource ${value} must be in ARN format or "*".`
const vendor = 'Resource vendor must be fully qualified and cannot contain regexes.'
const iamPath =
  'IAM resource path must either be "*", root, or start with user/, federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/.'
const inIam = (value: string) => `IAM resource ${value} cannot contain region information.`
const inS3 = (value: string) => `Resource ${value} can not contain region information.`

/** Resource values; `legacy` fails an older parser, which is asked before all others. */
export const resources: ReadonlyMap<string, string | undefined> = new Map([
  ['*', undefined],
  ['**', undefined],
  ['arn:aws:s3:::bucket', undefined],
  ['arn:aws:s3:::bucket/*', undefined],
  ['arn:aws:kms:*:*:key/*', undefined],
  ['arn:aws:kms:*', undefined],
  ['arn:aws:kms:eu-west-1:*', undefined],
  ['arn:aws:unknown:::x', undefined],
  ['arn:aws-cn:kms:*:*:key/*', undefined],
  ['arn:*:kms:*:*:key/*', undefined],
  ['arn:aws:iam::111122223333:root', undefined],
  ['arn:aws:iam::*:user/x', undefined],
  ['arn:aws:iam::*:*', undefined],
  ['arn:aws:iam::*:mfa/x', undefined],
  ['arn:aws:iam::*:oidc-provider/x', undefined],
  ['arn:aws:s3:eu-west-1:111122223333:accesspoint/a', undefined],
  ['', notArn('')],
  ['bucket', notArn('bucket')],
  ['x', notArn('x')],
  ['?', notArn('?')],
  ['a:b:cadfsdf', padded('b', 'b:cadfsdf:*:*:*')],
  ['arn:x', padded('x', 'x:*:*:*:*')],
  ['arn:x:s3:::b', padded('x', 'x:s3:::b')],
  ['arn:AWS:s3:::b', padded('AWS', 'AWS:s3:::b')],
  ['a:', padded('', ':*:*:*:*')],
  ['arn:aws', vendor],
  ['arn:aws:*', vendor],
  ['arn:aws:s*:::b', vendor],
  ['arn:aws:*:*:*:*', vendor],
  ['arn:aws:s3::x', 'legacy'],
  ['arn:aws::x', 'legacy'],
  ['arn:aws::::x', 'legacy'],
  ['arn:aws::::', 'legacy'],
  ['arn:aws:iam::111122223333:other/x', iamPath],
  ['arn:aws:iam::111122223333:User/x', iamPath],
  ['arn:aws:iam::111122223333:roots', iamPath],
  ['arn:aws:iam:eu-west-1:111122223333:user/x', inIam('arn:aws:iam:eu-west-1:111122223333:user/x')],
  ['arn:aws:s3:eu-west-1::bucket', inS3('arn:aws:s3:eu-west-1::bucket')],
])

const noVendor = 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.'
const colons = 'Actions/Condition can contain only one colon.'

/** Action values. */
export const actions: ReadonlyMap<string, string | undefined> = new Map([
  ['*', undefined],
  ['kms:*', undefined],
  ['kms:Encrypt', undefined],
  ['KMS:encrypt', undefined],
  ['nosuch:Action', undefined],
  ['execute-api:Invoke', undefined],
  ['a.b:c', undefined],
  ['iam: asdf safdsf', undefined],
  ['s3:', undefined],
  ['', noVendor],
  ['Encrypt', noVendor],
  ['x', noVendor],
  ['**', noVendor],
  ['s3:List:Bucket', colons],
  ['::', colons],
  ['a b:c', 'Vendor a b is not valid'],
  ['k*:Encrypt', 'Vendor k* is not valid'],
  [':Encrypt', 'Vendor  is not valid'],
])

const invalid = 'Policy contains a statement with one or more invalid principals.'
const badArn = 'An ARN in the specified key policy is invalid.'

/** Principals of key policies, by kind and value. */
export const principals: readonly (readonly [string, string, string | undefined])[] = [
  ['AWS', '*', undefined],
  ['AWS', '111122223333', undefined],
  ['AWS', 'arn:aws:iam::111122223333:root', undefined],
  ['AWS', 'arn:aws:iam::111122223333:user/a/b', undefined],
  ['AWS', 'arn:aws:iam::111122223333:role/R', undefined],
  ['AWS', 'arn:aws:sts::111122223333:assumed-role/R/s', undefined],
  ['AWS', 'arn:aws:sts::111122223333:federated-user/f', undefined],
  ['AWS', 'AROAEXAMPLEID', undefined],
  ['AWS', '', invalid],
  ['AWS', '11112222333', invalid],
  ['AWS', 'Bob', invalid],
  ['AWS', '**', invalid],
  ['AWS', 'AKIAEXAMPLEID', invalid],
  ['AWS', 'arn:aws:iam::111122223333:user/*', invalid],
  ['AWS', 'arn:aws:iam::*:root', invalid],
  ['AWS', 'arn:aws:sts::111122223333:assumed-role/R/?', invalid],
  ['AWS', 'arn:aws:iam::111122223333:group/g', badArn],
  ['AWS', 'arn:aws:iam::111122223333:user/', badArn],
  ['AWS', 'arn:aws:iam::11:user/x', badArn],
  ['AWS', 'arn:awws:iam::111122223333:root', badArn],
  ['AWS', 'arn:aws-:iam::111122223333:root', badArn],
  ['AWS', 'arn:AWS:iam::111122223333:root', badArn],
  ['AWS', 'arn:aws-us-gov:iam::111122223333:root', undefined],
  ['AWS', 'arn:aws:iam:eu-west-1:111122223333:user/x', badArn],
  ['AWS', 'arn:aws:sts::111122223333:assumed-role/R', badArn],
  ['AWS', 'arn:aws:s3:::bucket', badArn],
  ['Service', 'ec2.amazonaws.com', undefined],
  ['Service', 's3.eu-west-1.amazonaws.com', undefined],
  ['Service', 'ec2.example.com', invalid],
  ['Service', '*', invalid],
  ['Federated', 'cognito-identity.amazonaws.com', invalid],
  ['CanonicalUser', '79a59df900b949e5', invalid],
  ['aws', '*', invalid],
]

/** Dates of conditions: those that IAM took, and those that it did not. */
export const goodDates = [
  '2026-01-31',
  '2016-12-13t2:00:00.593194+23',
  '-292275054',
  '01T',
  '1769860800',
  '5',
]
export const badDates = ['sdfdsf', '234-13', '9223372036854775808', '2026-01-31T12:00:00+1', '']

export const isBadDate = (value: string) => badDates.includes(value) || !goodDates.includes(value)

export const resourceFaults = (value: string) => answer(resources, value)
export const actionFaults = (value: string) => answer(actions, value)

export function principalFaults(kind: string, value: string): string | undefined {
  const known = principals.find(([of, name]) => of === kind && name === value)
  // A kind that is not on the list is no kind of principal.
  return known === undefined ? invalid : known[2]
}

function answer(known: ReadonlyMap<string, string | undefined>, value: string): string | undefined {
  if (!known.has(value)) throw new Error(`nobody knows what AWS says to ${value}`)
  return known.get(value)
}
