/**
 * The root key of the running server: changed, looked at, and the one before retired.
 */
import { isoTime } from '../clock.ts'
import { Unavailable } from '../database/unavailable.ts'
import { CustodianError } from '../key-stores/root-key-file.ts'
import { RootKeyChangeRefused } from '../key-stores/root-key-change.ts'
import type { RotationStatus } from '../key-stores/root-key-rotation.ts'
import { type AdminOperation, AdminError } from './admin-operation.ts'

/** Makes the next root key of a shared database. */
export const prepareRootKey: AdminOperation = async (_input, service) =>
  shown(await inWords(service.rotation.prepare()))

/** Changes the root key; rows follow in the background. */
export const rotateRootKey: AdminOperation = async (_input, service) => {
  const status = await inWords(service.rotation.rotate())
  void service.rotation.goOn(false).catch(service.report)
  return shown(status)
}

/** Which root key is in use, and whether anything is left under the one before. */
export const rootKeyStatus: AdminOperation = async (_input, service) =>
  shown(await inWords(service.rotation.status()))

/** Forgets the root key before the current one, with every token that was made under it. */
export const retireRootKey: AdminOperation = async (_input, service) =>
  shown(await inWords(service.rotation.retire()))

function shown({ rootKeyId, previousRootKeyId, stage, since, next }: RotationStatus) {
  return {
    RootKeyId: rootKeyId,
    PreviousRootKeyId: previousRootKeyId,
    Stage: stage,
    ...(since !== undefined && { Since: isoTime(since) }),
    ...(next !== undefined && {
      NextRootKeyId: next.id,
      Nodes: next.nodes.map(({ name, holds }) => ({ Node: name, HoldsNext: holds })),
    }),
  }
}

async function inWords<Result>(work: Promise<Result>): Promise<Result> {
  return work.catch((error: unknown) => {
    const isForPeople =
      error instanceof CustodianError ||
      error instanceof RootKeyChangeRefused ||
      error instanceof Unavailable
    throw isForPeople ? new AdminError(error.message) : error
  })
}
