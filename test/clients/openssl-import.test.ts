/**
 * Key material made and wrapped by the `openssl` command, as AWS's documentation tells people to.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  type AlgorithmSpec,
  GetParametersForImportCommand,
  ImportKeyMaterialCommand,
} from '@aws-sdk/client-kms'
import { assertMaterial, type ImportedKind, importedKinds } from '../support/imported-kinds.ts'
import { makeExternalKey } from '../support/importing.ts'
import { temporaryFolder } from '../support/process.ts'
import { startService } from '../support/service.ts'

const skip =
  spawnSync('openssl', ['version']).status === 0 ? undefined : 'there is no openssl command here'
if (skip !== undefined) console.error(`openssl-import.test.ts: ${skip}`)

const trent = await startService()
const kms = trent.client()
const folder = temporaryFolder()
const at = (name: string) => join(folder, name)

function openssl(...args: readonly string[]): void {
  const { status, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' })
  assert.equal(status, 0, stderr)
}

function makeMaterial({ bytes, bits, curve }: ImportedKind): void {
  if (bytes !== undefined) {
    openssl('rand', '-out', 'material', String(bytes))
    return
  }
  const key = ['genpkey', '-out', 'key', '-algorithm']
  if (bits !== undefined) openssl(...key, 'RSA', '-pkeyopt', `rsa_keygen_bits:${bits}`)
  else if (curve === 'ED25519') openssl(...key, curve)
  else openssl(...key, 'EC', '-pkeyopt', `ec_paramgen_curve:${curve}`)
  openssl('pkcs8', '-topk8', '-nocrypt', '-outform', 'DER', '-in', 'key', '-out', 'material')
}

function wrapDirectly(algorithm: AlgorithmSpec, secret: string): Buffer {
  const hash = algorithm.endsWith('SHA_1') ? 'sha1' : 'sha256'
  const options = ['rsa_padding_mode:oaep', `rsa_oaep_md:${hash}`, `rsa_mgf1_md:${hash}`]
  const files = ['-in', secret, '-out', 'wrapped', '-inkey', 'wrapping-key', '-keyform', 'DER']
  const chosen = options.flatMap((option) => ['-pkeyopt', option])
  openssl('pkeyutl', '-encrypt', '-pubin', ...files, ...chosen)
  return readFileSync(at('wrapped'))
}

function wrapMaterial(algorithm: AlgorithmSpec): Buffer {
  if (algorithm.startsWith('RSAES')) return wrapDirectly(algorithm, 'material')
  openssl('rand', '-out', 'aes-key', '32')
  const key = readFileSync(at('aes-key')).toString('hex')
  const how = ['-id-aes256-wrap-pad', '-K', key, '-iv', 'A65959A6']
  openssl('enc', ...how, '-in', 'material', '-out', 'wrapped-material')
  return Buffer.concat([wrapDirectly(algorithm, 'aes-key'), readFileSync(at('wrapped-material'))])
}

async function importByOpenssl(kind: ImportedKind, algorithm: AlgorithmSpec): Promise<void> {
  const { KeyId } = await makeExternalKey(kms, { KeySpec: kind.spec, KeyUsage: kind.usage })
  const { ImportToken, PublicKey } = await kms.send(
    new GetParametersForImportCommand({
      KeyId,
      WrappingAlgorithm: algorithm,
      WrappingKeySpec: 'RSA_2048',
    }),
  )
  writeFileSync(at('wrapping-key'), PublicKey ?? '')
  makeMaterial(kind)
  await kms.send(
    new ImportKeyMaterialCommand({
      KeyId,
      ImportToken,
      EncryptedKeyMaterial: wrapMaterial(algorithm),
      ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
    }),
  )
  await assertMaterial(kms, { keyId: KeyId, kind, material: readFileSync(at('material')) })
}

for (const kind of importedKinds) {
  const direct = kind.bytes !== undefined || kind.curve === 'ED25519'
  const sha1 = kind.spec === 'HMAC_224' || kind.spec === 'RSA_2048'
  const family = direct ? 'RSAES_OAEP' : 'RSA_AES_KEY_WRAP'
  const algorithm: AlgorithmSpec = `${family}_SHA_${sha1 ? 1 : 256}`
  const options = { ...(skip !== undefined && { skip }) }
  test(`${kind.spec} material of openssl imports under ${algorithm}, and works`, options, () =>
    importByOpenssl(kind, algorithm),
  )
}
