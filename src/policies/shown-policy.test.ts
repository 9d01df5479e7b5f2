import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renamePrincipals } from './shown-policy.ts'

const bob = 'arn:aws:iam::111122223333:user/Bob'
const ann = 'arn:aws:iam::111122223333:user/Ann'
const names = new Map([
  [bob, 'AIDABOB'],
  [ann, 'arn:aws:iam::111122223333:user/Anna'],
])

test('principals go by other names, in lists, in Not-twins and in the order of the text', () => {
  const text = `{ "Statement" : [
    { "Effect":"Allow", "NotPrincipal":{"AWS":["${ann}", "${bob}"],"Service":"s3.amazonaws.com"} },
    { "Principal": { "AWS" : "${bob}" }, "Effect": "Deny" } ] }`
  assert.equal(
    renamePrincipals(text, names),
    `{ "Statement" : [
    { "Effect":"Allow", "NotPrincipal":{"AWS":["arn:aws:iam::111122223333:user/Anna", "AIDABOB"],"Service":"s3.amazonaws.com"} },
    { "Principal": { "AWS" : "AIDABOB" }, "Effect": "Deny" } ] }`,
  )
})

test('the same text elsewhere than in a Principal element stays', () => {
  const text = JSON.stringify({
    Statement: {
      Sid: bob,
      Principal: { AWS: bob, Service: bob },
      Condition: { ArnEquals: { 'aws:PrincipalArn': bob } },
    },
  })
  const shown = JSON.parse(renamePrincipals(text, names)) as { Statement: object }
  assert.deepEqual(shown.Statement, {
    Sid: bob,
    Principal: { AWS: 'AIDABOB', Service: bob },
    Condition: { ArnEquals: { 'aws:PrincipalArn': bob } },
  })
})

test('an ARN that is written with escapes is the same ARN', () => {
  const text = `{"Statement":{"Principal":{"AWS":"${bob.replace('/', '\\/')}"}}}`
  assert.equal(renamePrincipals(text, names), '{"Statement":{"Principal":{"AWS":"AIDABOB"}}}')
})

test('a principal that is everyone, and a text that is no policy, stay', () => {
  for (const text of ['{"Statement":{"Principal":"*"}}', '[]', 'no policy', '{"a":1,"A":2}']) {
    assert.equal(renamePrincipals(text, names), text)
  }
})
