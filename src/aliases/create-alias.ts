import { aliasArn } from '../api/arn.ts'
import { alreadyExists } from '../api/errors.ts'
import { deleteAliasRow, findAlias, insertAlias } from '../database/aliases.ts'
import { goingAway } from '../keys/key-state.ts'
import type { Operation } from '../operation.ts'
import { checkAliasName } from './alias-name.ts'
import { refuseAliasAsTarget, refuseFullKey, targetOf } from './target-key.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html */
export const createAlias: Operation<'CreateAlias'> = async (request, call) => {
  checkAliasName(request.AliasName)
  refuseAliasAsTarget(request.TargetKeyId)
  const arn = aliasArn(call.scope, request.AliasName)
  call.note({ resource: { arn, accountId: call.scope.account } })
  call.authorizeAlias('kms:CreateAlias', request.AliasName)
  return call.changeKey(
    request.TargetKeyId,
    { action: 'kms:CreateAlias', refused: goingAway },
    async (transaction, key) => {
      const alias = await findAlias(transaction, call.scope, request.AliasName)
      if (alias !== undefined) {
        if ((await targetOf(transaction, alias, call.now)) !== undefined) {
          throw alreadyExists(`An alias with the name ${arn} already exists`)
        }
        await deleteAliasRow(transaction, alias)
      }
      await refuseFullKey(transaction, key, call.limits)
      await insertAlias(transaction, {
        ...call.scope,
        name: request.AliasName,
        keyId: key.id,
        createdAt: call.now,
        updatedAt: call.now,
      })
    },
  )
}
