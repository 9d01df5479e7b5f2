/**
 * Keys of every kind in every state. What the API can bring about, it does; states that a client never sees for long are
 * written into the database, as another process would.
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import {
  type CreateKeyCommandInput,
  DisableKeyCommand,
  EncapsulateCommand,
  EncryptCommand,
  GenerateMacCommand,
  type KMSClient,
  ReplicateKeyCommand,
  SignCommand,
} from '@aws-sdk/client-kms'
import { keyArn } from '../../src/api/arn.ts'
import type { KeyState } from '../../src/api/types.ts'
import type { Database } from '../../src/database/database.ts'
import { insertKey, updateKey } from '../../src/database/keys.ts'
import { setKeyPolicy } from '../../src/database/policies.ts'
import { newKey } from '../../src/keys/key.ts'
import { defaultKeyPolicy } from '../../src/policies/default-key-policy.ts'
import { openBeside } from './engines.ts'
import { makeGrant, rootOf } from './granting.ts'
import { parametersOf, wrap } from './importing.ts'
import { makeAlias, makeKey, type MadeKey } from './made-keys.ts'
import { scheduleDeletion } from './multi-region.ts'
import type { Started } from './service.ts'

/** Kinds of key, by what they are for. */
export type Kind =
  | 'symmetric'
  | 'signing'
  | 'mac'
  | 'agreement'
  | 'kem'
  | 'imported'
  /** Imported, with material at hand that it would take. */
  | 'importing'
  | 'primary'
  /** With a grant. */
  | 'granted'

/** A key, and what requests about it need. Bytes are in base64. */
export interface Subject {
  readonly id: string
  readonly arn: string
  readonly origin: string
  /** What the key made while it could: ciphertext, signature, MAC; for key agreement, a peer's public key. */
  readonly proof: string
  /** Token and wrapped material, of a key that takes some. */
  readonly imports: { readonly ImportToken: string; readonly EncryptedKeyMaterial: string }
  /** The id of a grant on the key; the empty string where there is none. */
  readonly grant: string
  /** Another key's ciphertext, an alias of it, and its ARN. */
  readonly otherBlob: string
  readonly otherAlias: string
  readonly otherArn: string
}

