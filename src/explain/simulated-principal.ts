/**
 * A principal by its ARN, as if it had just signed a request.
 */
import { parseArn } from '../api/arn.ts'
import { invalidArn } from '../api/errors.ts'
import { findIdentityByName } from '../database/iam-identities.ts'
import { findAccount } from '../database/identities.ts'
import { type Principal, rootUser, type SessionFacts } from '../identities/principal.ts'
import { rolePrincipal, userPrincipal } from '../identities/principals.ts'
import type { Service } from '../service.ts'

/** The principal that an ARN names; a role by a session of its own. Throws InvalidArnException if there is none. */
export async function principalOf(
  text: string,
  partition: string,
  service: Service,
): Promise<Principal> {
  const arn = parseArn(text)
  const [kind = '', ...rest] = arn?.resource.split('/') ?? []
  if (arn === undefined || (await findAccount(service.database.read, arn.account)) === undefined) {
    throw unknown(text)
  }
  const { account, service: of } = arn
  if (of === 'iam' && kind === 'root')
    return rootUser(account, { accessKeyId: '', region: 'us-east-1' })
  const credentials = { accessKeyId: '', partition }
  if (of === 'iam' && kind === 'user') {
    const name = rest.at(-1) ?? ''
    const facts = await find({ account, kind: 'user', name }, partition, service)
    if (facts !== undefined) return userPrincipal(facts, credentials)
  }
  const roleName = of === 'iam' && kind === 'role' ? rest.at(-1) : rest[0]
  if (kind !== 'role' && kind !== 'assumed-role') throw unknown(text)
  const facts = await find({ account, kind: 'role', name: roleName ?? '' }, partition, service)
  if (facts === undefined) throw unknown(text)
  const session = { name: kind === 'role' ? 'simulation' : (rest[1] ?? ''), tags: [], policies: [] }
  return rolePrincipal(facts, credentials, { ...session, facts: factsAt(service.clock.now()) })
}

const unknown = (text: string) => invalidArn(`ARN does not refer to a valid principal: ${text}`)

async function find(
  of: { readonly account: string; readonly kind: 'user' | 'role'; readonly name: string },
  partition: string,
  service: Service,
) {
  const row = await findIdentityByName(service.database.read, of, of.name)
  return row && service.identities.find(row.id, partition)
}

const factsAt = (now: number): SessionFacts => ({
  issuedAt: now,
  expiresAt: now + 3_600_000,
  sourceIdentity: undefined,
  transitiveTagKeys: [],
  federatedProvider: undefined,
})
