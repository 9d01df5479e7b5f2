import { deleteTag } from '../database/tags.ts'
import { goingAway } from '../keys/key-state.ts'
import type { Operation } from '../operation.ts'
import { refuseReserved } from './tag.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_UntagResource.html */
export const untagResource: Operation<'UntagResource'> = async (request, call) => {
  refuseReserved(request.TagKeys)
  return call.changeKey(
    request.KeyId,
    { action: 'kms:UntagResource', refused: goingAway },
    async (transaction, key) => {
      for (const tagKey of request.TagKeys) await deleteTag(transaction, key, tagKey)
    },
  )
}
