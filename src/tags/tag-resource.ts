import { countTags, putTag } from '../database/tags.ts'
import { goingAway } from '../keys/key-state.ts'
import type { Operation } from '../operation.ts'
import { checkTags, tagLimit, tooManyTags } from './tag.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_TagResource.html */
export const tagResource: Operation<'TagResource'> = async (request, call) => {
  checkTags(request.Tags)
  return call.changeKey(
    request.KeyId,
    { action: 'kms:TagResource', refused: goingAway },
    async (transaction, key) => {
      for (const tag of request.Tags) {
        await putTag(transaction, key, { key: tag.TagKey, value: tag.TagValue })
      }
      if ((await countTags(transaction, key)) > tagLimit) throw tooManyTags()
    },
  )
}
