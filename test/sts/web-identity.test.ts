/** AssumeRoleWithWebIdentity against a real issuer on this machine. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { allowing, iamClient } from '../support/iam.ts'
import {
  type IssuerKey,
  issuerKey,
  makeCertificates,
  published,
  sharedSecretToken,
  startIssuer,
  tokenOf,
  unsignedToken,
} from '../support/issuer.ts'
import { temporaryFolder } from '../support/process.ts'
import { recordOf, recordText } from '../support/record.ts'
import { startService } from '../support/service.ts'
import { makeRole, refusedBySts, stsClient, taken, type Trust } from '../support/sts.ts'

const first = issuerKey('first')
const curve = issuerKey('curve', 'ES256')
const certificates = makeCertificates()
const cluster = await startIssuer([first, curve], { path: '/clusters/One', tls: certificates })
const plain = await startIssuer([first])
const pinned = await startIssuer([first], { tls: certificates })
const unlisted = await startIssuer([first], { tls: certificates })
const caFile = join(temporaryFolder(), 'ca.pem')
writeFileSync(caFile, certificates.ca)

const trent = await startService({
  oidcIssuers: [{ issuer: cluster.url, caFile }, { issuer: plain.url }, { issuer: pinned.url }],
})
const { accountId } = trent
const iam = iamClient(trent)
const sts = stsClient(trent)
const now = () => Math.floor(trent.clock.now() / 1000)
const subject = 'system:serviceaccount:payments:api'

async function provide(issuer: { readonly provider: string }, thumbprints: string[] = []) {
  const { OpenIDConnectProviderArn: arn } = await iam.createOpenIDConnectProvider({
    Url: `https://${issuer.provider}`,
    ClientIDList: ['sts.amazonaws.com', 'party'],
    ThumbprintList: thumbprints,
  })
  return arn ?? ''
}

const provider = await provide(cluster)

const trusting = (more: Partial<Trust> = {}, federated = provider): Trust => ({
  principal: { Federated: federated },
  actions: ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession', 'sts:SetSourceIdentity'],
  ...more,
})

const role = await makeRole(trent, 'Payments', {
  trust: [
    trusting({
      condition: {
        StringEquals: {
          [`${cluster.provider}:sub`]: subject,
          [`${cluster.provider}:aud`]: 'sts.amazonaws.com',
        },
      },
    }),
  ],
  policy: allowing('iam:GetRole'),
})
const open = await makeRole(trent, 'Open', { trust: [trusting()], tags: { Team: 'role' } })

const claims = (more: object = {}) => ({
  iss: cluster.url,
  aud: ['sts.amazonaws.com'],
  sub: subject,
  iat: now(),
  nbf: now(),
  exp: now() + 3600,
  ...more,
})

const assume = (WebIdentityToken: string, RoleArn = role.arn, more: object = {}) =>
  sts.assumeRoleWithWebIdentity({ RoleArn, RoleSessionName: 'pod', WebIdentityToken, ...more })

const invalid = (text: string) => [400, 'InvalidIdentityToken', text] as const
const noKey =
  "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements"
const notValid = 'The web identity token could not be validated'

test('the token of a service account is taken for a session of the role, and recorded', async () => {
  const token = tokenOf(
    first,
    claims({ 'kubernetes.io': { namespace: 'payments', serviceaccount: { name: 'api' } } }),
  )
  const answer = await assume(token)
  assert.equal(answer.SubjectFromWebIdentityToken, subject)
  assert.equal(answer.Provider, cluster.url)
  assert.equal(answer.Audience, 'sts.amazonaws.com')
  const arn = `arn:aws:sts::${accountId}:assumed-role/Payments/pod`
  assert.deepEqual(answer.AssumedRoleUser, { AssumedRoleId: `${role.id}:pod`, Arn: arn })
  const event = recordOf(trent, answer)
  assert.deepEqual(event.userIdentity, {
    type: 'WebIdentityUser',
    principalId: `${provider}:sts.amazonaws.com:${subject}`,
    userName: subject,
    identityProvider: provider,
  })
  assert.equal(event.recipientAccountId, accountId)
  const credentials = taken(answer.Credentials)
  const me = await stsClient(trent, { credentials }).getCallerIdentity({})
  assert.equal(me.Arn, arn)
  assert.deepEqual(recordOf(trent, me).userIdentity['sessionContext'], {
    sessionIssuer: {
      type: 'Role',
      principalId: role.id,
      arn: role.arn,
      accountId,
      userName: 'Payments',
    },
    webIdFederationData: {
      federatedProvider: provider,
      attributes: {
        [`${cluster.provider}:aud`]: 'sts.amazonaws.com',
        [`${cluster.provider}:sub`]: subject,
      },
    },
    attributes: {
      creationDate: new Date(now() * 1000).toISOString().replace('.000', ''),
      mfaAuthenticated: 'false',
    },
  })
  const got = await iamClient(trent, { credentials }).getRole({ RoleName: 'Payments' })
  assert.equal(got.Role?.RoleId, role.id)
  const record = recordText(trent.data)
  for (const secret of [token, credentials.sessionToken, credentials.secretAccessKey]) {
    assert.ok(!record.includes(secret), 'no token and no secret is in the record')
  }
})

test('a token that ES256 signs is as good', async () => {
  await assume(tokenOf(curve, claims()))
})

test('a token of a CI job is taken by patterns on its subject and its other claims', async () => {
  const { arn } = await makeRole(trent, 'Ci', {
    trust: [
      trusting({
        condition: {
          StringLike: { [`${cluster.provider}:sub`]: 'repo:acme/*:ref:refs/heads/main' },
          StringEquals: {
            [`${cluster.provider}:repository_owner`]: 'acme',
            [`${cluster.provider}:run_attempt`]: '1',
          },
          'ForAnyValue:StringEquals': { [`${cluster.provider}:amr`]: ['mfa'] },
        },
      }),
    ],
  })
  const job = {
    aud: 'sts.amazonaws.com',
    sub: 'repo:acme/app:ref:refs/heads/main',
    repository_owner: 'acme',
    run_attempt: 1,
    amr: ['pwd', 'mfa'],
  }
  await assume(tokenOf(first, claims(job)), arn)
  for (const wrong of [
    { sub: 'repo:evil/app:ref:refs/heads/main' },
    { repository_owner: 'evil' },
    { amr: ['pwd'] },
    { run_attempt: 2 },
  ]) {
    await refusedBySts(assume(tokenOf(first, claims({ ...job, ...wrong })), arn), refusal)
  }
})

const refusal = [
  403,
  'AccessDenied',
  'Not authorized to perform sts:AssumeRoleWithWebIdentity',
] as const

test('a role that is not there is refused like one that trusts others', async () => {
  const deaf = await makeRole(trent, 'Deaf', { trust: [{ principal: { AWS: accountId } }] })
  const anybody = await makeRole(trent, 'Anybody', {
    trust: [{ principal: '*', actions: ['sts:*'] }],
  })
  const missing = `arn:aws:iam::${accountId}:role/Missing`
  for (const arn of [deaf.arn, anybody.arn, missing]) {
    await refusedBySts(assume(tokenOf(first, claims()), arn), refusal)
  }
  await refusedBySts(assume(tokenOf(first, claims({ sub: 'somebody else' }))), refusal)
})

const forgeries: readonly (readonly [
  title: string,
  token: (good: IssuerKey) => string,
  text: string,
])[] = [
  ['no signature', () => unsignedToken(claims()), notValid],
  ['a shared secret', (good) => sharedSecretToken(good, claims()), notValid],
  ['another key under a known id', () => tokenOf(issuerKey('first'), claims()), notValid],
  ['an algorithm of another key', (good) => tokenOf(good, claims(), { alg: 'ES256' }), noKey],
  ['an empty signature', (good) => tokenOf(good, claims()).replace(/[^.]*$/, ''), notValid],
  [
    'its claims changed',
    (good) => {
      const [header, , signature] = tokenOf(good, claims()).split('.')
      const [, payload] = tokenOf(good, claims({ admin: true })).split('.')
      return [header, payload, signature].join('.')
    },
    notValid,
  ],
  [
    'a key of its own in its header',
    () => {
      const own = issuerKey('first')
      return tokenOf(own, claims(), { jwk: published(own) })
    },
    notValid,
  ],
  [
    'an extension that nobody knows',
    (good) => tokenOf(good, claims(), { crit: ['x'], x: 1 }),
    notValid,
  ],
]

for (const [title, make, text] of forgeries) {
  test(`a token with ${title} is refused`, async () => {
    await refusedBySts(assume(make(first)), invalid(text))
  })
}

test('what is no token is told without being repeated', async () => {
  const text =
    'The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)'
  for (const garbage of ['garbage', 'a.b.c', `${'x'.repeat(100)}.e30.`]) {
    await refusedBySts(assume(garbage), invalid(text))
  }
  await refusedBySts(assume('x'.repeat(20_001)), [
    400,
    'ValidationError',
    "1 validation error detected: Value at 'webIdentityToken' failed to satisfy constraint: Member must have length less than or equal to 20000",
  ])
})

test('the issuer has to be one of the account’s providers, exactly', async () => {
  const other = await trent.createAccount()
  const foreign = `arn:aws:iam::${other.accountId}:role/Payments`
  const unknown = (iss: string) =>
    invalid(`No OpenIDConnect provider found in your account for ${iss}`)
  await refusedBySts(assume(tokenOf(first, claims()), foreign), unknown(cluster.url))
  for (const iss of [
    `${cluster.url}/`,
    cluster.url.toLowerCase(),
    cluster.url.replace('https', 'http'),
    cluster.provider,
    'https://evil.example',
  ]) {
    await refusedBySts(assume(tokenOf(first, claims({ iss }))), unknown(iss))
  }
})

test('the audience has to be one of the provider’s, and the authorized party goes before it', async () => {
  const wrong = invalid('Incorrect token audience')
  await refusedBySts(assume(tokenOf(first, claims({ aud: 'other' }))), wrong)
  await refusedBySts(
    assume(tokenOf(first, claims({ aud: ['sts.amazonaws.com', 'party'] }))),
    invalid('Token audience contains more than one audience while authorized party is not present'),
  )
  const azp = { aud: ['sts.amazonaws.com', 'x'], azp: 'party' }
  await refusedBySts(assume(tokenOf(first, claims({ ...azp, azp: 'stranger' }))), wrong)
  const { arn } = await makeRole(trent, 'Party', {
    trust: [
      trusting({
        condition: {
          StringEquals: { [`${cluster.provider}:aud`]: 'party' },
          'ForAnyValue:StringEquals': { [`${cluster.provider}:oaud`]: 'x' },
        },
      }),
    ],
  })
  assert.equal((await assume(tokenOf(first, claims(azp)), arn)).Audience, 'party')
  await refusedBySts(assume(tokenOf(first, claims({ aud: 'party' })), arn), refusal)
})

test('tokens that are over, too early, or lack a claim are refused', async () => {
  const exp = now() - 301
  await refusedBySts(assume(tokenOf(first, claims({ exp }))), [
    400,
    'ExpiredTokenException',
    `Token expired: current date/time ${now()} must be before the expiration date/time ${exp}`,
  ])
  await assume(tokenOf(first, claims({ exp: now() - 200 })))
  await refusedBySts(assume(tokenOf(first, claims({ nbf: now() + 400 }))), invalid(notValid))
  for (const claim of ['iat', 'sub', 'exp']) {
    const token = tokenOf(first, claims({ [claim]: undefined }))
    await refusedBySts(assume(token), invalid(`Missing a required claim: ${claim}.`))
  }
  await refusedBySts(assume(tokenOf(first, claims({ sub: 's'.repeat(256) }))), invalid(notValid))
})

test('a key that is not known is asked for, once in half a minute', async () => {
  const rotated = issuerKey('second')
  const token = () => tokenOf(rotated, claims())
  await assume(tokenOf(first, claims()))
  trent.turn(30_000)
  cluster.asked.length = 0
  await refusedBySts(assume(token()), invalid(noKey))
  assert.equal(cluster.asked.length, 2, 'discovery document and key set')
  cluster.keys = [published(rotated)]
  await refusedBySts(assume(token()), invalid(noKey))
  assert.equal(cluster.asked.length, 2, 'it is too early to ask again')
  trent.turn(30_000)
  await Promise.all([assume(token()), assume(token()), assume(token())])
  assert.equal(cluster.asked.length, 4, 'three callers ask once')
  await assume(token())
  assert.equal(cluster.asked.length, 4)
  trent.turn(30_000)
  await refusedBySts(assume(tokenOf(first, claims())), invalid(noKey))
  cluster.keys = [first, curve].map(published)
  trent.turn(600_000)
})

test('without its issuer a token is nothing, and keys are not kept for ever', async () => {
  const token = () => tokenOf(first, claims())
  await assume(token())
  cluster.answer = (_request, response) => {
    response.writeHead(500).end()
  }
  await assume(token())
  trent.turn(30_000)
  await refusedBySts(assume(tokenOf(issuerKey('third'), claims())), invalid(noKey))
  await assume(token())
  trent.turn(600_000)
  await refusedBySts(assume(token()), invalid(noKey))
  cluster.answer = undefined
  await refusedBySts(assume(token()), invalid(noKey))
  trent.turn(2000)
  await assume(token())
})

const lies: readonly (readonly [title: string, set: () => void])[] = [
  [
    'sends on to elsewhere',
    () => {
      cluster.answer = (_request, response) => {
        response.writeHead(302, { Location: `${plain.url}/.well-known/openid-configuration` }).end()
      }
    },
  ],
  [
    'sends too much',
    () => {
      cluster.answer = (_request, response) => {
        response.end(`{"keys":"${'x'.repeat(300_000)}"}`)
      }
    },
  ],
  [
    'sends no JSON',
    () => {
      cluster.answer = (_request, response) => {
        response.end('<html>')
      }
    },
  ],
  [
    'never answers',
    () => {
      cluster.answer = () => undefined
    },
  ],
  [
    'calls itself otherwise',
    () => {
      cluster.discovery = { issuer: plain.url }
    },
  ],
  [
    'has its keys behind plain HTTP',
    () => {
      cluster.discovery = { jwks_uri: `${plain.url}/keys` }
    },
  ],
  [
    'has its keys in a file',
    () => {
      cluster.discovery = { jwks_uri: `file://${caFile}` }
    },
  ],
  [
    'publishes private keys',
    () => {
      cluster.keys = [first].map((key) => ({
        ...key.privateKey.export({ format: 'jwk' }),
        kid: key.kid,
      }))
    },
  ],
]

for (const [title, set] of lies) {
  test(`an issuer that ${title} lets nobody in`, async () => {
    trent.turn(600_000)
    set()
    try {
      await refusedBySts(assume(tokenOf(first, claims())), invalid(noKey))
    } finally {
      cluster.answer = undefined
      cluster.discovery = {}
      cluster.keys = [first, curve].map(published)
      trent.turn(30_000)
    }
    await assume(tokenOf(first, claims()))
  })
}

test('an issuer without TLS is taken where the configuration lists it', async () => {
  const arn = await provide(plain)
  const { arn: RoleArn } = await makeRole(trent, 'ByHttp', { trust: [trusting({}, arn)] })
  await assume(tokenOf(first, claims({ iss: plain.url })), RoleArn)
})

test('a certificate that no authority knows is taken by its thumbprint', async () => {
  const arn = await provide(pinned, ['0'.repeat(40)])
  const { arn: RoleArn } = await makeRole(trent, 'Pinned', { trust: [trusting({}, arn)] })
  const ask = () => assume(tokenOf(first, claims({ iss: pinned.url })), RoleArn)
  await refusedBySts(
    ask(),
    invalid("OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint"),
  )
  const { thumbprint } = certificates
  const change = { OpenIDConnectProviderArn: arn, ThumbprintList: [thumbprint] }
  await iam.updateOpenIDConnectProviderThumbprint(change)
  await ask()
})

test('an issuer at a private address that is not listed is never asked', async () => {
  const arn = await provide(unlisted, [certificates.thumbprint])
  const { arn: RoleArn } = await makeRole(trent, 'Unlisted', { trust: [trusting({}, arn)] })
  const named = { provider: unlisted.provider.replace('127.0.0.1', 'localhost') }
  const byName = await provide(named, [certificates.thumbprint])
  const { arn: other } = await makeRole(trent, 'ByName', { trust: [trusting({}, byName)] })
  const asks = [
    assume(tokenOf(first, claims({ iss: unlisted.url })), RoleArn),
    assume(tokenOf(first, claims({ iss: `https://${named.provider}` })), other),
  ]
  for (const ask of asks) await refusedBySts(ask, invalid(noKey))
  assert.deepEqual(unlisted.asked, [])
})

test('tags and source identity of a token become those of the session', async () => {
  const { arn } = await makeRole(trent, 'Tagged', {
    tags: { Team: 'role', Place: 'here' },
    trust: [
      trusting({
        condition: {
          StringEquals: { 'aws:RequestTag/Project': 'Automation', 'sts:SourceIdentity': 'Alice' },
          'ForAllValues:StringEquals': { 'sts:TransitiveTagKeys': ['Project'] },
        },
      }),
    ],
    policy: JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: 'iam:GetRole',
          Resource: '*',
          Condition: {
            StringEquals: {
              'aws:PrincipalTag/Project': 'Automation',
              'aws:PrincipalTag/Team': 'red',
              'aws:PrincipalTag/Place': 'here',
              'aws:SourceIdentity': 'Alice',
              'aws:FederatedProvider': provider,
            },
          },
        },
      ],
    }),
  })
  const tags = {
    principal_tags: { Project: ['Automation'], team: ['red'] },
    transitive_tag_keys: ['Project'],
  }
  const answer = await assume(
    tokenOf(
      first,
      claims({
        'https://aws.amazon.com/tags': tags,
        'https://aws.amazon.com/source_identity': 'Alice',
      }),
    ),
    arn,
  )
  assert.equal(answer.SourceIdentity, 'Alice')
  assert.ok((answer.PackedPolicySize ?? 0) > 0)
  const session = iamClient(trent, { credentials: taken(answer.Credentials) })
  await session.getRole({ RoleName: 'Tagged' })
  const noTags = await makeRole(trent, 'NoTags', {
    trust: [trusting({ actions: ['sts:AssumeRoleWithWebIdentity'] })],
  })
  const ask = (more: object) => assume(tokenOf(first, claims(more)), noTags.arn)
  await refusedBySts(ask({ 'https://aws.amazon.com/tags': tags }), [
    403,
    'AccessDenied',
    'Not authorized to perform sts:TagSession',
  ])
  await refusedBySts(ask({ 'https://aws.amazon.com/source_identity': 'Alice' }), [
    403,
    'AccessDenied',
    'Not authorized to perform sts:SetSourceIdentity',
  ])
  for (const wrong of [
    'x',
    { principal_tags: { a: 'b' } },
    { principal_tags: { a: ['b', 'c'] } },
    { principal_tags: { '<': ['b'] } },
    { principal_tags: [], transitive_tag_keys: 'a' },
  ]) {
    await refusedBySts(
      ask({ 'https://aws.amazon.com/tags': wrong }),
      invalid('The session tags of the token are not valid'),
    )
  }
})

test('the length of a session is bounded by the role', async () => {
  await refusedBySts(assume(tokenOf(first, claims()), open.arn, { DurationSeconds: 3601 }), [
    400,
    'ValidationError',
    'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
  ])
  const { Credentials } = await assume(tokenOf(first, claims()), open.arn, { DurationSeconds: 900 })
  assert.equal(Credentials?.Expiration?.getTime(), (now() + 900) * 1000)
})
