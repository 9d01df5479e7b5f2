import { test } from 'node:test'
import { iamClient, refusedByIam } from '../support/iam.ts'
import { testSteps } from '../support/iam-steps.ts'
import { startService } from '../support/service.ts'

const trent = await startService()
const iam = iamClient(trent)
const client = () => iam
const arn = (url: string) => `arn:aws:iam::${trent.accountId}:oidc-provider/${url}`
const Url = 'https://Issuer.example.org/id/A'
const named = { OpenIDConnectProviderArn: arn('Issuer.example.org/id/A') }
const none = { OpenIDConnectProviderArn: arn('none.example.org') }
const print = (letter: string) => letter.repeat(40)
const missing = [
  404,
  'NoSuchEntity',
  `OpenIDConnect Provider not found for arn ${arn('none.example.org')}`,
] as const
const invalid = [400, 'ValidationError', 'Invalid Open ID Connect Provider URL'] as const
const violated = (member: string, constraint: string) =>
  [
    400,
    'ValidationError',
    `1 validation error detected: Value at '${member}' failed to satisfy constraint: ${constraint}`,
  ] as const

testSteps('OpenID Connect providers', client, [
  [
    'an account begins without',
    'ListOpenIDConnectProviders',
    {},
    { OpenIDConnectProviderList: [] },
  ],
  [
    'created',
    'CreateOpenIDConnectProvider',
    { Url, ClientIDList: ['a', 'b', 'a'], ThumbprintList: [print('A')] },
    { ...named, Tags: undefined },
  ],
  [
    'shown without its scheme, in its case',
    'GetOpenIDConnectProvider',
    named,
    {
      Url: 'Issuer.example.org/id/A',
      ClientIDList: ['a', 'b'],
      ThumbprintList: [print('a')],
      Tags: [],
    },
  ],
  [
    'once',
    'CreateOpenIDConnectProvider',
    { Url },
    [409, 'EntityAlreadyExists', `Provider with url ${Url} already exists.`],
  ],
  [
    'another in another case',
    'CreateOpenIDConnectProvider',
    { Url: Url.toLowerCase(), Tags: [{ Key: 'k', Value: 'v' }] },
    { Tags: [{ Key: 'k', Value: 'v' }] },
  ],
  [
    'without audiences and thumbprints',
    'GetOpenIDConnectProvider',
    { OpenIDConnectProviderArn: arn('issuer.example.org/id/a') },
    { ClientIDList: [], ThumbprintList: [], Tags: [{ Key: 'k', Value: 'v' }] },
  ],
  [
    'both are listed',
    'ListOpenIDConnectProviders',
    {},
    {
      OpenIDConnectProviderList: [
        { Arn: named.OpenIDConnectProviderArn },
        { Arn: arn('issuer.example.org/id/a') },
      ],
    },
  ],
  ['an audience more', 'AddClientIDToOpenIDConnectProvider', { ...named, ClientID: 'c' }, {}],
  ['twice', 'AddClientIDToOpenIDConnectProvider', { ...named, ClientID: 'c' }, {}],
  ['one less', 'RemoveClientIDFromOpenIDConnectProvider', { ...named, ClientID: 'a' }, {}],
  ['twice less', 'RemoveClientIDFromOpenIDConnectProvider', { ...named, ClientID: 'a' }, {}],
  [
    'other thumbprints',
    'UpdateOpenIDConnectProviderThumbprint',
    { ...named, ThumbprintList: [print('b'), print('C')] },
    {},
  ],
  [
    'shown anew',
    'GetOpenIDConnectProvider',
    named,
    { ClientIDList: ['b', 'c'], ThumbprintList: [print('b'), print('c')] },
  ],
  ['one that is not there, shown', 'GetOpenIDConnectProvider', none, missing],
  ['given an audience', 'AddClientIDToOpenIDConnectProvider', { ...none, ClientID: 'c' }, missing],
  [
    'taken an audience',
    'RemoveClientIDFromOpenIDConnectProvider',
    { ...none, ClientID: 'c' },
    missing,
  ],
  [
    'given thumbprints',
    'UpdateOpenIDConnectProviderThumbprint',
    { ...none, ThumbprintList: [print('b')] },
    missing,
  ],
  [
    'deleted',
    'DeleteOpenIDConnectProvider',
    none,
    [
      404,
      'NoSuchEntity',
      `OpenId connect Provider ${none.OpenIDConnectProviderArn} cannot be found.`,
    ],
  ],
  ['one that is', 'DeleteOpenIDConnectProvider', named, {}],
])

