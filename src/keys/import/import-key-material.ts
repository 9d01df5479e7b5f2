import { incorrectKeyMaterial, invalidCiphertext, validation } from '../../api/errors.ts'
import type { ExpirationModel, Request } from '../../api/types.ts'
import type { Call, Operation } from '../../operation.ts'
import type { Key } from '../key.ts'
import { day } from '../day.ts'
import { refuseReplica } from '../multi-region/related-keys.ts'
import { checkImportable } from './import-rules.ts'
import { takeMaterial } from './take-material.ts'

/** How far ahead material may expire. */
const longest = 365 * day

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html */
export const importKeyMaterial: Operation<'ImportKeyMaterial'> = async (request, call) => {
  const look = { action: 'kms:ImportKeyMaterial', check: checkImportable } as const
  const found = await call.findKey(request.KeyId, look)
  const expiry = readExpiry(request, call.now)
  refuseMembers(request, found)
  const bytes = await unwrapMaterial(request, found, call)
  const material = call.keyStore.prepareImported(found, bytes)
  return call.changeKey(request.KeyId, look, async (transaction, key) => {
    await takeMaterial(transaction, key, {
      material,
      ...expiry,
      importType: request.ImportType,
      materialId: request.KeyMaterialId,
      description: request.KeyMaterialDescription,
    })
    return {
      KeyId: key.arn,
      ...(key.spec === 'SYMMETRIC_DEFAULT' && { KeyMaterialId: material.materialId }),
    }
  })
}

/** Whether and when the material expires; `validTo` is milliseconds since 1970. */
interface Expiry {
  readonly expirationModel: ExpirationModel
  readonly validTo: number | undefined
}

function readExpiry(request: Request<'ImportKeyMaterial'>, now: number): Expiry {
  const expirationModel = request.ExpirationModel ?? 'KEY_MATERIAL_EXPIRES'
  if (expirationModel === 'KEY_MATERIAL_DOES_NOT_EXPIRE') {
    if (request.ValidTo === undefined) return { expirationModel, validTo: undefined }
    throw validation(
      'A validTo date must not be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE',
    )
  }
  if (request.ValidTo === undefined) {
    throw validation('A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES')
  }
  const validTo = Math.round(request.ValidTo * 1000)
  if (validTo <= now) throw validation('ValidTo must be in the future')
  if (validTo > now + longest) throw validation('ValidTo must be within 365 days from now')
  return { expirationModel, validTo }
}

/** Only symmetric encryption keys have several materials, so that only they tell new material from the old. */
function refuseMembers(request: Request<'ImportKeyMaterial'>, key: Key): void {
  if (request.ImportType === 'NEW_KEY_MATERIAL' && request.KeyMaterialId !== undefined) {
    throw validation('KeyMaterialId cannot be specified when ImportType is NEW_KEY_MATERIAL')
  }
  if (key.spec === 'SYMMETRIC_DEFAULT') {
    // What is said of a material is the primary's to say, for all regions.
    if (request.KeyMaterialDescription !== undefined) refuseReplica(key)
    return
  }
  const { ImportType, KeyMaterialId, KeyMaterialDescription } = request
  if ([ImportType, KeyMaterialId, KeyMaterialDescription].some((given) => given !== undefined)) {
    throw validation(
      'ImportType, KeyMaterialId and KeyMaterialDescription can only be specified for symmetric encryption keys',
    )
  }
}

/** Opens the token, unwraps and checks the material. The caller zeroes it. */
async function unwrapMaterial(
  request: Request<'ImportKeyMaterial'>,
  key: Key,
  call: Call,
): Promise<Buffer> {
  const presented = { token: request.ImportToken, now: call.now }
  const { wrappingKey, algorithm } = await call.importParameters.open(call.read, key, presented)
  const modulus = (wrappingKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8
  const wrapped = request.EncryptedKeyMaterial
  const fits = algorithm.startsWith('RSAES') ? wrapped.length === modulus : wrapped.length > modulus
  if (!fits) throw validation('Invalid encrypted key size.')
  const bytes = await call.pool.run('unwrapImported', wrappingKey, algorithm, wrapped)
  if (bytes === undefined) throw invalidCiphertext('the material does not unwrap')
  if (!(await call.pool.run('checkImportedMaterial', key.spec, bytes))) {
    bytes.fill(0)
    throw incorrectKeyMaterial()
  }
  return bytes
}
