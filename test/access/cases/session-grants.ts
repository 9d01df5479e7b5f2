/**
 * Grants to sessions, to their roles and users, and what sessions may do across accounts.
 */
import { allow, type Case, type CaseKey, delegation, may, mayNot } from './case.ts'
import {
  able,
  asks,
  decrypting,
  elsewhere,
  federated,
  role,
  user,
  web,
  whole,
} from './session-case.ts'

/** A grant of Encrypt to somebody. */
const granting = (GranteePrincipal: string): CaseKey => ({
  grants: [{ GranteePrincipal, Operations: ['Encrypt'] }],
})

const grants: readonly Case[] = [
  asks(
    'a grant to the role is for its sessions',
    { me: role, key: granting('<me.parent>') },
    'served',
  ),
  asks('a grant to another role', { me: role, key: granting('<twin.parent>') }, 'no identity'),
  asks('a grant to the session', { me: role, key: granting('<me>') }, 'served'),
  asks(
    'a grant to another session of the role',
    { me: role, key: granting(elsewhere) },
    'no identity',
  ),
  asks(
    'a session policy of something else limits a grant to the role',
    { me: { ...role, session: decrypting }, key: granting('<me.parent>') },
    'no identity',
  ),
  asks(
    'a boundary of something else limits a grant to the role',
    { me: { ...role, boundary: [may('kms:Decrypt')] }, key: granting('<me.parent>') },
    'no identity',
  ),
  asks(
    'a session policy of something else does not limit a grant to the session',
    { me: { ...role, session: decrypting }, key: granting('<me>') },
    'served',
  ),
  asks(
    'a session policy that denies comes before a grant to the session',
    { me: { ...role, session: { policy: [mayNot()] } }, key: granting('<me>') },
    'deny session',
  ),
  asks(
    'a grant to the account is for whom its policies allow it',
    { me: able, key: granting('arn:aws:iam::<home>:root') },
    'served',
  ),
  asks('a grant to a federated user', { me: federated, key: granting('<me>') }, 'served'),
  asks(
    'a grant to the user is for its federated users within their session policies',
    { me: { ...federated, session: whole }, key: granting('<me.parent>') },
    'served',
  ),
  asks(
    'a grant to the user is not for a federated user without session policies',
    { me: federated, key: granting('<me.parent>') },
    'no identity',
  ),
  asks('a grant to the user is for its sessions', { me: user, key: granting('<me>') }, 'served'),
  asks(
    'a grant to the role is for its sessions by web identity tokens',
    { me: web, key: granting('<me.parent>') },
    'served',
  ),
  {
    name: 'RetireGrant by a session of the role that is the retiring principal',
    me: role,
    others: { bob: {} },
    key: { grants: [{ GranteePrincipal: '<bob>', RetiringPrincipal: '<me.parent>' }] },
    call: ['RetireGrant'],
    expect: 'served',
  },
  {
    name: 'RetireGrant by the session that is the retiring principal',
    me: role,
    others: { bob: {} },
    key: { grants: [{ GranteePrincipal: '<bob>', RetiringPrincipal: '<me>' }] },
    call: ['RetireGrant'],
    expect: 'served',
  },
  {
    name: 'a grant that a session of a role makes to itself',
    me: { ...role, identity: [may('kms:CreateGrant')] },
    before: [{ by: 'me', call: ['CreateGrant', { Operations: ['Encrypt'] }] }],
    call: ['Encrypt'],
    expect: 'served',
  },
  {
    name: 'a grant cannot be for a session of a role that is not there',
    me: able,
    call: ['CreateGrant', { GranteePrincipal: 'arn:aws:sts::<home>:assumed-role/nobody/one' }],
    expect: [
      'InvalidArnException',
      'ARN does not refer to a valid principal: arn:aws:sts::<home>:assumed-role/nobody/one',
    ],
  },
]

const away = { kind: 'role', account: 'away', identity: [may()] } as const
const toAway = { policy: [delegation, allow('<away>')] }

const across: readonly Case[] = [
  asks('a role of another account, by its account', { me: away, key: toAway }, 'served'),
  asks(
    'a role of another account, by its ARN',
    { me: away, key: { policy: [delegation, allow('<me.parent>')] } },
    'served',
  ),
  asks(
    'a session of another account, by its ARN',
    { me: away, key: { policy: [delegation, allow('<me>')] } },
    'served',
  ),
  asks(
    'a session of another account by its ARN, without a policy of the role',
    { me: { kind: 'role', account: 'away' }, key: { policy: [delegation, allow('<me>')] } },
    'across',
  ),
  asks('a role of another account that the key policy does not name', { me: away }, 'across'),
  asks(
    'a session of another account by its ARN, with a session policy of something else',
    { me: { ...away, session: decrypting }, key: { policy: [delegation, allow('<me>')] } },
    'across',
  ),
  asks(
    'a session of another account with a session policy that denies',
    { me: { ...away, session: { policy: [may(), mayNot()] } }, key: toAway },
    'across',
  ),
  asks(
    'a session of another account with a boundary of something else',
    { me: { ...away, boundary: [may('kms:Decrypt')] }, key: toAway },
    'across',
  ),
  asks(
    'a session of another account with a session policy that allows',
    { me: { ...away, session: { policy: [may('kms:*', { Resource: '<key>' })] } }, key: toAway },
    'served',
  ),
  asks(
    'a grant to a role of another account',
    { me: { kind: 'role', account: 'away' }, key: granting('<me.parent>') },
    'served',
  ),
  asks(
    'a grant to a session of another account',
    { me: { kind: 'role', account: 'away' }, key: granting('<me>') },
    'served',
  ),
  asks(
    'a federated user of another account, by its ARN',
    {
      me: { kind: 'federated', account: 'away', identity: [may()], session: whole },
      key: { policy: [delegation, allow('<me>')] },
    },
    'served',
  ),
  asks(
    'a federated user of another account by its ARN, without session policies',
    {
      me: { kind: 'federated', account: 'away', identity: [may()] },
      key: { policy: [delegation, allow('<me>')] },
    },
    'across',
  ),
]

export const sessionGrantCases: readonly Case[] = [...grants, ...across]
