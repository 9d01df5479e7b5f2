/** STS as it is spelt on the wire: forms, URLs that were signed for others, answers in XML. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allowing } from '../support/iam.ts'
import { startService } from '../support/service.ts'
import { signHeader, signQuery, type ToSign } from '../support/signer.ts'
import { makeRole, makeUser, stsClient, taken } from '../support/sts.ts'
import { type RawAnswer, type RawRequest, send } from '../support/wire.ts'

const trent = await startService()
const { accountId } = trent
const alice = await makeUser(trent, 'alice', { policy: allowing('sts:*') })
const role = await makeRole(trent, 'Pod', { trust: [{ principal: { AWS: accountId } }] })
const { Credentials } = await stsClient(trent, { credentials: alice.credentials }).assumeRole({
  RoleArn: role.arn,
  RoleSessionName: 'one',
})
const session = taken(Credentials)
const form = 'application/x-www-form-urlencoded; charset=utf-8'
const identity = 'Action=GetCallerIdentity&Version=2011-06-15'
const namespace = 'https://sts.amazonaws.com/doc/2011-06-15/'

const sts = (more: Partial<ToSign>): ToSign => ({
  endpoint: trent.endpoint,
  credentials: alice.credentials,
  at: trent.clock.now(),
  service: 'sts',
  target: null,
  contentType: form,
  body: identity,
  ...more,
})

/** An EKS token: a presigned GET, whose signed header names the cluster. */
const eks = (more: Partial<ToSign> = {}): RawRequest =>
  signQuery(
    sts({
      method: 'GET',
      contentType: null,
      body: '',
      headers: { 'x-k8s-aws-id': 'cluster-1' },
      query: [
        ['Action', 'GetCallerIdentity'],
        ['Version', '2011-06-15'],
      ],
      expires: '60',
      ...more,
    }),
  )

const ask = (request: RawRequest): Promise<RawAnswer> => send(trent.endpoint, request)

const tell = (answer: RawAnswer, name: string): string | undefined =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(answer.body)?.[1]

function assertError(answer: RawAnswer, status: number, code: string): void {
  assert.equal(answer.status, status, answer.body)
  assert.equal(tell(answer, 'Code'), code)
  assert.ok(
    answer.body.startsWith(`<ErrorResponse xmlns="${namespace}"><Error><Type>Sender</Type>`),
  )
}

test('an answer is the XML of STS, with the request’s id in header and body', async () => {
  const answer = await ask(signHeader(sts({})))
  assert.equal(answer.status, 200)
  assert.equal(answer.headers.get('content-type'), 'text/xml')
  const id = answer.headers.get('x-amzn-requestid')
  assert.equal(
    answer.body.trim(),
    `<GetCallerIdentityResponse xmlns="${namespace}"><GetCallerIdentityResult><UserId>${alice.id}</UserId><Account>${accountId}</Account><Arn>${alice.arn}</Arn></GetCallerIdentityResult><ResponseMetadata><RequestId>${id}</RequestId></ResponseMetadata></GetCallerIdentityResponse>`,
  )
})

test('a presigned identity is whose it was signed by, for as long as it lives', async () => {
  const request = eks()
  assert.equal(tell(await ask(request), 'Arn'), alice.arn)
  assert.equal(tell(await ask(request), 'Arn'), alice.arn)
  trent.turn(61_000)
  assertError(await ask(request), 403, 'SignatureDoesNotMatch')
})

test('a presigned identity that does not say how long it lives does so for a quarter of an hour', async () => {
  const request = eks({ expires: null })
  assert.ok(!request.url.includes('X-Amz-Expires'))
  assert.equal(tell(await ask(request), 'Arn'), alice.arn)
  trent.turn(900_000)
  assert.equal(tell(await ask(request), 'Arn'), alice.arn)
  trent.turn(1000)
  assertError(await ask(request), 403, 'SignatureDoesNotMatch')
})

test('a presigned identity of a session has the token in its URL', async () => {
  const arn = `arn:aws:sts::${accountId}:assumed-role/Pod/one`
  const request = eks({ credentials: session, token: session.sessionToken })
  assert.ok(request.url.includes('X-Amz-Security-Token='))
  assert.equal(tell(await ask(request), 'Arn'), arn)
  assertError(await ask(eks({ credentials: session })), 403, 'InvalidClientTokenId')
  assertError(await ask(eks({ token: session.sessionToken })), 403, 'InvalidClientTokenId')
})

