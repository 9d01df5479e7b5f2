import { keyArn } from '../api/arn.ts'
import { listKeyIds } from '../database/keys.ts'
import type { Operation } from '../operation.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html */
export const listKeys: Operation<'ListKeys'> = async (request, call) => {
  call.authorize('kms:ListKeys')
  const list = { operation: 'ListKeys', defaultLimit: 100 } as const
  const page = call.page(request, list)
  const rows = await listKeyIds(call.read, call.scope, { ...page, now: call.now })
  const cut = call.cut(rows, page, { ...list, position: (id) => id })
  return {
    Keys: cut.rows.map((id) => ({ KeyId: id, KeyArn: keyArn(call.scope, id) })),
    ...cut.paging,
  }
}
