import { aliasArn } from '../api/arn.ts'
import { notFound } from '../api/errors.ts'
import { deleteAliasRow, findAlias } from '../database/aliases.ts'
import type { Operation } from '../operation.ts'
import { checkAliasName } from './alias-name.ts'
import { targetOf } from './target-key.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteAlias.html */
export const deleteAlias: Operation<'DeleteAlias'> = async (request, call) => {
  checkAliasName(request.AliasName)
  const arn = aliasArn(call.scope, request.AliasName)
  const missing = () => notFound(`Alias ${arn} is not found.`)
  call.note({ resource: { arn, accountId: call.scope.account } })
  call.authorizeAlias('kms:DeleteAlias', request.AliasName)
  const known = await findAlias(call.read, call.scope, request.AliasName)
  if (known === undefined || !(await targetOf(call.read, known, call.now))) throw missing()
  return call.write(async (transaction) => {
    const alias = await findAlias(transaction, call.scope, request.AliasName)
    const key = alias && (await targetOf(transaction, alias, call.now))
    if (alias === undefined || key === undefined) throw missing()
    await call.authorizeKey('kms:DeleteAlias', key, transaction)
    call.note({ key })
    await deleteAliasRow(transaction, alias)
  })
}
