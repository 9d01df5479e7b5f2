import { signedAction } from './action.ts'
import { userSeconds } from './durations.ts'
import { issueCredentials } from './issue.ts'
import { longTermCaller } from './long-term-caller.ts'
import { refuseMfa } from './mfa.ts'
import { mfa, userDuration } from './rules.ts'

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html: it takes no permission. */
export const getSessionToken = signedAction(
  'GetSessionToken',
  { DurationSeconds: userDuration, ...mfa },
  async (input, call) => {
    const { caller } = call
    const id = longTermCaller(caller, 'GetSessionToken')
    refuseMfa(input)
    const Credentials = issueCredentials(call, userSeconds(caller, input.DurationSeconds), {
      of: caller.type === 'Root' ? 'root' : 'user',
      account: caller.account,
      id,
    })
    return { Credentials }
  },
)
