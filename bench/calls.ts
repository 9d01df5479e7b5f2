/** Single calls of KMS, for what has to be there before something is measured, and for checking what came of it. */
import { Connection } from './connection.ts'
import { type Client, signedRequest } from './sign.ts'

/** Calls an operation; throws unless it succeeds. */
export async function call<Response extends object>(
  client: Client,
  operation: string,
  document: object,
): Promise<Response> {
  const connection = await Connection.open(client)
  try {
    return await callBy<Response>(connection, client, { operation, document })
  } finally {
    connection.close()
  }
}

/** The same by a connection that is there: whoever makes a new one each time runs out of ports. */
export async function callBy<Response extends object>(
  connection: Connection,
  client: Client,
  { operation, document }: { readonly operation: string; readonly document: object },
): Promise<Response> {
  const answer = await connection.ask(signedRequest(client, operation, document))
  if (answer.status !== 200) {
    throw new Error(`${operation}: ${answer.status} ${answer.body.toString()}`)
  }
  return JSON.parse(answer.body.toString()) as Response
}

/** Makes a symmetric key, and answers its ARN. */
export async function createKey(client: Client, document: object = {}): Promise<string> {
  const made = await call<{ readonly KeyMetadata: { readonly Arn: string } }>(
    client,
    'CreateKey',
    document,
  )
  return made.KeyMetadata.Arn
}
