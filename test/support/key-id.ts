/**
 * The tests that every operation with a KeyId needs, by group: what is wrong with its shape, with its form, with whose key
 * it names. The groups stand in a test file at the place of their kind.
 */
import { before, test } from 'node:test'
import type { KMSClient } from '@aws-sdk/client-kms'
import {
  absentId,
  absentMultiRegionId,
  arnOf,
  describe,
  makeAlias,
  makeKey,
  type MadeKey,
} from './made-keys.ts'
import { deniedAcrossAccounts, emptyKeyId, violated } from './sentences.ts'
import { refused, type Started } from './service.ts'

/** An operation whose request names a key. */
export interface KeyIdMember {
  readonly trent: Started
  readonly operation: string
  /** The member's name in messages; `keyId` when left out. */
  readonly member?: string
  /** Whether the request may do without. */
  readonly optional?: boolean
  /** Sends a request that would succeed for a key of the client's account and region. */
  readonly send: (kms: KMSClient, keyId: string | undefined) => Promise<unknown>
}

/** What the framework says of a KeyId, before any key is looked up. */
export function testKeyIdShape(of: KeyIdMember): void {
  const { trent, operation, member = 'keyId', send } = of
  const kms = trent.client()
  const wrong = (keyId: string | undefined, text: string) =>
    refused(send(kms, keyId), 'ValidationException', text)

  if (of.optional !== true) {
    test(`${operation}: a missing ${member} is a ValidationException`, () =>
      wrong(undefined, violated(`null at '${member}': not be null`)))
  }

  test(`${operation}: an empty ${member} is too short, and then not of the pattern`, () =>
    wrong('', emptyKeyId(member)))

  test(`${operation}: a ${member} of 2049 characters is too long`, () => {
    const long = 'k'.repeat(2049)
    return wrong(long, violated(`'${long}' at '${member}': have length less than or equal to 2048`))
  })

  test(`${operation}: a ${member} beyond ASCII is shown as it is`, () =>
    wrong(
      'キー',
      violated(String.raw`'キー' at '${member}': satisfy regular expression pattern: ^\p{ASCII}+$`),
    ))
}

/** What is said of a KeyId that names no key of this account and region. */
export function testKeyIdForms(of: KeyIdMember): void {
  const { trent, operation, send } = of
  const kms = trent.client()
  const notFound = (keyId: string, text: string | RegExp) =>
    refused(send(kms, keyId), 'NotFoundException', text)

  test(`${operation}: what has no form of a key id is an invalid keyId, in quotes`, async () => {
    const capital = absentMultiRegionId.toUpperCase()
    const undashed = absentId.replaceAll('-', '')
    for (const id of ['foo', undashed, 'mrk-1234', capital, `${absentId} `]) {
      await notFound(id, `Invalid keyId '${id}'`)
    }
  })

  test(`${operation}: an id inside an ARN that has no form of one is invalid, without quotes`, () =>
    notFound(arnOf(trent.accountId, 'key/foo'), 'Invalid keyId foo'))

  test(`${operation}: a well-formed id that names nothing does not exist, by its ARN`, async () => {
    for (const id of [absentId, absentMultiRegionId]) {
      await notFound(id, `Key '${arnOf(trent.accountId, `key/${id}`)}' does not exist`)
    }
  })

  test(`${operation}: an ARN that names nothing does not exist`, async () => {
    const arn = arnOf(trent.accountId, `key/${absentId}`)
    await notFound(arn, `Key '${arn}' does not exist`)
  })

  test(`${operation}: an id in upper case is well-formed, and no other spelling of a key's`, async () => {
    const key = await makeKey(kms)
    for (const id of ['786CA7CD-B74B-42B3-B887-902AD7AB6429', key.KeyId.toUpperCase()]) {
      await notFound(id, `Key '${arnOf(trent.accountId, `key/${id}`)}' does not exist`)
    }
  })

  test(`${operation}: an ARN of another region is invalid, also of a key that is there`, async () => {
    const key = await makeKey(trent.client({ region: 'eu-west-1' }))
    await notFound(key.Arn, 'Invalid arn eu-west-1')
    await notFound(arnOf(trent.accountId, 'key/foo', 'ap-south-1'), 'Invalid arn ap-south-1')
  })

  test(`${operation}: a key of another region does not exist here by its id`, async () => {
    const { KeyId } = await makeKey(trent.client({ region: 'eu-west-1' }))
    await notFound(KeyId, `Key '${arnOf(trent.accountId, `key/${KeyId}`)}' does not exist`)
  })

  test(`${operation}: what has not the parts of a key's ARN is an invalid arn`, async () => {
    const { accountId: account } = trent
    for (const arn of [
      'arn:aws:kms',
      `arn:aws:s3:us-east-1:${account}:key/${absentId}`,
      `arn:aws-cn:kms:us-east-1:${account}:key/${absentId}`,
      `arn:aws:kms:us-east-1::key/${absentId}`,
      arnOf(account, absentId),
    ]) {
      await notFound(arn, /^Invalid arn /)
    }
  })
}

/** Aliases name no key to operations that take ids and ARNs alone, whether or not they exist. */
export function testNoAliases({ trent, operation, send }: KeyIdMember): void {
  const kms = trent.client()

  test(`${operation}: aliases are not supported, whether or not they exist`, async () => {
    await makeAlias(kms, `alias/${operation}`, await makeKey(kms))
    for (const name of [`alias/${operation}`, 'alias/absent', 'alias/aws/s3']) {
      for (const keyId of [name, arnOf(trent.accountId, name)]) {
        await refused(
          send(kms, keyId),
          'InvalidArnException',
          'Key Aliases are not supported for this operation.',
        )
      }
    }
  })
}

/** Another account's keys are refused in one sentence, and are nowhere by their ids alone. */
export function testForeignKeys({ trent, operation, send }: KeyIdMember): void {
  const kms = trent.client()
  let foreign: MadeKey
  before(async () => {
    foreign = await makeKey(trent.client({ account: await trent.createAccount() }))
  })

  test(`${operation}: a key of another account is AccessDeniedException, and so is one that is not there`, async () => {
    const account = String(foreign.AWSAccountId)
    for (const arn of [
      foreign.Arn,
      arnOf(account, `key/${absentId}`),
      arnOf('999999999999', `key/${absentId}`),
    ]) {
      await refused(
        send(kms, arn),
        'AccessDeniedException',
        deniedAcrossAccounts(trent.accountId, `kms:${operation}`),
      )
    }
  })

  test(`${operation}: a key of another account does not exist by its id alone`, () =>
    refused(
      send(kms, foreign.KeyId),
      'NotFoundException',
      `Key '${arnOf(trent.accountId, `key/${foreign.KeyId}`)}' does not exist`,
    ))
}

/** Nobody changes AWS managed keys: their policy lets the account look at them alone. */
export function testAwsManagedKey({ trent, operation, send }: KeyIdMember): void {
  const kms = trent.client()

  test(`${operation}: an AWS managed key is AccessDeniedException`, async () => {
    const key = await describe(kms, 'alias/aws/s3')
    for (const keyId of [key.KeyId, key.Arn]) {
      await refused(
        send(kms, keyId),
        'AccessDeniedException',
        `User: arn:aws:iam::${trent.accountId}:root is not authorized to perform: kms:${operation} on resource: ${key.Arn} because no resource-based policy allows the kms:${operation} action`,
      )
    }
  })
}
