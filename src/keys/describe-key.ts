import type { Operation } from '../operation.ts'
import { awsManagedKey } from './aws-managed-key.ts'
import { keyMetadata } from './key.ts'
import { relatedRegions } from './multi-region/related-keys.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html */
export const describeKey: Operation<'DescribeKey'> = async (request, call) => {
  const made = await awsManagedKey(request.KeyId, call)
  if (made !== undefined) {
    call.note({ key: made })
    return { KeyMetadata: keyMetadata(made) }
  }
  const key = await call.findKey(request.KeyId, {
    action: 'kms:DescribeKey',
    aliases: true,
    grantTokens: request.GrantTokens,
  })
  return { KeyMetadata: keyMetadata(key, await relatedRegions(call.read, key)) }
}
