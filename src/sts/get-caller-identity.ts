import { signedAction } from './action.ts'

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html: no policy can deny it. */
export const getCallerIdentity = signedAction(
  'GetCallerIdentity',
  {},
  async (_input, { caller }) => ({
    UserId: caller.principalId,
    Account: caller.account,
    Arn: caller.arn,
  }),
)
