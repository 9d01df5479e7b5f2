/**
 * No request and no job reads a table from end to end: what they ask the embedded database is found by an index, however
 * many keys, grants, events and changes there are. The statements are those of a server at work.
 */
import assert from 'node:assert/strict'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import type { IAM } from '@aws-sdk/client-iam'
import * as kms from '@aws-sdk/client-kms'
import { sqliteOnly } from '../support/engines.ts'

const statements = new Set<string>()
const prepare = Reflect.get(DatabaseSync.prototype, 'prepare')
DatabaseSync.prototype.prepare = function (this: DatabaseSync, text: string) {
  statements.add(text)
  return Reflect.apply(prepare, this, [text])
}

// Only now, so that what it prepares is seen.
const { startService } = await import('../support/service.ts')
const { iamClient } = await import('../support/iam.ts')

/** Tables of a row or a few, and the outbox, where an event is for a second. */
const small = ['feed', 'migrations', 'audit_heads', 'audit_outbox']
const day = 86_400_000

test('statements find their rows by an index', { skip: sqliteOnly }, async () => {
  const trent = await startService()
  await liveThrough(trent.client(), `arn:aws:iam::${trent.accountId}:root`)
  await useIdentities(iamClient(trent))
  await trent.runJobs()
  trent.turn(40 * day)
  await trent.confirmClock()
  await trent.runJobs()
  const database = new DatabaseSync(path.join(trent.data, 'trent.db'), { readOnly: true })
  const explained = [...statements].filter((text) => /^\s*(SELECT|UPDATE|DELETE)/.test(text))
  assert.ok(explained.length > 75, `${explained.length} statements were seen`)
  assert.deepEqual(
    explained.filter((text) => scans(database, text)),
    [],
  )
  database.close()
})

test('a statement that reads all changes would be noticed', { skip: sqliteOnly }, async () => {
  const { data } = await startService()
  const database = new DatabaseSync(path.join(data, 'trent.db'), { readOnly: true })
  const all =
    'SELECT name FROM changes WHERE sequence > ? OR (sequence = ? AND name > ?) ORDER BY sequence, name'
  assert.ok(scans(database, all))
  database.close()
})

/** Whether a statement reads a large table, or a whole index of one. */
function scans(database: DatabaseSync, text: string): boolean {
  const plan = Reflect.apply(prepare, database, [`EXPLAIN QUERY PLAN ${text}`]).all()
  return plan.some(({ detail }) => {
    const table = /^SCAN (?!CONSTANT ROW)(\w+)/.exec(String(detail))?.[1]
    return table !== undefined && !small.includes(table)
  })
}

/** What becomes of keys, aliases, tags, policies and grants, as far as it needs statements of its own. */
async function liveThrough(client: kms.KMSClient, Principal: string): Promise<void> {
  const Tags = [{ TagKey: 'a', TagValue: 'b' }]
  const made = await client.send(new kms.CreateKeyCommand({ MultiRegion: true, Tags }))
  const KeyId = made.KeyMetadata?.KeyId ?? assert.fail()
  const AliasName = 'alias/a'
  const parties = { GranteePrincipal: Principal, RetiringPrincipal: Principal, Name: 'once' }
  await client.send(new kms.CreateAliasCommand({ AliasName, TargetKeyId: KeyId }))
  await client.send(new kms.UpdateAliasCommand({ AliasName, TargetKeyId: KeyId }))
  const grant = new kms.CreateGrantCommand({ KeyId, Operations: ['Encrypt'], ...parties })
  const { GrantId, GrantToken } = await client.send(grant)
  const GrantTokens = [GrantToken ?? assert.fail()]
  const Plaintext = Buffer.from('x')
  await client.send(new kms.EncryptCommand({ KeyId: AliasName, Plaintext, GrantTokens }))
  await client.send(new kms.ListKeysCommand({ Limit: 1 }))
  for (const keyId of [undefined, KeyId]) {
    await client.send(new kms.ListAliasesCommand({ KeyId: keyId, Limit: 1 }))
  }
  const filters = [{}, { GrantId }, { GranteePrincipal: Principal }]
  for (const filter of filters) {
    await client.send(new kms.ListGrantsCommand({ KeyId, Limit: 1, ...filter }))
  }
  await client.send(new kms.ListRetirableGrantsCommand({ RetiringPrincipal: Principal, Limit: 1 }))
  await client.send(new kms.ListResourceTagsCommand({ KeyId, Limit: 1 }))
  await client.send(new kms.UntagResourceCommand({ KeyId, TagKeys: ['a'] }))
  const { Policy } = await client.send(new kms.GetKeyPolicyCommand({ KeyId }))
  await client.send(new kms.PutKeyPolicyCommand({ KeyId, Policy }))
  await client.send(new kms.EnableKeyRotationCommand({ KeyId }))
  await client.send(new kms.RotateKeyOnDemandCommand({ KeyId }))
  await client.send(new kms.ListKeyRotationsCommand({ KeyId, Limit: 1 }))
  await client.send(new kms.GetKeyLastUsageCommand({ KeyId }))
  await client.send(new kms.RevokeGrantCommand({ KeyId, GrantId }))
  await client.send(
    new kms.RetireGrantCommand({ GrantToken: (await client.send(grant)).GrantToken }),
  )
  await client.send(new kms.DeleteAliasCommand({ AliasName }))
  await client.send(new kms.ScheduleKeyDeletionCommand({ KeyId }))
}

