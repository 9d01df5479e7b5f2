/**
 * A grant as ListGrants and ListRetirableGrants show it.
 */
import type { GrantConstraints } from '../access/decide.ts'
import { keyArn, rootArn } from '../api/arn.ts'
import type { EncryptionContext, Response } from '../api/types.ts'
import { seconds } from '../keys/key.ts'
import { type Grant, isService } from './grant.ts'

type Entry = NonNullable<Response<'ListGrants'>['Grants']>[number]

/** The entry of a grant. Its key is named by ARN; a name that it does not have is the empty string. */
export function grantEntry(grant: Grant): Entry {
  const { region, account, grantee, retiring, constraints } = grant
  return {
    KeyId: keyArn({ account, region }, grant.keyId),
    GrantId: grant.id,
    Name: grant.name,
    CreationDate: seconds(grant.createdAt),
    [isService(grantee) ? 'GranteeServicePrincipal' : 'GranteePrincipal']: grantee.shown,
    ...(retiring !== undefined && {
      [isService(retiring) ? 'RetiringServicePrincipal' : 'RetiringPrincipal']: retiring.shown,
    }),
    IssuingAccount: rootArn({ account: grant.issuingAccount, region }),
    Operations: grant.operations,
    ...(constraints !== undefined && { Constraints: shownConstraints(constraints) }),
  }
}

function shownConstraints(constraints: GrantConstraints): NonNullable<Entry['Constraints']> {
  const { EncryptionContextEquals: equal, EncryptionContextSubset: subset, SourceArn } = constraints
  return {
    ...(equal !== undefined && { EncryptionContextEquals: onTheWire(equal) }),
    ...(subset !== undefined && { EncryptionContextSubset: onTheWire(subset) }),
    ...(SourceArn !== undefined && { SourceArn }),
  }
}

/** A map as JSON has it; `fromEntries` makes `__proto__` a member like any other. */
function onTheWire(map: EncryptionContext): EncryptionContext {
  const members: unknown = Object.fromEntries(map)
  return members as EncryptionContext
}
