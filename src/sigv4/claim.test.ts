/** AWS's texts for what is missing, unsupported or unsigned, and which of two errors is told. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  authorized,
  BAD_DATE,
  DAY,
  EXPIRED,
  LATE,
  MISSING,
  REGION,
  replacedIn,
  run,
  SERVICE,
  TERMINATOR,
} from './refusals.test.ts'
import {
  headerOf,
  holds,
  MISMATCH,
  presign,
  refusal,
  signHeader,
  withHeader,
} from './signer.test.ts'

const HOST =
  "InvalidSignatureException: 'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
const NEED = {
  Credential: "Authorization header requires 'Credential' parameter.",
  Signature: "Authorization header requires 'Signature' parameter.",
  SignedHeaders: "Authorization header requires 'SignedHeaders' parameter.",
  date: "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
}

run('where the signature lives', [
  { name: 'nowhere', request: withHeader(signHeader(), 'authorization', undefined), says: MISSING },
  {
    name: 'in both places',
    request: withHeader(presign(), 'authorization', headerOf(signHeader(), 'authorization')),
    says: `InvalidSignatureException: ${MISMATCH}`,
  },
  {
    name: 'in two Authorization headers',
    request: {
      ...signHeader(),
      headers: [...signHeader().headers, 'Authorization', headerOf(signHeader(), 'authorization')],
    },
    says: `InvalidSignatureException: ${MISMATCH}`,
  },
  {
    name: 'in the query, with a token in a header',
    request: presign({ headers: { 'x-amz-security-token': 'T' } }),
    says: `InvalidSignatureException: ${MISMATCH}`,
  },
])

run('Authorization header', [
  ...[
    ['AWS', 'AWS AKID:sig'],
    [
      'AWS4-ECDSA-P256-SHA256',
      'AWS4-ECDSA-P256-SHA256 Credential=a, SignedHeaders=host, Signature=b',
    ],
    ['AWS4-HMAC-SHA256Credential=AKID', 'AWS4-HMAC-SHA256Credential=AKID Signature=b'],
    ['Bearer', 'Bearer s3cret'],
    ['***', 's3cret'],
    ['***', ''],
  ].map(([algorithm, header]) => ({
    name: `algorithm of '${header}'`,
    request: authorized(header ?? ''),
    says: `IncompleteSignatureException: Unsupported AWS 'algorithm': '${algorithm}'.`,
  })),
  {
    name: 'parameter without =',
    request: authorized('AWS4-HMAC-SHA256 Credential=a, SignedHeaders, Signature=b'),
    says: "IncompleteSignatureException: 'SignedHeaders' not a valid key=value pair (missing equal-sign) in Authorization header: 'AWS4-HMAC-SHA256 Credential=a, SignedHeaders, Signature=***'.",
  },
  {
    name: 'a signature without = is not repeated',
    request: authorized(`AWS4-HMAC-SHA256 Signature ${'ab'.repeat(32)}, Token=s3cret`),
    says: "IncompleteSignatureException: '***' not a valid key=value pair (missing equal-sign) in Authorization header: 'AWS4-HMAC-SHA256 ***, Token=***'.",
  },
  ...(['Credential', 'Signature', 'SignedHeaders'] as const).map((name) => ({
    name: `no ${name}`,
    request: authorized(
      `AWS4-HMAC-SHA256 ${['Credential=a', 'SignedHeaders=host', 'Signature=b']
        .filter((parameter) => !parameter.startsWith(`${name}=`))
        .join(', ')}`,
    ),
    says: `IncompleteSignatureException: ${NEED[name]} Authorization=AWS4-HMAC-SHA256 ${[
      'Credential=a',
      'SignedHeaders=host',
      'Signature=***',
    ]
      .filter((parameter) => !parameter.startsWith(`${name}=`))
      .join(', ')}`,
  })),
  {
    name: 'nothing but the algorithm, and no date',
    request: withHeader(authorized('AWS4-HMAC-SHA256'), 'x-amz-date', undefined),
    says: `IncompleteSignatureException: ${NEED.Credential} ${NEED.Signature} ${NEED.SignedHeaders} ${NEED.date} Authorization=AWS4-HMAC-SHA256`,
  },
  {
    name: 'no date',
    request: withHeader(
      authorized('AWS4-HMAC-SHA256 Signature=b,Credential=a,SignedHeaders=host'),
      'x-amz-date',
      undefined,
    ),
    says: `IncompleteSignatureException: ${NEED.date} Authorization=AWS4-HMAC-SHA256 Signature=***, Credential=a, SignedHeaders=host`,
  },
])

run('escapes', [
  ...['a=%', 'a=%4', 'a%=1', '%4&b=1'].map((query) => ({
    name: query,
    request: { ...signHeader(), query },
    says: 'SerializationException: Incomplete trailing escape % sequence',
  })),
  {
    name: 'a=%4x1',
    request: { ...signHeader(), query: 'a=%4x1' },
    says: 'SerializationException: Illegal hex character in escape % pattern: %4x',
  },
  {
    name: 'in the path',
    request: { ...signHeader(), path: '/%zz' },
    says: 'SerializationException: Illegal hex character in escape % pattern: %zz',
  },
])

run('signed headers', [
  { name: 'no host', request: replacedIn(signHeader(), 'host;', ''), says: HOST },
  { name: 'host in capitals', request: replacedIn(signHeader(), 'host;', 'Host;'), says: HOST },
  { name: ':authority', request: replacedIn(signHeader(), 'host;', ':authority;'), says: HOST },
  { name: 'none', request: replacedIn(signHeader(), /Headers=[^,]*/, 'Headers='), says: HOST },
  { name: 'Host not sent', request: withHeader(signHeader(), 'host', undefined), says: HOST },
  ...['x-amz-target', 'x-amz-date', 'x-amz-security-token'].map((name) => ({
    name: `no ${name}`,
    request: replacedIn(signHeader({ token: 'T' }), `;${name}`, ''),
    says: `InvalidSignatureException: '${name}' must be a 'SignedHeader' in the AWS Authorization.`,
  })),
  {
    name: 'a header with x-amz- of any kind',
    request: withHeader(signHeader(), 'X-Amz-Content-Sha256', 'UNSIGNED-PAYLOAD'),
    says: "InvalidSignatureException: 'x-amz-content-sha256' must be a 'SignedHeader' in the AWS Authorization.",
  },
])

