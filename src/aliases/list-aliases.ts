import { aliasArn } from '../api/arn.ts'
import { listAliasesOfKey, listAliasRows } from '../database/aliases.ts'
import { seconds } from '../keys/key.ts'
import type { Operation } from '../operation.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html */
export const listAliases: Operation<'ListAliases'> = async (request, call) => {
  call.authorize('kms:ListAliases')
  const key =
    request.KeyId === undefined
      ? undefined
      : await call.findOwnKey(request.KeyId, 'kms:ListAliases')
  const list = {
    operation: 'ListAliases',
    defaultLimit: 50,
    ...(key !== undefined && { filter: key.id }),
  } as const
  const page = call.page(request, list)
  const rows =
    key === undefined
      ? await listAliasRows(call.read, call.scope, { ...page, now: call.now })
      : await listAliasesOfKey(call.read, key, page)
  const cut = call.cut(rows, page, { ...list, position: (alias) => alias.name })
  return {
    Aliases: cut.rows.map((alias) => ({
      AliasName: alias.name,
      AliasArn: aliasArn(alias, alias.name),
      TargetKeyId: alias.keyId,
      CreationDate: seconds(alias.createdAt),
      LastUpdatedDate: seconds(alias.updatedAt),
    })),
    ...cut.paging,
  }
}
