/**
 * Custom key stores, of which there are none: what AWS says of one that is not there.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ConnectCustomKeyStoreCommand,
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DeleteCustomKeyStoreCommand,
  DescribeCustomKeyStoresCommand,
  DisconnectCustomKeyStoreCommand,
  ListKeysCommand,
  UpdateCustomKeyStoreCommand,
} from '@aws-sdk/client-kms'
import { sendDocument } from '../support/documents.ts'
import { refused, startService } from '../support/service.ts'

const trent = await startService()
const kms = trent.client()
const CustomKeyStoreId = 'cks-1234567890abcdef0'
const hsm = { Origin: 'AWS_CLOUDHSM', CustomKeyStoreId } as const
const external = { Origin: 'EXTERNAL_KEY_STORE', CustomKeyStoreId, XksKeyId: 'bb85' } as const
const create = (input: CreateKeyCommandInput) => kms.send(new CreateKeyCommand(input))
const missing = (call: Promise<unknown>) =>
  refused(call, 'CustomKeyStoreNotFoundException', undefined)

test('DescribeCustomKeyStores: without stores the list is empty', async () => {
  const { body } = await sendDocument(trent, 'DescribeCustomKeyStores', { Limit: 1 })
  assert.deepEqual(JSON.parse(body), { CustomKeyStores: [], Truncated: false })
})

test('DescribeCustomKeyStores: a store by its id or its name is not there; both are one too many', async () => {
  const CustomKeyStoreName = 'store'
  await missing(kms.send(new DescribeCustomKeyStoresCommand({ CustomKeyStoreId })))
  await missing(kms.send(new DescribeCustomKeyStoresCommand({ CustomKeyStoreName })))
  await refused(
    kms.send(new DescribeCustomKeyStoresCommand({ CustomKeyStoreId, CustomKeyStoreName })),
    'ValidationException',
    'You can specify either CustomKeyStoreId or CustomKeyStoreName, but not both.',
  )
})

test('DescribeCustomKeyStores: no marker is of this list', () =>
  refused(
    kms.send(new DescribeCustomKeyStoresCommand({ Marker: 'marker' })),
    'InvalidMarkerException',
    'The marker is not valid.',
  ))

test('a store that is not there is neither connected nor disconnected, changed or deleted', async () => {
  await missing(kms.send(new ConnectCustomKeyStoreCommand({ CustomKeyStoreId })))
  await missing(kms.send(new DisconnectCustomKeyStoreCommand({ CustomKeyStoreId })))
  await missing(kms.send(new UpdateCustomKeyStoreCommand({ CustomKeyStoreId })))
  await missing(kms.send(new DeleteCustomKeyStoreCommand({ CustomKeyStoreId })))
})

test('CreateKey: a key in a store that is not there is not made', async () => {
  await missing(create(hsm))
  await missing(create(external))
  assert.deepEqual((await kms.send(new ListKeysCommand({}))).Keys, [])
})

test('CreateKey: what is said of the store goes together with the origin', async () => {
  for (const [input, text] of [
    [
      { Origin: 'AWS_CLOUDHSM' },
      'You must specify a CustomKeyStoreId value for Origin AWS_CLOUDHSM.',
    ],
    [{ CustomKeyStoreId }, 'CustomKeyStoreId is not supported for Origin AWS_KMS'],
    [
      { Origin: 'EXTERNAL', CustomKeyStoreId },
      'CustomKeyStoreId is not supported for Origin EXTERNAL',
    ],
    [
      { ...external, XksKeyId: undefined },
      'You must specify a XksKeyId value for Origin EXTERNAL_KEY_STORE.',
    ],
    [{ ...hsm, XksKeyId: 'bb85' }, 'XksKeyId is not supported for Origin AWS_CLOUDHSM'],
    [{ XksKeyId: 'bb85' }, 'XksKeyId is not supported for Origin AWS_KMS'],
    [
      { ...hsm, KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' },
      'KeySpec RSA_2048 is not supported for Origin AWS_CLOUDHSM',
    ],
  ] as const)
    await refused(create(input), 'ValidationException', text)
  await refused(
    create({ ...hsm, MultiRegion: true }),
    'UnsupportedOperationException',
    'MultiRegion is not supported for Origin AWS_CLOUDHSM',
  )
  assert.deepEqual((await kms.send(new ListKeysCommand({}))).Keys, [])
})
