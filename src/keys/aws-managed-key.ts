/**
 * AWS managed keys: `alias/aws/<service>` for the services that have one. They come into being when somebody first asks
 * DescribeKey for the alias (Developer Guide, "AWS managed keys").
 */
import { parseArn, partitionOf } from '../api/arn.ts'
import { uuid } from '../crypto/random.ts'
import { findAlias, insertAlias } from '../database/aliases.ts'
import { findKey, insertKey } from '../database/keys.ts'
import { setKeyPolicy } from '../database/policies.ts'
import type { Call } from '../operation.ts'
import { awsManagedKeyPolicy } from '../policies/default-key-policy.ts'
import { storeFirstMaterial } from './first-material.ts'
import { type Key, newKey } from './key.ts'
import { day } from './day.ts'

/** The services that have an AWS managed key, with what each protects. */
const services: ReadonlyMap<string, string> = new Map([
  ['acm', 'ACM private keys'],
  ['backup', 'Backup data'],
  ['codecommit', 'CodeCommit repositories'],
  ['connect', 'Connect data'],
  ['dms', 'DMS data'],
  ['dynamodb', 'DynamoDB data'],
  ['ebs', 'EBS volumes'],
  ['elasticfilesystem', 'EFS filesystems'],
  ['es', 'Elasticsearch data'],
  ['fsx', 'FSx resources'],
  ['glue', 'Glue data'],
  ['kinesis', 'Kinesis data streams'],
  ['kinesisvideo', 'Kinesis Video Streams data'],
  ['lambda', 'Lambda environment variables'],
  ['lightsail', 'Lightsail data'],
  ['mq', 'Amazon MQ data'],
  ['rds', 'RDS database volumes'],
  ['redshift', 'Redshift clusters'],
  ['s3', 'S3 objects'],
  ['secretsmanager', 'Secrets Manager data'],
  ['sns', 'SNS data'],
  ['sqs', 'SQS messages'],
  ['ssm', 'SSM parameters'],
  ['workmail', 'WorkMail data'],
  ['workspaces', 'WorkSpaces volumes'],
  ['xray', 'X-Ray data'],
])

/** The AWS managed key that this call brought into being; undefined when the reference asks for no such thing. */
export async function awsManagedKey(reference: string, call: Call): Promise<Key | undefined> {
  const name = predefinedAlias(reference, call)
  const service = name?.slice('alias/aws/'.length) ?? ''
  const purpose = services.get(service)
  if (name === undefined || purpose === undefined) return undefined
  if ((await findAlias(call.read, call.scope, name)) !== undefined) return undefined
  call.authorizeAlias('kms:DescribeKey', name)
  const id = uuid()
  const made = newKey(call.scope, {
    id,
    createdAt: call.now,
    description: `Default key that protects my ${purpose} when no other key is defined`,
    manager: 'AWS',
    // AWS rotates its own keys every year; nobody can change that.
    rotationEnabled: true,
    rotationPeriodInDays: 365,
    rotationNextAt: call.now + 365 * day,
  })
  const material = await call.keyStore.prepare(made)
  const key = { ...made, currentMaterialId: material.materialId }
  return call.writeQuietly(async (transaction) => {
    // Two calls may race for the first look; the second finds what the first made.
    const alias = await findAlias(transaction, call.scope, name)
    if (alias !== undefined) return findKey(transaction, call.scope.region, alias.keyId)
    await insertKey(transaction, key)
    await storeFirstMaterial(transaction, key, material)
    const policy = awsManagedKeyPolicy(call.scope, service)
    await setKeyPolicy(transaction, key, { text: policy, pins: new Map() })
    await insertAlias(transaction, {
      ...call.scope,
      name,
      keyId: id,
      createdAt: call.now,
      updatedAt: call.now,
    })
    return key
  })
}

/** The name of a predefined alias of the caller's own account and region, in either form. */
function predefinedAlias(reference: string, call: Call): string | undefined {
  if (reference.startsWith('alias/aws/')) return reference
  if (!reference.includes(':alias/aws/')) return undefined
  const arn = parseArn(reference)
  const own =
    arn?.service === 'kms' &&
    arn.account === call.scope.account &&
    arn.region === call.scope.region &&
    arn.partition === partitionOf(call.scope.region)
  return own && arn.resource.startsWith('alias/aws/') ? arn.resource : undefined
}
