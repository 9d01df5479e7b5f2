import { isoTime } from '../clock.ts'
import { findIdentity } from '../database/iam-identities.ts'
import { findAccessKey } from '../database/identities.ts'
import { accessDenied } from '../server/query-error.ts'
import { reads } from './action.ts'
import { findNamed } from './identity.ts'
import { requiredAccessKeyId } from './rules.ts'

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccessKeyLastUsed.html */
export const getAccessKeyLastUsed = reads(
  'GetAccessKeyLastUsed',
  { AccessKeyId: requiredAccessKeyId },
  async ({ AccessKeyId: id }, call) => {
    const action = 'iam:GetAccessKeyLastUsed'
    const row = await findAccessKey(call.read, id)
    // An unknown key is denied, and so is another account's: nobody learns which of the two it is.
    const denied = () =>
      accessDenied(
        `User: ${call.caller.arn} is not authorized to perform ${action} on resource: access key ${id}`,
      )
    if (row === undefined || row.account !== call.account) throw denied()
    const isRoots = row.userId === row.account
    const user = isRoots ? undefined : await findIdentity(call.read, row.userId)
    if (isRoots ? call.caller.type !== 'Root' : user === undefined) throw denied()
    if (user !== undefined) {
      await findNamed(call.read, call, { kind: 'user', name: user.name, action })
    }
    const use = await call.service.accessKeyUsage.find(id)
    return {
      UserName: user?.name,
      AccessKeyLastUsed: {
        LastUsedDate: use && isoTime(use.usedAt),
        ServiceName: use?.service ?? 'N/A',
        Region: use?.region ?? 'N/A',
      },
    }
  },
)