test('an authenticator that accepts JSON alone is answered in JSON, also when it is refused', async () => {
  const json = (request: RawRequest, accept = 'application/json'): RawRequest => ({
    ...request,
    headers: [...request.headers, ['accept', accept]],
  })
  for (const request of [
    json(eks()),
    json(signHeader(sts({}))),
    json(eks(), 'Application/JSON; q=1'),
  ]) {
    const answer = await ask(request)
    assert.equal(answer.status, 200)
    assert.equal(answer.headers.get('content-type'), 'application/json')
    const id = answer.headers.get('x-amzn-requestid')
    assert.equal(
      answer.body,
      `{"GetCallerIdentityResponse":{"GetCallerIdentityResult":{"Account":"${accountId}","Arn":"${alice.arn}","UserId":"${alice.id}"},"ResponseMetadata":{"RequestId":"${id}"}}}`,
    )
  }
  const refused = await ask(
    json(eks({ credentials: { ...alice.credentials, accessKeyId: 'AKIAX' } })),
  )
  assert.equal(refused.status, 403)
  assert.equal(refused.headers.get('content-type'), 'application/json')
  assert.equal(
    refused.body,
    `{"Error":{"Code":"InvalidClientTokenId","Message":"The security token included in the request is invalid.","Type":"Sender"},"RequestId":"${refused.headers.get('x-amzn-requestid')}"}`,
  )
})

test('whoever accepts other types as well, or asks for something else, is answered in XML', async () => {
  const accepting = (accept: string, what: Partial<ToSign> = {}) =>
    ask(signHeader(sts({ ...what, unsigned: { Accept: accept } })))
  for (const accept of ['*/*', 'application/json, text/xml', 'text/xml', 'application/jsonx']) {
    const answer = await accepting(accept)
    assert.equal(answer.headers.get('content-type'), 'text/xml')
    assert.equal(tell(answer, 'Arn'), alice.arn)
  }
  const body = 'Action=GetSessionToken&Version=2011-06-15'
  const answer = await accepting('application/json', { body })
  assert.equal(answer.headers.get('content-type'), 'text/xml')
})

test('a presigned identity is good for one cluster', async () => {
  const request = eks()
  const altered = (value: string | undefined): RawRequest => ({
    ...request,
    headers: request.headers.flatMap(([name, given]) => {
      if (name !== 'x-k8s-aws-id') return [[name, given] as const]
      return value === undefined ? [] : [[name, value] as const]
    }),
  })
  for (const value of ['cluster-2', undefined]) {
    assertError(await ask(altered(value)), 403, 'SignatureDoesNotMatch')
  }
})

test('a presigned identity is good for nothing else', async () => {
  const request = eks()
  const url = request.url.replace('GetCallerIdentity', 'GetSessionToken')
  assertError(await ask({ ...request, url }), 403, 'SignatureDoesNotMatch')
  const headers = [...request.headers, ['Content-Type', form] as const]
  assertError(await ask({ ...request, headers, method: 'POST' }), 403, 'SignatureDoesNotMatch')
})

test('a signed POST can be handed to somebody who sends it', async () => {
  const request = signHeader(sts({ headers: { 'X-Vault-AWS-IAM-Server-ID': 'vault.example' } }))
  for (const _ of [1, 2]) assert.equal(tell(await ask(request), 'Arn'), alice.arn)
  const signedBySession = signHeader(sts({ credentials: session, token: session.sessionToken }))
  assert.match(tell(await ask(signedBySession), 'Arn') ?? '', /assumed-role\/Pod\/one$/)
  const headers = request.headers.map(([name, value]) =>
    name.startsWith('X-Vault') ? ([name, 'other.example'] as const) : ([name, value] as const),
  )
  assertError(await ask({ ...request, headers }), 403, 'SignatureDoesNotMatch')
})

test('a signed POST may have its parameters in the URL, and no body and type', async () => {
  const inUrl = (more: Partial<ToSign> = {}) =>
    ask(
      signHeader(
        sts({
          contentType: null,
          body: '',
          headers: { 'x-goog-cloud-target-resource': '//iam.example' },
          query: [
            ['Action', 'GetCallerIdentity'],
            ['Version', '2011-06-15'],
          ],
          ...more,
        }),
      ),
    )
  assert.equal(tell(await inUrl(), 'Arn'), alice.arn)
  assertError(await inUrl({ service: 'kms' }), 403, 'SignatureDoesNotMatch')
  const withBody = await inUrl({ body: '{}' })
  assert.equal(withBody.headers.get('content-type'), 'application/x-amz-json-1.1')
})