/** The same of users, groups, roles and policies. */
async function useIdentities(iam: IAM): Promise<void> {
  const [UserName, GroupName, RoleName, PolicyName] = ['user', 'group', 'role', 'policy']
  const document = (...more: readonly object[]) =>
    JSON.stringify({ Version: '2012-10-17', Statement: more })
  const PolicyDocument = document({ Effect: 'Allow', Action: 'kms:*', Resource: '*' })
  const AssumeRolePolicyDocument = document({
    Effect: 'Allow',
    Action: 'sts:AssumeRole',
    Principal: { AWS: '*' },
  })
  await iam.createUser({ UserName, Tags: [{ Key: 'a', Value: 'b' }] })
  await iam.createGroup({ GroupName })
  await iam.createRole({ RoleName, AssumeRolePolicyDocument })
  await iam.addUserToGroup({ UserName, GroupName })
  const { Policy } = await iam.createPolicy({ PolicyName, PolicyDocument })
  const PolicyArn = Policy?.Arn
  await iam.createPolicyVersion({ PolicyArn, PolicyDocument, SetAsDefault: true })
  await iam.attachUserPolicy({ UserName, PolicyArn })
  await iam.attachGroupPolicy({ GroupName, PolicyArn })
  await iam.attachRolePolicy({ RoleName, PolicyArn })
  await iam.putUserPolicy({ UserName, PolicyName, PolicyDocument })
  await iam.putUserPermissionsBoundary({ UserName, PermissionsBoundary: PolicyArn })
  const { AccessKey } = await iam.createAccessKey({ UserName })
  const AccessKeyId = AccessKey?.AccessKeyId
  await iam.getAccessKeyLastUsed({ AccessKeyId })
  await iam.listUsers({ MaxItems: 1 })
  await iam.listGroups({ MaxItems: 1 })
  await iam.listRoles({ MaxItems: 1 })
  await iam.listPolicies({ MaxItems: 1, Scope: 'Local' })
  await iam.listEntitiesForPolicy({ PolicyArn, MaxItems: 1 })
  await iam.listAttachedUserPolicies({ UserName, MaxItems: 1 })
  await iam.listUserPolicies({ UserName, MaxItems: 1 })
  await iam.listGroupsForUser({ UserName, MaxItems: 1 })
  await iam.getGroup({ GroupName, MaxItems: 1 })
  await iam.listUserTags({ UserName, MaxItems: 1 })
  await iam.getAccountSummary({})
  await iam.getAccountAuthorizationDetails({ MaxItems: 1 })
  await iam.updateUser({ UserName, NewUserName: 'renamed' })
  await iam.detachGroupPolicy({ GroupName, PolicyArn })
  await iam.detachRolePolicy({ RoleName, PolicyArn })
  await iam.deleteRole({ RoleName })
}