const kinds: Readonly<Record<Kind, CreateKeyCommandInput>> = {
  symmetric: {},
  signing: { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' },
  mac: { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' },
  agreement: { KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' },
  kem: { KeySpec: 'ML_KEM_512', KeyUsage: 'ENCAPSULATE_DECAPSULATE' },
  imported: { Origin: 'EXTERNAL' },
  importing: { Origin: 'EXTERNAL' },
  primary: { MultiRegion: true },
  granted: {},
}
const Message = Buffer.alloc(32, 7)
const base64 = (bytes: Uint8Array | undefined): string =>
  Buffer.from(bytes ?? []).toString('base64')
const peer = base64(
  generateKeyPairSync('ec', {
    namedCurve: 'prime256v1',
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'der' },
  }).publicKey,
)

/** Makes subjects against a server. */
export class Subjects implements AsyncDisposable {
  readonly #kms: KMSClient
  readonly #account: string
  readonly #database: Promise<Database>
  readonly #other: Promise<Pick<Subject, 'otherBlob' | 'otherAlias' | 'otherArn'>>

  constructor(trent: Started) {
    this.#kms = trent.client()
    this.#account = trent.accountId
    this.#database = openBeside(trent.data)
    this.#other = this.#makeOther()
  }

  /** A new key of a kind in a state. */
  async make(kind: Kind, state: KeyState): Promise<Subject> {
    const key = state === 'Unavailable' ? await this.#unavailable() : await this.#key(kind, state)
    const { KeyId: id, Arn: arn, Origin: origin = '' } = key
    const proof = await this.#prove(kind, key)
    const imports = await this.#imports(kind, key)
    const grant = kind === 'granted' ? await this.#grant(key) : ''
    await this.#bringTo(state, key)
    return { id, arn, origin, proof, imports, grant, ...(await this.#other) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#database)[Symbol.asyncDispose]()
  }

  async #makeOther(): Promise<Pick<Subject, 'otherBlob' | 'otherAlias' | 'otherArn'>> {
    const key = await makeKey(this.#kms)
    const otherAlias = 'alias/of-another-key'
    await makeAlias(this.#kms, otherAlias, key)
    return { otherBlob: await this.#encrypt(key), otherAlias, otherArn: key.Arn }
  }

  async #key(kind: Kind, state: KeyState): Promise<MadeKey> {
    const input = kinds[kind]
    const key = await makeKey(this.#kms, {
      ...input,
      // A key that waits for its material has no grants; one that lost it may have.
      ...(state === 'PendingImport' && kind !== 'granted' && { Origin: 'EXTERNAL' }),
      ...(state === 'PendingReplicaDeletion' && { MultiRegion: true }),
    })
    const replicates =
      key.Origin === 'AWS_KMS' &&
      (state === 'PendingReplicaDeletion' || (kind === 'primary' && state !== 'PendingDeletion'))
    if (replicates) {
      const ReplicaRegion = 'eu-west-1'
      await this.#kms.send(new ReplicateKeyCommand({ KeyId: key.KeyId, ReplicaRegion }))
    }
    return key
  }

  /** The key of a custom key store that is not connected. */
  async #unavailable(): Promise<MadeKey> {
    const scope = { account: this.#account, region: 'us-east-1' }
    const hex = randomBytes(16).toString('hex')
    const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
    const given = { id, createdAt: 0, origin: 'AWS_CLOUDHSM', state: 'Unavailable' } as const
    const key = newKey(scope, given)
    const database = await this.#database
    await database.write(async (transaction) => {
      await insertKey(transaction, key)
      await setKeyPolicy(transaction, key, {
        text: defaultKeyPolicy(scope),
        pins: new Map(),
      })
    })
    return { KeyId: id, Arn: keyArn(scope, id), Origin: 'AWS_CLOUDHSM' }
  }

  async #grant({ KeyId }: MadeKey): Promise<string> {
    const GranteePrincipal = rootOf(this.#account)
    return (await makeGrant(this.#kms, KeyId, { GranteePrincipal })).id
  }

  async #bringTo(state: KeyState, key: MadeKey): Promise<void> {
    const { KeyId } = key
    if (state === 'PendingDeletion') await scheduleDeletion(this.#kms, KeyId)
    else if (state === 'Disabled' && key.Origin !== 'EXTERNAL') {
      await this.#kms.send(new DisableKeyCommand({ KeyId }))
    } else if (state === 'PendingReplicaDeletion' && key.Origin !== 'EXTERNAL') {
      await scheduleDeletion(this.#kms, KeyId)
    } else if (state !== 'Unavailable') {
      const database = await this.#database
      await database.write((transaction) =>
        updateKey(transaction, { region: 'us-east-1', id: KeyId }, { state }),
      )
    }
  }

  async #prove(kind: Kind, key: MadeKey): Promise<string> {
    const { KeyId } = key
    if (kind === 'agreement') return peer
    if (key.Origin !== 'AWS_KMS') return this.#forge(key)
    switch (kind) {
      case 'signing': {
        const signing = { KeyId, Message, SigningAlgorithm: 'ECDSA_SHA_256' } as const
        return base64((await this.#kms.send(new SignCommand(signing))).Signature)
      }
      case 'mac': {
        const making = { KeyId, Message, MacAlgorithm: 'HMAC_SHA_256' } as const
        return base64((await this.#kms.send(new GenerateMacCommand(making))).Mac)
      }
      case 'kem': {
        const asking = { KeyId, EncapsulationAlgorithm: 'ML_KEM' } as const
        const { SharedSecretCiphertextBlob } = await this.#kms.send(new EncapsulateCommand(asking))
        return base64(SharedSecretCiphertextBlob)
      }
      default:
        return this.#encrypt(key)
    }
  }

  async #encrypt({ KeyId }: MadeKey): Promise<string> {
    const { CiphertextBlob } = await this.#kms.send(
      new EncryptCommand({ KeyId, Plaintext: Message }),
    )
    return base64(CiphertextBlob)
  }

  /** A ciphertext that names a key which never encrypted anything. */
  async #forge({ KeyId }: MadeKey): Promise<string> {
    const blob = Buffer.from((await this.#other).otherBlob, 'base64')
    blob.write(KeyId.replaceAll('-', ''), 4, 'hex')
    return base64(blob)
  }

  async #imports(kind: Kind, key: MadeKey): Promise<Subject['imports']> {
    if (kind !== 'importing' || key.Origin !== 'EXTERNAL') {
      return { ImportToken: base64(Message), EncryptedKeyMaterial: base64(Message) }
    }
    const parameters = await parametersOf(this.#kms, key.KeyId)
    return {
      ImportToken: base64(parameters.token),
      EncryptedKeyMaterial: base64(wrap(parameters, randomBytes(32))),
    }
  }
}
