/**
 * The grant that RetireGrant is about. The right to retire comes from the grant itself and from no key policy; to anyone
 * of another account to whom it gives none, there is neither grant nor key.
 */
import { invalidGrantToken, type KmsError } from '../api/errors.ts'
import type { Grant, GrantReference } from '../grants/grant.ts'
import { pairsOf } from '../grants/grant-constraints.ts'
import { noSuchGrant } from '../grants/grant-id.ts'
import { retirers } from '../grants/retirers.ts'
import type { Key } from '../keys/key.ts'
import { callerOf } from '../policies/caller-policies.ts'
import { namesOf } from '../policies/principals.ts'
import { authorizeByGrant } from './authorize.ts'
import { type KeyReference, readKeyReference } from './find-key.ts'
import { authorizeMissing, type Door, missing, resolve } from './use-key.ts'

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
  await mayRetire(door, found)
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
  const grant = await door.grants.grant(key, grantId)
  // A grant that was retired before is gone: whoever is of the key's account is told so.
  if (grant === undefined && key.account === door.caller.account) throw noSuchGrant(grantId)
  if (grant === undefined) throw hidden(door, reference, noSuchGrant(grantId))
  return { key, grant }
}

/** The error to whom the account's own policies give the right; to others the one that says nothing. */
function hidden(door: Door, reference: KeyReference, error: KmsError): KmsError {
  authorizeMissing(door, { action: 'kms:RetireGrant' }, reference)
  return error
}

function mayRetire(door: Door, { key, grant }: FoundGrant): Promise<void> {
  const { constraints } = grant
  const type =
    constraints?.EncryptionContextEquals === undefined
      ? constraints?.EncryptionContextSubset && 'EncryptionContextSubset'
      : 'EncryptionContextEquals'
  const asked = {
    action: 'kms:RetireGrant',
    encryptionContext: pairsOf(constraints),
    conditions: { 'kms:grantconstrainttype': type === undefined ? undefined : [type] },
  } as const
  const grants = retirers(grant, namesOf(callerOf(door.caller), 'Allow'))
  return authorizeByGrant(door, asked, { key, grants })
}
