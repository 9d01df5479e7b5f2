/**
 * The tests of AliasName, which CreateAlias, UpdateAlias and DeleteAlias share: it is a name and never an ARN, and what is
 * wrong with it is said before any key is looked up.
 */
import { test } from 'node:test'
import { arnOf } from './made-keys.ts'
import { violated } from './sentences.ts'
import { refused, type Started } from './service.ts'

/** An operation whose request names an alias; `send` gives it a TargetKeyId, if any, that names nothing. */
export interface AliasNameMember {
  readonly trent: Started
  readonly operation: string
  readonly send: (aliasName: string | undefined) => Promise<unknown>
}

/** What is wrong with an alias's name. */
export function testAliasName({ trent, operation, send }: AliasNameMember): void {
  const wrong = (name: string | undefined, text: string) =>
    refused(send(name), 'ValidationException', text)
  const pattern = 'satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$'

  test(`${operation}: a missing aliasName is a ValidationException`, () =>
    wrong(undefined, violated("null at 'aliasName': not be null")))

  test(`${operation}: an empty aliasName is too short, and then not of the pattern`, () =>
    wrong(
      '',
      violated(
        "'' at 'aliasName': have length greater than or equal to 1",
        `'' at 'aliasName': ${pattern}`,
      ),
    ))

  test(`${operation}: an aliasName of 257 characters is too long`, () => {
    const long = `alias/${'a'.repeat(251)}`
    return wrong(long, violated(`'${long}' at 'aliasName': have length less than or equal to 256`))
  })

  test(`${operation}: an aliasName with other characters is not of the pattern`, async () => {
    for (const name of [
      'alias/my-alias!',
      'alias/my-alias$',
      'alias/my-alias@',
      'alias/a b',
      'alias/ä',
    ]) {
      await wrong(name, violated(`'${name}' at 'aliasName': ${pattern}`))
    }
  })

  test(`${operation}: an aliasName begins with alias/, and is no ARN`, async () => {
    for (const name of ['my-alias', 'alias', 'Alias/name', arnOf(trent.accountId, 'alias/name')]) {
      await wrong(
        name,
        'Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html',
      )
    }
  })

  test(`${operation}: alias/ alone is an invalid identifier`, () =>
    wrong('alias/', 'Invalid identifier'))

  test(`${operation}: a colon passes the pattern and is refused behind alias/`, () =>
    wrong('alias/my:alias', 'alias/my:alias contains invalid characters for an alias'))

  test(`${operation}: alias/aws/ is AWS's own: NotAuthorizedException, without a text`, async () => {
    for (const name of ['alias/aws/s3', 'alias/aws/mine']) {
      await refused(send(name), 'NotAuthorizedException', undefined)
    }
  })
}
