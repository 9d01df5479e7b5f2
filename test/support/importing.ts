/**
 * Importing key material as AWS describes it: wrapped with node:crypto, by none of the code under test.
 */
import assert from 'node:assert/strict'
import {
  constants,
  createCipheriv,
  createPublicKey,
  type KeyObject,
  publicEncrypt,
  randomBytes,
} from 'node:crypto'
import {
  type AlgorithmSpec,
  type CreateKeyCommandInput,
  GetParametersForImportCommand,
  ImportKeyMaterialCommand,
  type ImportKeyMaterialCommandInput,
  type ImportKeyMaterialCommandOutput,
  type KMSClient,
  type WrappingKeySpec,
} from '@aws-sdk/client-kms'
import { type MadeKey, makeKey } from './made-keys.ts'

/** What GetParametersForImport has given out. */
export interface Parameters {
  readonly keyId: string
  readonly token: Uint8Array
  readonly wrappingKey: KeyObject
  readonly algorithm: AlgorithmSpec
}

/** How material is to be wrapped; the cheapest way when left out. */
export interface Wrapping {
  readonly algorithm?: AlgorithmSpec
  readonly spec?: WrappingKeySpec
}

/** Creates a key without material. */
export function makeExternalKey(
  kms: KMSClient,
  input: CreateKeyCommandInput = {},
): Promise<MadeKey> {
  return makeKey(kms, { Origin: 'EXTERNAL', ...input })
}

/** Creates a symmetric encryption key and imports material that does not expire. */
export async function makeImportedKey(
  kms: KMSClient,
  input: CreateKeyCommandInput = {},
): Promise<ImportedKey> {
  const key = await makeExternalKey(kms, input)
  const parameters = await parametersOf(kms, key.KeyId)
  const material = randomBytes(32)
  const { KeyMaterialId = '' } = await importMaterial(kms, parameters, material)
  return { key, parameters, material, materialId: KeyMaterialId }
}

/** A key with material of ours. */
export interface ImportedKey {
  readonly key: MadeKey
  readonly parameters: Parameters
  readonly material: Buffer
  readonly materialId: string
}

/** Asks for a wrapping key and its token. */
export async function parametersOf(
  kms: KMSClient,
  keyId: string,
  { algorithm = 'RSAES_OAEP_SHA_256', spec = 'RSA_2048' }: Wrapping = {},
): Promise<Parameters> {
  const { ImportToken, PublicKey } = await kms.send(
    new GetParametersForImportCommand({
      KeyId: keyId,
      WrappingAlgorithm: algorithm,
      WrappingKeySpec: spec,
    }),
  )
  assert.ok(ImportToken !== undefined && PublicKey !== undefined)
  const wrappingKey = createPublicKey({
    key: Buffer.from(PublicKey),
    format: 'der',
    type: 'spki',
  })
  return { keyId, token: ImportToken, wrappingKey, algorithm }
}

/** Wraps material as the parameters' algorithm says. */
export function wrap({ wrappingKey, algorithm }: Parameters, material: Uint8Array): Buffer {
  const oaep = {
    key: wrappingKey,
    padding: constants.RSA_PKCS1_OAEP_PADDING,
    oaepHash: algorithm.endsWith('SHA_1') ? 'sha1' : 'sha256',
  }
  if (algorithm.startsWith('RSAES')) return publicEncrypt(oaep, material)
  const aesKey = randomBytes(32)
  const cipher = createCipheriv('id-aes256-wrap-pad', aesKey, Buffer.from('A65959A6', 'hex'))
  return Buffer.concat([publicEncrypt(oaep, aesKey), cipher.update(material), cipher.final()])
}

/** Imports material, for ever unless `more` says otherwise; the token may be used again. */
export function importMaterial(
  kms: KMSClient,
  parameters: Parameters,
  material: Uint8Array,
  more: Partial<ImportKeyMaterialCommandInput> = {},
): Promise<ImportKeyMaterialCommandOutput> {
  return kms.send(
    new ImportKeyMaterialCommand({
      KeyId: parameters.keyId,
      ImportToken: parameters.token,
      EncryptedKeyMaterial: wrap(parameters, material),
      ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
      ...more,
    }),
  )
}

/** The members that make imported material expire. */
export function until(time: number): Partial<ImportKeyMaterialCommandInput> {
  return { ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo: new Date(time) }
}
