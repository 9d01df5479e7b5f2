/** Who is meant by what stands in a Principal or NotPrincipal element. */
import {
  allow,
  alice,
  app,
  away,
  callers,
  deny,
  home,
  iam,
  may,
  mayNot,
  type Case,
} from './case.ts'

/** Who is meant by what stands in a Principal element. */
export const principalCases: readonly Case[] = [
  ...(
    [
      ['root', home, 'allow'],
      ['root', iam(home, 'root'), 'allow'],
      ['root', '*', 'allow'],
      ['root', alice.arn, 'resource'],
      ['root', away, 'resource'],
      ['alice', alice.arn, 'allow'],
      ['alice', alice.id, 'allow'],
      ['alice', '*', 'allow'],
      ['alice', home, 'identity'],
      ['alice', iam(home, 'user/Alice'), 'resource'],
      ['alice', iam(home, 'user/team/alice'), 'resource'],
      ['alice', callers.bob.id, 'resource'],
      ['alice', away, 'resource'],
      ['app', app.arn, 'allow'],
      ['app', app.id, 'allow'],
      ['app', callers.app.arn, 'allow'],
      ['app', callers.app2.arn, 'resource'],
      ['app2', app.arn, 'allow'],
      ['app', iam(home, 'role/App'), 'resource'],
      ['app', home, 'identity'],
      ['fed', callers.fed.arn, 'allow'],
      ['fed', alice.arn, 'allow'],
      ['fed', alice.id, 'allow'],
      ['fed', home, 'identity'],
      ['fed', callers.rootFed.arn, 'resource'],
      ['rootFed', callers.rootFed.arn, 'allow'],
      ['rootFed', alice.arn, 'resource'],
      ['rootFed', home, 'identity'],
      ['ec2', '*', 'allow'],
      ['ec2', home, 'resource'],
      ['carol', '*', 'across'],
      ['carol', home, 'across'],
      ['carol', away, 'across'],
      ['awayRoot', away, 'allow'],
      ['awayRoot', callers.carol.arn, 'across'],
      ['awayRoot', '*', 'allow'],
    ] as const
  ).map(
    ([caller, name, expect]): Case => ({
      name: `${caller} where the key policy names ${name}`,
      caller,
      key: [allow(name)],
      expect,
    }),
  ),
  ...(
    [
      ['root', home],
      ['alice', alice.arn],
      ['alice', home],
      ['app', callers.app.arn],
      ['app', app.arn],
      ['app', home],
      ['fed', alice.arn],
      ['fed', home],
      ['ec2', '*'],
    ] as const
  ).map(
    ([caller, name]): Case => ({
      name: `${caller} where the key policy denies ${name}`,
      caller,
      key: [allow('*'), deny(name)],
      expect: 'deny resource',
    }),
  ),
  {
    name: 'a deny of another user',
    caller: 'bob',
    key: [allow('*'), deny(alice.arn)],
    expect: 'allow',
  },
  {
    name: 'a deny of another account',
    caller: 'bob',
    key: [allow('*'), deny(away)],
    expect: 'allow',
  },
  {
    name: 'a bare * is everyone',
    caller: 'bob',
    key: [{ ...may(), Principal: '*' }],
    expect: 'allow',
  },
  {
    name: 'a service by its name',
    caller: 'ec2',
    key: [{ ...may(), Principal: { Service: 'ec2.amazonaws.com' } }],
    expect: 'allow',
  },
  {
    name: 'another service',
    caller: 'ec2',
    key: [{ ...may(), Principal: { Service: 's3.amazonaws.com' } }],
    expect: 'resource',
  },
  {
    name: 'a service is no user',
    caller: 'bob',
    key: [{ ...may(), Principal: { Service: 'ec2.amazonaws.com' } }],
    expect: 'resource',
  },
  {
    name: 'kinds of principals in one element',
    caller: 'bob',
    key: [
      { ...may(), Principal: { Service: 'ec2.amazonaws.com', AWS: [alice.arn, callers.bob.arn] } },
    ],
    expect: 'allow',
  },
  ...(
    [
      ['bob', [alice.arn], 'allow'],
      ['alice', [alice.arn], 'resource'],
      ['alice', [alice.id], 'resource'],
      ['alice', [home], 'resource'],
      ['app', [app.arn], 'resource'],
      ['app', ['*'], 'resource'],
      ['ec2', [home], 'allow'],
    ] as const
  ).map(
    ([caller, AWS, expect]): Case => ({
      name: `${caller} where all but ${AWS.join()} may`,
      caller,
      key: [{ ...may(), NotPrincipal: { AWS } }],
      expect,
    }),
  ),
  ...(
    [
      ['bob', [alice.arn, home], 'deny resource'],
      ['alice', [alice.arn], 'deny resource'],
      ['alice', [alice.arn, home], 'allow'],
      ['alice', [alice.id, home], 'allow'],
      ['app', [app.arn, home], 'deny resource'],
      ['app', [callers.app.arn, app.arn], 'deny resource'],
      ['app', [callers.app.arn, app.arn, home], 'allow'],
      ['app2', [callers.app.arn, app.arn, home], 'deny resource'],
      ['root', [home], 'allow'],
      ['bob', ['*'], 'allow'],
    ] as const
  ).map(
    ([caller, AWS, expect]): Case => ({
      name: `${caller} where all but ${AWS.join()} are denied`,
      caller,
      key: [allow('*'), { ...mayNot(), NotPrincipal: { AWS } }],
      expect,
    }),
  ),
]