testSteps('what a provider may be', client, [
  ['no scheme', 'CreateOpenIDConnectProvider', { Url: 'issuer.example.org' }, invalid],
  [
    'another scheme',
    'CreateOpenIDConnectProvider',
    { Url: 'http://issuer.example.org' },
    [
      400,
      'InvalidInput',
      'Invalid Open ID Connect Provider URL. The URL must begin with https://.',
    ],
  ],
  ['a query', 'CreateOpenIDConnectProvider', { Url: 'https://issuer.example.org/?a=b' }, invalid],
  ['a fragment', 'CreateOpenIDConnectProvider', { Url: 'https://issuer.example.org/#a' }, invalid],
  ['a user', 'CreateOpenIDConnectProvider', { Url: 'https://me:pw@issuer.example.org' }, invalid],
  ['a space', 'CreateOpenIDConnectProvider', { Url: 'https://issuer.example.org/ a' }, invalid],
  ['nothing behind the scheme', 'CreateOpenIDConnectProvider', { Url: 'https://' }, invalid],
  [
    'no text at all',
    'CreateOpenIDConnectProvider',
    { Url: '' },
    violated('url', 'Member must have length greater than or equal to 1'),
  ],
  [
    'longer than 255',
    'CreateOpenIDConnectProvider',
    { Url: `https://i.org/${'a'.repeat(242)}` },
    violated('url', 'Member must have length less than or equal to 255'),
  ],
  [
    'a short thumbprint',
    'CreateOpenIDConnectProvider',
    { Url, ThumbprintList: ['a'] },
    violated(
      'thumbprintList',
      'Member must satisfy constraint: [Member must have length less than or equal to 40, Member must have length greater than or equal to 40]',
    ),
  ],
  [
    'everything at once',
    'CreateOpenIDConnectProvider',
    {
      Url: `https://i.org/${'a'.repeat(242)}`,
      ClientIDList: ['c'.repeat(256)],
      ThumbprintList: ['b'.repeat(41)],
    },
    [
      400,
      'ValidationError',
      "3 validation errors detected: Value at 'clientIDList' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 255, Member must have length greater than or equal to 1]; Value at 'thumbprintList' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 40, Member must have length greater than or equal to 40]; Value at 'url' failed to satisfy constraint: Member must have length less than or equal to 255",
    ],
  ],
  [
    'five thumbprints',
    'CreateOpenIDConnectProvider',
    { Url, ThumbprintList: 'abcde'.split('').map(print) },
    {},
  ],
  [
    'and no sixth',
    'UpdateOpenIDConnectProviderThumbprint',
    { ...named, ThumbprintList: 'abcdef'.split('').map(print) },
    [400, 'InvalidInput', 'Thumbprint list must contain fewer than 5 entries.'],
  ],
  [
    'nor none',
    'UpdateOpenIDConnectProviderThumbprint',
    { ...named, ThumbprintList: [] },
    [400, 'InvalidInput', 'Thumbprint list must contain at least one entry.'],
  ],
  [
    'an empty audience',
    'AddClientIDToOpenIDConnectProvider',
    { ...named, ClientID: '' },
    violated('clientID', 'Member must have length greater than or equal to 1'),
  ],
  [
    'an empty audience among others',
    'CreateOpenIDConnectProvider',
    { Url: `${Url}1`, ClientIDList: ['a', ''] },
    violated(
      'clientIDList',
      'Member must satisfy constraint: [Member must have length less than or equal to 255, Member must have length greater than or equal to 1]',
    ),
  ],
])

test('a provider takes a hundred audiences, and an account a hundred providers', async () => {
  const other = iamClient(trent, { credentials: (await trent.createAccount()).credentials })
  const ClientIDList = Array.from({ length: 100 }, (_, index) => `client-${index}`)
  const tooMany = [
    409,
    'LimitExceeded',
    'Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100',
  ] as const
  const url = (index: number) => `https://issuer-${index}.example.org`
  await refusedByIam(
    other.createOpenIDConnectProvider({ Url: url(0), ClientIDList: [...ClientIDList, 'x'] }),
    tooMany,
  )
  const first = await other.createOpenIDConnectProvider({ Url: url(0), ClientIDList })
  const OpenIDConnectProviderArn = first.OpenIDConnectProviderArn ?? ''
  const add = (ClientID: string) =>
    other.addClientIDToOpenIDConnectProvider({ OpenIDConnectProviderArn, ClientID })
  await refusedByIam(add('x'), tooMany)
  await add('client-3')
  for (let index = 1; index < 100; index += 1) {
    await other.createOpenIDConnectProvider({ Url: url(index) })
  }
  await refusedByIam(other.createOpenIDConnectProvider({ Url: url(100) }), [
    409,
    'LimitExceeded',
    'Cannot exceed quota for OpenIDConnectProvidersPerAccount: 100',
  ])
})

test('no account has anything of a provider of another account', async () => {
  const other = iamClient(trent, { credentials: (await trent.createAccount()).credentials })
  await refusedByIam(other.getOpenIDConnectProvider(named), [
    404,
    'NoSuchEntity',
    `OpenIDConnect Provider not found for arn ${named.OpenIDConnectProviderArn}`,
  ])
  await refusedByIam(other.deleteOpenIDConnectProvider(named), [
    404,
    'NoSuchEntity',
    `OpenId connect Provider ${named.OpenIDConnectProviderArn} cannot be found.`,
  ])
})
