import { QueryError } from '../server/query-error.ts'
import { required, text } from '../server/query-input.ts'
import { signedAction } from './action.ts'
import { authorizeSts } from './authorize-sts.ts'

/**
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html. KMS, IAM and STS never send an
 * encoded message, so that none can be one of theirs.
 */
export const decodeAuthorizationMessage = signedAction(
  'DecodeAuthorizationMessage',
  { EncodedMessage: required(text({ min: 1, max: 10_240 })) },
  async (_input, call) => {
    authorizeSts(call, { action: 'sts:DecodeAuthorizationMessage', resource: '*' })
    throw new QueryError('InvalidAuthorizationMessageException', 'Message is not valid')
  },
)
