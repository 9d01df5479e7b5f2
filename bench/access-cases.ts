/** The cases of `bench/access.ts`: keys, policies, users and grants, made through the API. */
import { IAM } from '@aws-sdk/client-iam'
import type { Connection } from './connection.ts'
import { call, callBy, connectionTo, type Running } from './servers.ts'
import type { Client } from './sign.ts'

/** Who encrypts under what. */
export interface Case {
  readonly name: string
  readonly client: Client
  readonly server: Running
  readonly documents: readonly object[]
}

interface Made {
  readonly KeyMetadata: { readonly Arn: string; readonly AWSAccountId: string }
}

const Plaintext = Buffer.alloc(32, 7).toString('base64')
const EncryptionContext = { purpose: 'bench', tenant: '4711' }
const encrypt = (KeyId: string) => ({ KeyId, Plaintext, EncryptionContext })

/** The root user under AWS's default policy; a user under it by a policy of its own; the same user under 32 KB of policy. */
export async function makePolicyCases(root: Client, server: Running): Promise<readonly Case[]> {
  const iam = iamOf(root)
  const user = await makeUser(iam, root, 'allowed')
  await iam.putUserPolicy({
    UserName: 'allowed',
    PolicyName: 'encrypt',
    PolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Action: 'kms:Encrypt', Resource: '*' },
    }),
  })
  iam.destroy()
  const plain = await call<Made>(root, 'CreateKey', {})
  const account = plain.KeyMetadata.AWSAccountId
  const Policy = largePolicy(account)
  const large = await call<Made>(root, 'CreateKey', { Policy })
  const of = (name: string, client: Client, { KeyMetadata }: Made) =>
    ({ name, client, server, documents: [encrypt(KeyMetadata.Arn)] }) as const
  return [
    of('root user, default key policy', root, plain),
    of('user by its own policy, default key policy', user, plain),
    of(`user, key policy of ${Math.round(Policy.length / 1024)} KB`, user, large),
  ]
}

/** The right that the large policy confers stands last, behind statements that nearly fit. */
function largePolicy(account: string): string {
  const root = `arn:aws:iam::${account}:root`
  const whole = { Effect: 'Allow', Principal: { AWS: root }, Action: 'kms:*', Resource: '*' }
  const filler = (index: number) => ({
    Sid: `s${index}`,
    Effect: index % 3 === 0 ? 'Deny' : 'Allow',
    Principal: { AWS: index % 2 === 0 ? '*' : root },
    Action: ['kms:Encrypt', 'kms:GenerateDataKey*'],
    Resource: '*',
    Condition: { StringEquals: { 'kms:EncryptionContext:tenant': `tenant-${index}` } },
  })
  const statements: object[] = []
  const text = () => JSON.stringify({ Version: '2012-10-17', Statement: [...statements, whole] })
  while (text().length < 32_400) statements.push(filler(statements.length))
  return text()
}

/** A user by the only grant on a key, and by the last of so many on another. */
export async function makeGrantCases(
  root: Client,
  server: Running,
  count: number,
): Promise<readonly Case[]> {
  const iam = iamOf(root)
  const user = await makeUser(iam, root, 'granted')
  const { User } = await iam.getUser({ UserName: 'granted' })
  iam.destroy()
  const grant = (KeyId: string, index: number) => ({
    KeyId,
    GranteePrincipal: User?.Arn,
    Operations: ['Encrypt', 'Decrypt'],
    Constraints: { EncryptionContextSubset: { tenant: `${index}` } },
  })
  const one = (await call<Made>(root, 'CreateKey', {})).KeyMetadata.Arn
  await call(root, 'CreateGrant', grant(one, 4711))
  const many = (await call<Made>(root, 'CreateKey', {})).KeyMetadata.Arn
  await atOnce(root, count, (connection, index) => {
    const document = grant(many, index === 0 ? 4711 : 10_000 + index)
    return callBy(connection, root, { operation: 'CreateGrant', document })
  })
  const of = (name: string, KeyId: string) =>
    ({ name, client: user, server, documents: [encrypt(KeyId)] }) as const
  return [of('the only grant on the key', one), of(`one of ${count} grants on the key`, many)]
}

/** So many keys, of which requests use ten in turn. */
export async function makeKeyCases(root: Client, server: Running, count: number): Promise<Case> {
  const arns: string[] = []
  await atOnce(root, count, async (connection) => {
    const made = await callBy<Made>(connection, root, { operation: 'CreateKey', document: {} })
    arns.push(made.KeyMetadata.Arn)
  })
  const step = Math.max(1, Math.floor(count / 10))
  const used = arns.filter((_, index) => index % step === 0).slice(0, 10)
  return { name: `${count} keys`, client: root, server, documents: used.map(encrypt) }
}

/** Does something so many times, 64 at once, so that they share commits. */
async function atOnce(
  client: Client,
  count: number,
  work: (connection: Connection, index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0
  const worker = async () => {
    const connection = await connectionTo(client)
    while (next < count) await work(connection, next++)
    connection.close()
  }
  await Promise.all(Array.from({ length: 64 }, worker))
}

function iamOf({ host, region, accessKeyId, secretAccessKey }: Client): IAM {
  const credentials = { accessKeyId, secretAccessKey }
  return new IAM({ endpoint: `http://${host}`, region, credentials })
}

async function makeUser(iam: IAM, root: Client, UserName: string): Promise<Client> {
  await iam.createUser({ UserName })
  const { AccessKey } = await iam.createAccessKey({ UserName })
  const { AccessKeyId = '', SecretAccessKey = '' } = AccessKey ?? {}
  return { ...root, accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey }
}
