/** The errors of the credential scope, in both forms. */
import { DAY, REGION, run, SERVICE, TERMINATOR } from './refusals.test.ts'
import { presign, SCOPE, signHeader } from './signer.test.ts'

for (const [form, sign] of [
  ['header', signHeader],
  ['query', presign],
] as const) {
  run(`scope in ${form} form`, [
    ...['20150830/us-east-1/kms', `${SCOPE}/more`, ''].map((scope) => ({
      name: `'${scope}'`,
      request: sign({ scope }),
      says: `IncompleteSignatureException: Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'AKIDEXAMPLE/${scope}'`,
    })),
    {
      name: 'region',
      request: sign({ scope: '20150830/mars-1/kms/aws4_request' }),
      says: `InvalidSignatureException: ${REGION}`,
    },
    {
      name: 'service',
      request: sign({ scope: '20150830/us-east-1/s3/aws4_request' }),
      says: `InvalidSignatureException: ${SERVICE}`,
    },
    {
      name: 'service, seen from another',
      request: sign(),
      changes: { service: 'iam' },
      says: "InvalidSignatureException: Credential should be scoped to correct service: 'iam'. ",
    },
    {
      name: 'terminator',
      request: sign({ scope: '20150830/us-east-1/kms/aws5' }),
      says: `InvalidSignatureException: ${TERMINATOR}`,
    },
    {
      name: 'day',
      request: sign({ scope: '20150829/us-east-1/kms/aws4_request' }),
      says: `InvalidSignatureException: ${DAY}`,
    },
    {
      name: 'everything',
      request: sign({ scope: '20150829/mars-1/s3/aws5' }),
      says: `InvalidSignatureException: ${REGION}${SERVICE}${TERMINATOR}${DAY}`,
    },
  ])
}
