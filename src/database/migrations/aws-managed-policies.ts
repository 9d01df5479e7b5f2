/**
 * The policies of AWS itself that configurations expect to find, as far as they speak of what is served here. This is a
 * part of the migration: a policy that has shipped changes by another migration. No text of it has a quotation mark of SQL.
 */

/** A policy of the account `aws`. */
interface AwsManagedPolicy {
  readonly id: string
  readonly name: string
  readonly path: string
  readonly description: string
  readonly document: object
}

const allowing = (...actions: string[]) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }],
})

export const awsManagedPolicies: readonly AwsManagedPolicy[] = [
  {
    id: 'ANPAIWMBCKSKIEE64ZLYK',
    name: 'AdministratorAccess',
    path: '/',
    description: 'Provides full access to AWS services and resources.',
    document: allowing('*'),
  },
  {
    id: 'ANPAILL3HVNFSB6DCOWYQ',
    name: 'ReadOnlyAccess',
    path: '/',
    description: 'Provides read-only access to AWS services and resources.',
    document: allowing(
      'iam:Generate*',
      'iam:Get*',
      'iam:List*',
      'iam:Simulate*',
      'kms:Describe*',
      'kms:Get*',
      'kms:List*',
      'sts:GetAccessKeyInfo',
      'sts:GetCallerIdentity',
      'sts:GetSessionToken',
    ),
  },
  {
    id: 'ANPAI7XKCFMBPM3QQRRVQ',
    name: 'IAMFullAccess',
    path: '/',
    description: 'Provides full access to IAM via the AWS Management Console.',
    document: allowing('iam:*'),
  },
  {
    id: 'ANPAJKSO7NDY4T57MWDSQ',
    name: 'IAMReadOnlyAccess',
    path: '/',
    description: 'Provides read only access to IAM via the AWS Management Console.',
    document: allowing('iam:GenerateCredentialReport', 'iam:Get*', 'iam:List*', 'iam:Simulate*'),
  },
  {
    id: 'ANPAJNPP7PPPPMJRV2SA4',
    name: 'AWSKeyManagementServicePowerUser',
    path: '/',
    description: 'Provides access to AWS Key Management Service (KMS).',
    document: allowing(
      'kms:CreateAlias',
      'kms:CreateKey',
      'kms:DeleteAlias',
      'kms:Describe*',
      'kms:GenerateRandom',
      'kms:Get*',
      'kms:List*',
      'kms:TagResource',
      'kms:UntagResource',
      'iam:ListGroups',
      'iam:ListRoles',
      'iam:ListUsers',
    ),
  },
  {
    id: 'ANPAIX2T3QCXHR2OGGCTO',
    name: 'SecurityAudit',
    path: '/',
    description:
      'The security audit template grants access to read security configuration metadata. It is useful for software that audits the configuration of an AWS account.',
    document: allowing(
      'iam:GenerateCredentialReport',
      'iam:Get*',
      'iam:List*',
      'iam:SimulateCustomPolicy',
      'iam:SimulatePrincipalPolicy',
      'kms:Describe*',
      'kms:Get*',
      'kms:List*',
    ),
  },
]
