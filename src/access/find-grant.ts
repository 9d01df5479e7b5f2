/**
 * The grant that RetireGrant is about. The right to retire comes from the grant itself and from no key policy; to anyone
 * of another account to whom it gives none, there is neither grant nor key.
 */
import { accessDenied, invalidGrantToken, type KmsError } from '../api/errors.ts'
import type { Grant, GrantReference } from '../grants/grant.ts'
import { checkGrantId, noSuchGrant } from '../grants/grant-id.ts'
import { retirers } from '../grants/retirers.ts'
import type { Key } from '../keys/key.ts'
import { namesOf } from '../policies/principals.ts'
import { authorize } from './authorize.ts'
import { callerOf } from '../policies/caller-policies.ts'
import { decide } from './decide.ts'
import { readKeyReference } from './find-key.ts'
import { type Door, missing, resolve } from './use-key.ts'

/** A grant on its key. */
export interface FoundGrant {
  readonly key: Key
  readonly grant: Grant
}

/** The grant that a request names, once the caller may retire it. */
export async function findGrantToRetire(
  door: Door,
  reference: GrantReference,
): Promise<FoundGrant> {
  const found =
    'token' in reference
      ? await findByToken(door, reference.token)
      : await findById(door, reference)
  mayRetire(door, found)
  door.found(found.key)
  return found
}

async function findByToken(door: Door, text: string): Promise<FoundGrant> {
  const token = door.grants.readToken(text)
  if (token?.region !== door.scope.region) throw invalidGrantToken()
  const key = await door.directory.key(token.region, token.keyId)
  if (key?.account !== token.account) throw invalidGrantToken()
  const grant = await door.grants.grant(key, token.id)
  if (grant === undefined) throw noSuchGrant(token.id)
  return { key, grant }
}

async function findById(
  door: Door,
  { keyId, grantId }: { readonly keyId: string; readonly grantId: string },
): Promise<FoundGrant> {
  const reference = readKeyReference(keyId, door.scope, false)
  const key = await resolve(door, reference)
  if (key === undefined) throw hidden(door, reference, missing(reference))
  checkGrantId(grantId)
  const grant = await door.grants.grant(key, grantId)
  if (grant === undefined) throw hidden(door, reference, noSuchGrant(grantId))
  return { key, grant }
}

/** The error to the account of the key; to others the one that says nothing. */
function hidden(
  door: Door,
  resource: { readonly arn: string; readonly account: string },
  error: KmsError,
): KmsError {
  authorize(door.caller, { action: 'kms:RetireGrant', resource })
  return error
}

/** Policies are not asked yet, so that principals to whom they would leave it may not. */
function mayRetire(door: Door, { key, grant }: FoundGrant): void {
  const caller = callerOf(door.caller)
  const decision = decide({
    on: 'grant',
    request: {
      action: 'kms:RetireGrant',
      resource: key.arn,
      caller,
      context: () => undefined,
    },
    owner: key.account,
    acrossAccounts: true,
    layers: { resource: undefined, identity: [], boundary: undefined, session: undefined },
    grants: retirers(grant, namesOf(caller, 'Allow')),
  })
  if (!decision.allowed) throw accessDenied(decision.text)
}