const wrong = { scope: '20150829/mars-1/s3/aws5' }
run('order of checks', [
  {
    name: 'escapes before a missing signature',
    request: { ...withHeader(signHeader(), 'authorization', undefined), query: 'a=%' },
    says: 'SerializationException: Incomplete trailing escape % sequence',
  },
  {
    name: 'algorithm before syntax',
    request: authorized('AWS5 Credential'),
    says: "IncompleteSignatureException: Unsupported AWS 'algorithm': 'AWS5'.",
  },
  {
    name: 'missing parameters before host',
    request: authorized('AWS4-HMAC-SHA256 Credential=a, SignedHeaders=x'),
    says: `IncompleteSignatureException: ${NEED.Signature} Authorization=AWS4-HMAC-SHA256 Credential=a, SignedHeaders=x`,
  },
  {
    name: 'host before other headers and date',
    request: authorized('AWS4-HMAC-SHA256 Credential=a, SignedHeaders=x, Signature=b'),
    says: HOST,
  },
  {
    name: 'headers before date',
    request: replacedIn(signHeader({ date: 'today' }), ';x-amz-target', ''),
    says: "InvalidSignatureException: 'x-amz-target' must be a 'SignedHeader' in the AWS Authorization.",
  },
  {
    name: 'date before number of elements',
    request: signHeader({ date: 'today', scope: 'a' }),
    says: BAD_DATE('today'),
  },
  {
    name: 'expired before number of elements',
    request: signHeader({ scope: 'a' }),
    changes: { now: LATE },
    says: EXPIRED,
  },
  {
    name: 'expired before scope',
    request: signHeader(wrong),
    changes: { now: LATE },
    says: EXPIRED,
  },
  {
    name: 'scope before the hash of the body',
    request: signHeader({ ...wrong, headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } }),
    says: `InvalidSignatureException: ${REGION}${SERVICE}${TERMINATOR}${DAY}`,
  },
])

test('parameters of the Authorization header come in any order, and the last of duplicates wins', () => {
  const request = signHeader()
  const [credential, headers, proof] = headerOf(request, 'authorization')
    .slice('AWS4-HMAC-SHA256 '.length)
    .split(', ')
  for (const text of [
    `${proof},${headers},${credential}`,
    `  ${headers} ,, ${proof} , ${credential},`,
    `Signature=0, Credential=x, ${headers}, ${credential}, ${proof}, Other=1`,
  ]) {
    assert.equal(holds(withHeader(request, 'authorization', `AWS4-HMAC-SHA256 ${text}`)), true)
  }
})

test('no message repeats a signature or a session token', () => {
  const token = 'TOKENWHICHISLONGANDSECRET0123456789'
  for (const sign of [signHeader, presign]) {
    const request = sign({ token, scope: '20150829/mars-1' })
    const proof = sign === signHeader ? headerOf(request, 'authorization') : request.query
    const text = refusal(request) + refusal(request, { now: 0 })
    assert.equal(text.includes(token), false)
    assert.equal(text.includes(proof.slice(-64)), false)
  }
})
