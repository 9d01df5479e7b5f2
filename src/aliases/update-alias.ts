import { aliasArn } from '../api/arn.ts'
import { notFound, validation } from '../api/errors.ts'
import { keySpecRow } from '../crypto/key-specs.ts'
import { findAlias, pointAlias } from '../database/aliases.ts'
import type { Key } from '../keys/key.ts'
import { goingAway } from '../keys/key-state.ts'
import type { Operation } from '../operation.ts'
import { checkAliasName } from './alias-name.ts'
import { refuseAliasAsTarget, refuseFullKey, targetOf } from './target-key.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateAlias.html */
export const updateAlias: Operation<'UpdateAlias'> = async (request, call) => {
  checkAliasName(request.AliasName)
  refuseAliasAsTarget(request.TargetKeyId)
  const arn = aliasArn(call.scope, request.AliasName)
  const missing = () => notFound(`Alias ${arn} is not found.`)
  call.note({ resource: { arn, accountId: call.scope.account } })
  call.authorizeAlias('kms:UpdateAlias', request.AliasName)
  const known = await findAlias(call.read, call.scope, request.AliasName)
  if (known === undefined || !(await targetOf(call.read, known, call.now))) throw missing()
  return call.changeKey(
    request.TargetKeyId,
    { action: 'kms:UpdateAlias', refused: goingAway },
    async (transaction, key) => {
      const alias = await findAlias(transaction, call.scope, request.AliasName)
      const current = alias && (await targetOf(transaction, alias, call.now))
      if (alias === undefined || current === undefined) throw missing()
      await call.authorizeKey('kms:UpdateAlias', current, transaction)
      refuseOtherType(arn, current, key)
      if (alias.keyId !== key.id) await refuseFullKey(transaction, key, call.limits)
      await pointAlias(transaction, alias, { keyId: key.id, updatedAt: call.now })
    },
  )
}

/** The old key and the new one have the same usage, and are both symmetric, asymmetric or HMAC. */
function refuseOtherType(arn: string, from: Key, to: Key): void {
  const says = (what: string, one: string, other: string) =>
    validation(
      `Alias ${arn} cannot be changed from a CMK with key ${what} ${one} to a CMK with key ${what} ${other}. The key ${what} of the current CMK and the new CMK must be the same.`,
    )
  if (from.usage !== to.usage) throw says('usage', from.usage, to.usage)
  const [one, other] = [keySpecRow(from.spec)?.kind, keySpecRow(to.spec)?.kind]
  if (one !== other) throw says('type', String(one), String(other))
}
