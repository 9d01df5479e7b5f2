/** Users for the cases of access, made through IAM. */
import { IAM } from '@aws-sdk/client-iam'
import type { Client } from './sign.ts'

/** A user with an access key. */
export interface User {
  readonly client: Client
  readonly arn: string
}

/** Makes a user, who may encrypt under any key if a policy of his own is to say so. */
export async function makeUser(root: Client, UserName: string, mayEncrypt: boolean): Promise<User> {
  const { host, region, accessKeyId, secretAccessKey } = root
  const credentials = { accessKeyId, secretAccessKey }
  const iam = new IAM({ endpoint: `http://${host}`, region, credentials })
  const { User: made } = await iam.createUser({ UserName })
  const { AccessKey } = await iam.createAccessKey({ UserName })
  if (mayEncrypt) {
    const Statement = { Effect: 'Allow', Action: ['kms:Encrypt', 'kms:Decrypt'], Resource: '*' }
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement })
    await iam.putUserPolicy({ UserName, PolicyName: 'encrypt', PolicyDocument })
  }
  iam.destroy()
  const { AccessKeyId = '', SecretAccessKey = '' } = AccessKey ?? {}
  return {
    client: { ...root, accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey },
    arn: made?.Arn ?? '',
  }
}