test('a token in the header that is not signed is refused', async () => {
  const { sessionToken } = session
  const unsigned = { 'X-Amz-Security-Token': sessionToken }
  const answer = await ask(signHeader(sts({ credentials: session, unsigned })))
  assertError(answer, 403, 'SignatureDoesNotMatch')
  assert.equal(
    tell(answer, 'Message'),
    "'x-amz-security-token' must be a 'SignedHeader' in the AWS Authorization.",
  )
})

test('the scope has to be that of STS', async () => {
  assertError(await ask(signHeader(sts({ service: 'kms' }))), 403, 'SignatureDoesNotMatch')
})

test('AssumeRoleWithWebIdentity takes no signature, everything else does', async () => {
  const post = (
    body: string,
    headers: readonly (readonly [string, string])[] = [],
  ): RawRequest => ({
    method: 'POST',
    url: '/',
    headers: [['Host', new URL(trent.endpoint).host], ['Content-Type', form], ...headers],
    body: Buffer.from(body),
  })
  const asked = `Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=${encodeURIComponent(role.arn)}&RoleSessionName=one&WebIdentityToken=garbage`
  assertError(await ask(post(asked)), 400, 'InvalidIdentityToken')
  const authorization = ['Authorization', 'AWS4-HMAC-SHA256 nonsense'] as const
  assertError(await ask(post(asked, [authorization])), 400, 'InvalidIdentityToken')
  assertError(await ask(post(identity)), 403, 'MissingAuthenticationToken')
})

test('parameters that are missing are told together', async () => {
  const answer = await ask(signHeader(sts({ body: 'Action=AssumeRole&Version=2011-06-15' })))
  assertError(answer, 400, 'ValidationError')
  assert.equal(
    tell(answer, 'Message'),
    "2 validation errors detected: Value null at 'roleArn' failed to satisfy constraint: Member must not be null; Value null at 'roleSessionName' failed to satisfy constraint: Member must not be null",
  )
})

test('of one ARN the pattern is told before the length, which is that of its characters', async () => {
  const says = async (RoleArn: string, ...constraints: readonly string[]) => {
    const pairs = { Action: 'AssumeRole', Version: '2011-06-15', RoleArn, RoleSessionName: 'one' }
    const answer = await ask(signHeader(sts({ body: new URLSearchParams(pairs).toString() })))
    assertError(answer, 400, 'ValidationError')
    const [first] = constraints
    const violations = constraints.map(
      (each) => `Value '${RoleArn}' at 'roleArn' failed to satisfy constraint: Member must ${each}`,
    )
    const { length } = constraints
    const told = `${length} validation ${length === 1 ? 'error' : 'errors'} detected: `
    assert.equal(
      tell(answer, 'Message'),
      first === undefined ? `${RoleArn} is invalid` : told + violations.join('; '),
    )
  }
  const pattern =
    'satisfy regular expression pattern: [\\u0009\\u000A\\u000D\\u0020-\\u007E\\u0085\\u00A0-\\uD7FF\\uE000-\\uFFFD\\u10000-\\u10FFFF]+'
  await says('', pattern, 'have length greater than or equal to 20')
  await says('null', 'have length greater than or equal to 20')
  await says('é'.repeat(2048))
  await says('é'.repeat(2049), 'have length less than or equal to 2048')
  await says('😀'.repeat(2048), pattern)
  await says('😀'.repeat(2049), pattern, 'have length less than or equal to 2048')
})

test('an empty session policy lacks characters in two ways', async () => {
  const pairs = { Action: 'AssumeRole', Version: '2011-06-15', RoleArn: role.arn, Policy: '' }
  const body = new URLSearchParams({ ...pairs, RoleSessionName: 'one' }).toString()
  const answer = await ask(signHeader(sts({ body })))
  assertError(answer, 400, 'ValidationError')
  assert.equal(
    tell(answer, 'Message'),
    "2 validation errors detected: Value '' at 'policy' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\u0009\\u000A\\u000D\\u0020-\\u00FF]+; Value '' at 'policy' failed to satisfy constraint: Member must have length greater than or equal to 1",
  )
})

test('what STS has besides is no action here', async () => {
  for (const name of ['AssumeRoleWithSAML', 'AssumeRoot', 'GetWebIdentityToken']) {
    const answer = await ask(signHeader(sts({ body: `Action=${name}&Version=2011-06-15` })))
    assert.equal(answer.status, 400)
    assert.equal(tell(answer, 'Code'), 'InvalidAction')
  }
})
