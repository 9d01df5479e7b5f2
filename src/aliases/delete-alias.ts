import { aliasArn } from '../api/arn.ts'
import { notFound } from '../api/errors.ts'
import { deleteAliasRow, findAlias } from '../database/aliases.ts'
import { findKey } from '../database/keys.ts'
import type { Operation } from '../operation.ts'
import { checkAliasName } from './alias-name.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteAlias.html */
export const deleteAlias: Operation<'DeleteAlias'> = async (request, call) => {
  checkAliasName(request.AliasName)
  const arn = aliasArn(call.scope, request.AliasName)
  const missing = () => notFound(`Alias ${arn} is not found.`)
  call.note({ resource: { arn, accountId: call.scope.account } })
  call.authorize('kms:DeleteAlias')
  if ((await findAlias(call.read, call.scope, request.AliasName)) === undefined) throw missing()
  return call.write(async (transaction) => {
    const alias = await findAlias(transaction, call.scope, request.AliasName)
    if (alias === undefined) throw missing()
    const key = await findKey(transaction, call.scope.region, alias.keyId)
    if (key !== undefined) {
      call.authorize('kms:DeleteAlias', key)
      call.note({ resource: { arn: key.arn, accountId: key.account } })
    }
    await deleteAliasRow(transaction, alias)
  })
}
