/** The operators of `tables/operators.txt`: of each family two values of a policy, and values of requests. */

/** Of each kind of operator: two values of the policy, what matches the one and the other, and what matches neither. */
export const families = {
  text: { wanted: ['red', 'blue'], one: 'red', other: 'blue', neither: 'Red' },
  folded: { wanted: ['red', 'blue'], one: 'RED', other: 'Blue', neither: 'green' },
  glob: { wanted: ['r*d', '?lue'], one: 'rd', other: 'blue', neither: 'lue' },
  equal: { wanted: ['5', '7.5'], one: '5.0', other: '7.50', neither: '6' },
  less: { wanted: ['5', '3'], one: '4', other: '2', neither: '5' },
  most: { wanted: ['5', '3'], one: '5', other: '3', neither: '5.01' },
  more: { wanted: ['5', '7'], one: '6', other: '8', neither: '5' },
  least: { wanted: ['5', '7'], one: '5', other: '7', neither: '4.99' },
  day: {
    wanted: ['2026-01-31', '2026-02-01T12:00:00Z'],
    one: '2026-01-31T00:00:00Z',
    other: '2026-02-01T13:00:00+01:00',
    neither: '2026-01-31T00:00:01Z',
  },
  before: {
    wanted: ['2026-01-31', '2025-01-31'],
    one: '2026-01-30T23:59:59Z',
    other: '2024-01-31',
    neither: '2026-01-31T00:00:00Z',
  },
  until: {
    wanted: ['2026-01-31', '2025-01-31'],
    one: '2026-01-31T00:00:00Z',
    other: '2025-01-31',
    neither: '2026-01-31T00:00:01Z',
  },
  after: {
    wanted: ['2026-01-31', '2027-01-31'],
    one: '2026-01-31T00:00:01Z',
    other: '2028-01-31',
    neither: '2026-01-31T00:00:00Z',
  },
  since: {
    wanted: ['2026-01-31', '2027-01-31'],
    one: '2026-01-31T00:00:00Z',
    other: '2027-01-31',
    neither: '2026-01-30T23:59:59Z',
  },
  boolean: { wanted: ['true', 'TRUE'], one: 'true', other: 'True', neither: 'false' },
  bytes: { wanted: ['cmVk', 'YmU='], one: 'cmVk', other: 'YmU=', neither: 'YmE=' },
  address: {
    wanted: ['10.0.0.0/8', '2001:db8::/32'],
    one: '10.9.8.7',
    other: '2001:db8::1',
    neither: '11.0.0.1',
  },
  arn: {
    wanted: ['arn:aws:iam::*:role/A*', 'arn:aws:iam::111122223333:user/?ob'],
    one: 'arn:aws:iam::111122223333:role/Ab/c',
    other: 'arn:aws:iam::111122223333:user/Bob',
    neither: 'arn:aws:iam::111122223333:user/Alice',
  },
} as const

const orders = {
  Equals: ['equal', 'day'],
  NotEquals: ['equal', 'day'],
  LessThan: ['less', 'before'],
  LessThanEquals: ['most', 'until'],
  GreaterThan: ['more', 'after'],
  GreaterThanEquals: ['least', 'since'],
} as const

/** Every operator without quantifier and IfExists, with its family. `Null` stands apart. */
export const operators: ReadonlyMap<string, keyof typeof families> = new Map([
  ['StringEquals', 'text'],
  ['StringNotEquals', 'text'],
  ['StringEqualsIgnoreCase', 'folded'],
  ['StringNotEqualsIgnoreCase', 'folded'],
  ['StringLike', 'glob'],
  ['StringNotLike', 'glob'],
  ...Object.entries(orders).map(([name, [of]]) => [`Numeric${name}`, of] as const),
  ...Object.entries(orders).map(([name, [, of]]) => [`Date${name}`, of] as const),
  ['Bool', 'boolean'],
  ['BinaryEquals', 'bytes'],
  ['IpAddress', 'address'],
  ['NotIpAddress', 'address'],
  ['ArnEquals', 'arn'],
  ['ArnLike', 'arn'],
  ['ArnNotEquals', 'arn'],
  ['ArnNotLike', 'arn'],
])

/** The columns of the table: what the request has. */
export const requests = {
  absent: () => undefined,
  empty: () => [],
  one: ({ one }) => [one],
  neither: ({ neither }) => [neither],
  'one+neither': ({ one, neither }) => [one, neither],
  'neither+one': ({ one, neither }) => [neither, one],
  'one+other': ({ one, other }) => [one, other],
  'neither+neither': ({ neither }) => [neither, neither],
} as const satisfies Readonly<
  Record<
    string,
    (family: (typeof families)[keyof typeof families]) => readonly string[] | undefined
  >
>
