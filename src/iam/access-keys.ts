/**
 * Access keys of users, and of the root user of the account. https://docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKey.html
 */
import { isoTime } from '../clock.ts'
import type { Reader } from '../database/database.ts'
import { deleteAccessKeyUse } from '../database/iam-access-key-usage.ts'
import {
  type AccessKeyRow,
  deleteAccessKey as deleteRow,
  findAccessKey,
  listAccessKeys as listRows,
  setAccessKeyStatus,
} from '../database/identities.ts'
import { newAccessKey } from '../identities/access-key.ts'
import type { QueryCall } from '../server/query-action.ts'
import { noSuchEntity } from '../server/query-error.ts'
import type { XmlStructure } from '../server/xml.ts'
import { changes, reads } from './action.ts'
import type { IamQuestion } from './authorize-iam.ts'
import { findNamed, ownName } from './identity.ts'
import { cutPage, readPage } from './paging.ts'
import { quotas, requireRoom } from './quotas.ts'
import { accessKeyStatus, optionalName, paging, requiredAccessKeyId } from './rules.ts'

/** Whose access keys are meant. The root user has no name. */
interface Owner {
  readonly account: string
  readonly userId: string
  readonly UserName: string | undefined
}

/** The user of the name, or without one whoever calls. */
async function findOwner(
  reader: Reader,
  call: QueryCall,
  asked: { readonly name: string | undefined; readonly action: IamQuestion['action'] },
): Promise<Owner> {
  const { account, caller } = call
  if (asked.name === undefined && caller.type === 'Root') {
    return { account, userId: account, UserName: undefined }
  }
  const name = asked.name ?? ownName(call)
  const row = await findNamed(reader, call, { kind: 'user', name, action: asked.action })
  return { account, userId: row.id, UserName: row.name }
}

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html */
export const createAccessKey = changes(
  'CreateAccessKey',
  { name: optionalName('user') },
  async ({ name }, call) => {
    const action = 'iam:CreateAccessKey'
    const { account, userId } = await findOwner(call.read, call, { name, action })
    const { row, secret, store } = newAccessKey(call.service.root, { account, userId }, call.now)
    return call.write(async (transaction) => {
      const owner = await findOwner(transaction, call, { name, action })
      // The key was sealed for this owner; the name may have gone to another one meanwhile.
      if (owner.userId !== userId) throw new Error('the user was replaced while its key was made')
      const { length } = await listRows(transaction, owner)
      requireRoom(length, quotas.AccessKeysPerUserQuota, 'AccessKeysPerUser')
      await store(transaction)
      const { CreateDate, ...metadata } = keyMembers(row, owner)
      return { AccessKey: { ...metadata, SecretAccessKey: secret, CreateDate } }
    })
  },
)

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccessKeys.html */
export const listAccessKeys = reads(
  'ListAccessKeys',
  { name: optionalName('user'), ...paging },
  async (input, call) => {
    const { name } = input
    const owner = await findOwner(call.read, call, { name, action: 'iam:ListAccessKeys' })
    const page = readPage(call, input, { action: 'ListAccessKeys', filter: owner.userId })
    const all = await listRows(call.read, owner)
    const rows = all.filter(({ id }) => id > page.after).slice(0, page.limit)
    const cut = cutPage(call, { rows, page }, ({ id }) => id)
    return {
      AccessKeyMetadata: cut.rows.map((row) => keyMembers(row, owner)),
      ...cut.members,
    }
  },
)

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccessKey.html */
export const updateAccessKey = changes(
  'UpdateAccessKey',
  {
    name: optionalName('user'),
    AccessKeyId: requiredAccessKeyId,
    Status: accessKeyStatus,
  },
  ({ name, AccessKeyId: id, Status: status }, call) =>
    call.write(async (transaction) => {
      const owner = await findOwner(transaction, call, { name, action: 'iam:UpdateAccessKey' })
      await requireKey(transaction, owner, id)
      await setAccessKeyStatus(transaction, id, status)
      return undefined
    }),
)

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccessKey.html */
export const deleteAccessKey = changes(
  'DeleteAccessKey',
  { name: optionalName('user'), AccessKeyId: requiredAccessKeyId },
  ({ name, AccessKeyId: id }, call) =>
    call.write(async (transaction) => {
      const owner = await findOwner(transaction, call, { name, action: 'iam:DeleteAccessKey' })
      await requireKey(transaction, owner, id)
      await deleteAccessKeyUse(transaction, id)
      await deleteRow(transaction, id)
      return undefined
    }),
)

/** Throws NoSuchEntity unless the owner has this access key. */
async function requireKey(reader: Reader, owner: Owner, id: string): Promise<void> {
  const row = await findAccessKey(reader, id)
  if (row?.account === owner.account && row.userId === owner.userId) return
  throw noSuchEntity(`The Access Key with id ${id} cannot be found.`)
}

const keyMembers = (row: AccessKeyRow, { UserName }: Owner): XmlStructure => ({
  UserName,
  AccessKeyId: row.id,
  Status: row.status,
  CreateDate: isoTime(row.createdAt),
})
