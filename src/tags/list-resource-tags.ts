import { listTags } from '../database/tags.ts'
import type { Operation } from '../operation.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ListResourceTags.html */
export const listResourceTags: Operation<'ListResourceTags'> = async (request, call) => {
  const key = await call.findKey(request.KeyId, { action: 'kms:ListResourceTags' })
  const list = { operation: 'ListResourceTags', defaultLimit: 50, filter: key.id } as const
  const page = call.page(request, list)
  const rows = await listTags(call.read, key, page)
  const cut = call.cut(rows, page, { ...list, position: (tag) => tag.key })
  return {
    Tags: cut.rows.map((tag) => ({ TagKey: tag.key, TagValue: tag.value })),
    ...cut.paging,
  }
}
