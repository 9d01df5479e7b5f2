/** STS in another partition, whose ARNs are spelt otherwise, also where a request is signed for no region. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allowing, iamClient } from '../support/iam.ts'
import { issuerKey, startIssuer, tokenOf } from '../support/issuer.ts'
import { startService } from '../support/service.ts'
import { makeUser, stsClient, taken, trustOf } from '../support/sts.ts'

const key = issuerKey('one')
const issuer = await startIssuer([key])
const region = 'cn-north-1'
const trent = await startService({ regions: [region], oidcIssuers: [{ issuer: issuer.url }] })
const { accountId } = trent

test('roles of China are assumed by users and by web identities', async () => {
  const iam = iamClient(trent, { region })
  await makeUser(trent, 'alice', { policy: allowing('sts:*') })
  const { OpenIDConnectProviderArn: provider } = await iam.createOpenIDConnectProvider({
    Url: `https://${issuer.provider}`,
    ClientIDList: ['sts.amazonaws.com.cn'],
  })
  assert.ok(provider?.startsWith('arn:aws-cn:iam:'))
  const { Role } = await iam.createRole({
    RoleName: 'Worker',
    AssumeRolePolicyDocument: trustOf(
      { principal: { AWS: `arn:aws-cn:iam::${accountId}:user/alice` } },
      { principal: { Federated: provider }, actions: ['sts:AssumeRoleWithWebIdentity'] },
    ),
  })
  const RoleArn = Role?.Arn ?? ''
  const asked = { RoleArn, RoleSessionName: 'one' }
  const arn = `arn:aws-cn:sts::${accountId}:assumed-role/Worker/one`
  const { AccessKey } = await iam.createAccessKey({ UserName: 'alice' })
  const credentials = {
    accessKeyId: AccessKey?.AccessKeyId ?? '',
    secretAccessKey: AccessKey?.SecretAccessKey ?? '',
  }
  const assumed = await stsClient(trent, { region, credentials }).assumeRole(asked)
  assert.equal(assumed.AssumedRoleUser?.Arn, arn)
  const now = Math.floor(trent.clock.now() / 1000)
  const claims = { iss: issuer.url, aud: 'sts.amazonaws.com.cn', sub: 'x', iat: now, exp: now + 60 }
  const WebIdentityToken = tokenOf(key, claims)
  const sts = stsClient(trent, { region })
  const answer = await sts.assumeRoleWithWebIdentity({ ...asked, WebIdentityToken })
  const session = stsClient(trent, { region, credentials: taken(answer.Credentials) })
  assert.equal((await session.getCallerIdentity({})).Arn, arn)
})
