/**
 * Clients that note every call: when it began, when its answer came, and what it was.
 */
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam'
import {
  CreateGrantCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  KMSClient,
  KMSServiceException,
  PutKeyPolicyCommand,
  RevokeGrantCommand,
} from '@aws-sdk/client-kms'
import { after } from 'node:test'
import { credentialsOf } from '../support/process.ts'
import type { Credentials } from '../support/signer.ts'
import type { Node } from './cluster.ts'
import type { Call, Operation, Outcome } from './history.ts'

/** What a call may need besides its key. */
export interface Needs {
  readonly grantId?: string | undefined
  readonly ciphertext?: Uint8Array | undefined
}

/** What a call may hand on. */
export interface Answer extends Needs {
  readonly key?: string | undefined
  readonly keyState?: string | undefined
  readonly requestId?: string | undefined
}

/** A call that is over, and its answer if it had one. */
export interface Made {
  readonly call: Call
  readonly answer: Answer | undefined
}

/** The owner of the keys and the one who is given grants, at one node. */
export interface Clients {
  readonly node: Node
  /** Never rejects: whatever becomes of a call is an outcome. It is noted when it is over. */
  make(operation: Operation, key: string, needs?: Needs): Promise<Made>
}

/** A user without any permission, who is given grants. */
export interface Grantee {
  readonly arn: string
  readonly credentials: Credentials
}

/** What is encrypted. */
export const secret = Buffer.from('what is encrypted')

/** Makes the grantee. */
export async function newGrantee(node: Node): Promise<Grantee> {
  const iam = new IAMClient({ ...settingsOf(node), credentials: credentialsOf(node.data) })
  try {
    const { User } = await iam.send(new CreateUserCommand({ UserName: 'grantee' }))
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'grantee' }))
    const { AccessKeyId: accessKeyId = '', SecretAccessKey: secretAccessKey = '' } = AccessKey ?? {}
    return { arn: User?.Arn ?? '', credentials: { accessKeyId, secretAccessKey } }
  } finally {
    iam.destroy()
  }
}

/** Clients at a node that note their calls. */
export function clientsAt(
  node: Node,
  people: { readonly owner: Credentials; readonly grantee: Grantee },
  note: (call: Call) => void,
): Clients {
  const clientFor = (credentials: Credentials) => {
    const client = new KMSClient({ ...settingsOf(node), credentials })
    after(() => {
      client.destroy()
    })
    return client
  }
  const senders = {
    owner: clientFor(people.owner),
    grantee: clientFor(people.grantee.credentials),
    arn: people.grantee.arn,
  }
  return {
    node,
    make: async (operation, key, needs = {}) => {
      const begin = performance.now()
      const told = await send[operation](senders, key, needs).then(
        (answer) => ({
          outcome: { is: 'answered', keyState: answer.keyState } as const,
          answer,
          error: undefined,
        }),
        (error: unknown) => ({ outcome: outcomeOf(error), answer: undefined, error }),
      )
      const end = performance.now()
      const requestId = told.answer?.requestId ?? requestIdOf(told)
      const about = told.answer?.key ?? key
      const { outcome, answer } = told
      const call: Call = { node: node.name, key: about, operation, begin, end, outcome, requestId }
      note(call)
      return { call, answer }
    },
  }
}

/** Longer than any answer may take: a change its deadline, and then a lease with its margin. */
const patience = 25_000

const settingsOf = (node: Node) => ({
  endpoint: node.endpoint,
  region: 'us-east-1',
  maxAttempts: 1,
  requestHandler: { requestTimeout: patience, httpAgent: { maxSockets: 500 } },
})

class AnotherPlaintext extends Error {}

function outcomeOf(error: unknown): Outcome {
  if (error instanceof AnotherPlaintext) {
    return { is: 'refused', code: 'another plaintext', status: 200 }
  }
  if (error instanceof KMSServiceException && error.$metadata.httpStatusCode !== undefined) {
    return { is: 'refused', code: error.name, status: error.$metadata.httpStatusCode }
  }
  const { code } = error as { readonly code?: unknown }
  return { is: code === 'ECONNREFUSED' ? 'unheard' : 'lost' }
}

function requestIdOf(told: { readonly error?: unknown }): string | undefined {
  return told.error instanceof KMSServiceException ? told.error.$metadata.requestId : undefined
}

interface Senders {
  readonly owner: KMSClient
  readonly grantee: KMSClient
  readonly arn: string
}
type Send = (senders: Senders, KeyId: string, needs: Needs) => Promise<Answer>

const rid = (answer: { readonly $metadata: { readonly requestId?: string | undefined } }) => ({
  requestId: answer.$metadata.requestId,
})

const send: Readonly<Record<Operation, Send>> = {
  CreateKey: async ({ owner }) => {
    const answer = await owner.send(new CreateKeyCommand({}))
    return { ...rid(answer), key: answer.KeyMetadata?.KeyId }
  },
  DisableKey: async ({ owner }, KeyId) => rid(await owner.send(new DisableKeyCommand({ KeyId }))),
  EnableKey: async ({ owner }, KeyId) => rid(await owner.send(new EnableKeyCommand({ KeyId }))),
  'PutKeyPolicy: deny': async ({ owner, arn }, KeyId) =>
    rid(await owner.send(new PutKeyPolicyCommand({ KeyId, Policy: policyOf(arn, [denied]) }))),
  'PutKeyPolicy: allow': async ({ owner, arn }, KeyId) =>
    rid(await owner.send(new PutKeyPolicyCommand({ KeyId, Policy: policyOf(arn) }))),
  CreateGrant: async ({ owner, arn: GranteePrincipal }, KeyId) => {
    const grant = { KeyId, GranteePrincipal, Operations: ['Decrypt' as const] }
    const answer = await owner.send(new CreateGrantCommand(grant))
    return { ...rid(answer), grantId: answer.GrantId }
  },
  RevokeGrant: async ({ owner }, KeyId, { grantId: GrantId }) =>
    rid(await owner.send(new RevokeGrantCommand({ KeyId, GrantId }))),
  Encrypt: async ({ owner }, KeyId) => {
    const answer = await owner.send(new EncryptCommand({ KeyId, Plaintext: secret }))
    return { ...rid(answer), ciphertext: answer.CiphertextBlob }
  },
  'Decrypt by the grantee': async ({ grantee }, KeyId, { ciphertext: CiphertextBlob }) => {
    const answer = await grantee.send(new DecryptCommand({ KeyId, CiphertextBlob }))
    if (!secret.equals(answer.Plaintext ?? Buffer.alloc(0))) throw new AnotherPlaintext()
    return rid(answer)
  },
  DescribeKey: async ({ owner }, KeyId) => {
    const answer = await owner.send(new DescribeKeyCommand({ KeyId }))
    return { ...rid(answer), keyState: answer.KeyMetadata?.KeyState }
  },
}

const denied = { Effect: 'Deny', Principal: { AWS: '*' }, Action: 'kms:Encrypt', Resource: '*' }

/** The account may do everything, as far as nothing more is said. */
function policyOf(userArn: string, more: readonly object[] = []): string {
  const AWS = userArn.replace(/:user\/.*$/, ':root')
  const everything = { Effect: 'Allow', Principal: { AWS }, Action: 'kms:*', Resource: '*' }
  return JSON.stringify({ Version: '2012-10-17', Statement: [everything, ...more] })
}
