/**
 * Keys and grants in great number, made in this process by the functions that the operations use: real rows, many to a
 * commit, without the requests. The server starts on the folder afterwards.
 */
import path from 'node:path'
import { systemClock } from '../src/clock.ts'
import { uuid } from '../src/crypto/random.ts'
import { insertKey } from '../src/database/keys.ts'
import { setKeyPolicy } from '../src/database/policies.ts'
import { storeFirstMaterial } from '../src/keys/first-material.ts'
import { type Key, newKey } from '../src/keys/key.ts'
import { silentLog } from '../src/log.ts'
import { defaultKeyPolicy } from '../src/policies/default-key-policy.ts'
import { openService, type Service } from '../src/service.ts'

/** Makes so many keys of an account in a folder that no server has; answers their ARNs. */
export async function makeKeys(
  data: string,
  account: string,
  count: number,
): Promise<readonly string[]> {
  const service = await openService({
    data,
    database: undefined,
    mayLoseAcknowledgedChanges: false,
    rootKey: path.join(data, 'root.key'),
    regions: ['us-east-1'],
    clock: systemClock,
    log: silentLog,
  })
  try {
    const arns: string[] = []
    while (arns.length < count) {
      const batch = Array.from({ length: Math.min(256, count - arns.length) }, () =>
        makeKey(service, account),
      )
      arns.push(...(await Promise.all(batch)))
    }
    return arns
  } finally {
    await service[Symbol.asyncDispose]()
  }
}

async function makeKey(service: Service, account: string): Promise<string> {
  const scope = { account, region: 'us-east-1' }
  const made = newKey(scope, { id: uuid(), createdAt: service.clock.now() })
  const material = await service.keyStore.prepare(made)
  const key: Key = { ...made, currentMaterialId: material.materialId }
  await service.database.write(async (transaction) => {
    await insertKey(transaction, key)
    await storeFirstMaterial(transaction, key, material)
    await setKeyPolicy(transaction, key, { text: defaultKeyPolicy(key), pins: new Map() })
  })
  return key.arn
}
