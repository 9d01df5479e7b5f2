/** The errors that only the query form has. */
import { MISSING, requery, run } from './refusals.test.ts'
import { NOW, presign } from './signer.test.ts'

const MUST = (name: string) => `AWS query-string parameters must include '${name}'.`
const QUERY_NAMES = ['Credential', 'Signature', 'SignedHeaders', 'Date']

run('query form', [
  ...QUERY_NAMES.map((name) => ({
    name: `no X-Amz-${name}`,
    request: requery(presign(), new RegExp(`(^|&)X-Amz-${name}=[^&]*`), ''),
    says: `IncompleteSignatureException: ${MUST(`X-Amz-${name}`)} Re-examine the query-string parameters.`,
  })),
  {
    name: 'nothing but the algorithm',
    request: { ...presign(), query: 'X-Amz-Algorithm=AWS4-HMAC-SHA256' },
    says: `IncompleteSignatureException: ${QUERY_NAMES.map((name) => MUST(`X-Amz-${name}`)).join(' ')} Re-examine the query-string parameters.`,
  },
  {
    name: 'another algorithm counts as none',
    request: requery(presign(), 'AWS4-HMAC-SHA256', 'AWS4-ECDSA-P256-SHA256'),
    says: MISSING,
  },
  {
    name: 'names are case-sensitive',
    request: requery(presign(), 'X-Amz-Algorithm', 'x-amz-algorithm'),
    says: MISSING,
  },
  ...['0', '604801', '-1', '1e3', '', '9999999', '10.5'].map((expires) => ({
    name: `X-Amz-Expires '${expires}'`,
    request: presign({ expires }),
    says: 'IncompleteSignatureException: X-Amz-Expires must be a number of seconds from 1 to 604800.',
  })),
  {
    name: 'expired by X-Amz-Expires',
    request: presign({ expires: '60' }),
    changes: { now: NOW + 61_000 },
    says: 'InvalidSignatureException: Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T123701Z - 1 min.)',
  },
  {
    name: 'expired by X-Amz-Expires that is no whole minute',
    request: presign({ expires: '1' }),
    changes: { now: NOW + 2_000 },
    says: 'InvalidSignatureException: Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T123602Z - 1 sec.)',
  },
  {
    name: 'expired without X-Amz-Expires, as if it were signed in a header',
    request: presign({ expires: null }),
    changes: { now: NOW + 301_000 },
    says: 'InvalidSignatureException: Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T124101Z - 5 min.)',
  },
  {
    name: 'not yet current, however long it lives',
    request: presign({ expires: '604800' }),
    changes: { now: NOW - 301_000 },
    says: 'InvalidSignatureException: Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z (20150830T123059Z + 5 min.)',
  },
  {
    name: 'X-Amz-Target unsigned',
    request: requery(presign(), '%3Bx-amz-target', ''),
    says: "InvalidSignatureException: 'x-amz-target' must be a 'SignedHeader' in the AWS Authorization.",
  },
])
