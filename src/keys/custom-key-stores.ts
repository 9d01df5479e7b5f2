/**
 * Custom key stores, of which there are none: CreateCustomKeyStore is not built yet. The other operations say of every
 * store what AWS says of one that is not there.
 */
import { customKeyStoreNotFound, unsupportedOperation, validation } from '../api/errors.ts'
import type { Request } from '../api/types.ts'
import type { Call, Operation } from '../operation.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeCustomKeyStores.html */
export const describeCustomKeyStores: Operation<'DescribeCustomKeyStores'> = async (
  request,
  call,
) => {
  call.authorize('kms:DescribeCustomKeyStores')
  const { CustomKeyStoreId: id, CustomKeyStoreName: name } = request
  if (id !== undefined && name !== undefined) {
    throw validation('You can specify either CustomKeyStoreId or CustomKeyStoreName, but not both.')
  }
  // There is one page, so that no marker is of this list.
  call.page(request, { operation: 'DescribeCustomKeyStores', defaultLimit: 100 })
  if (id !== undefined || name !== undefined) throw customKeyStoreNotFound()
  return { CustomKeyStores: [], Truncated: false }
}

/** An operation on a custom key store. */
export const onMissingStore =
  (name: 'Connect' | 'Disconnect' | 'Update' | 'Delete') =>
  async (_request: unknown, call: Call): Promise<never> => {
    call.authorize(`kms:${name}CustomKeyStore`)
    throw customKeyStoreNotFound()
  }

/** Whether CreateKey asks for a key in a custom key store. Throws where what it says of the store does not go together. */
export function asksForStore(request: Request<'CreateKey'>): boolean {
  const { Origin: origin = 'AWS_KMS', CustomKeyStoreId: store, XksKeyId: xksKey } = request
  const external = origin === 'EXTERNAL_KEY_STORE'
  const inStore = external || origin === 'AWS_CLOUDHSM'
  requireIf(inStore, store, { member: 'CustomKeyStoreId', origin })
  requireIf(external, xksKey, { member: 'XksKeyId', origin })
  if (inStore && request.MultiRegion === true) {
    throw unsupportedOperation(`MultiRegion is not supported for Origin ${origin}`)
  }
  return inStore
}

function requireIf(
  wanted: boolean,
  value: string | undefined,
  { member, origin }: { readonly member: string; readonly origin: string },
): void {
  if (wanted === (value !== undefined)) return
  throw validation(
    wanted
      ? `You must specify a ${member} value for Origin ${origin}.`
      : `${member} is not supported for Origin ${origin}`,
  )
}
