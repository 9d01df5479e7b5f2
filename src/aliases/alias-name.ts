/**
 * The rules of alias names beyond the model's pattern (API Reference, CreateAlias), checked before any key is looked up.
 */
import { notAuthorized, validation } from '../api/errors.ts'

/** Throws unless a customer may create, change or delete an alias of this name. */
export function checkAliasName(name: string): void {
  if (!name.startsWith('alias/')) {
    throw validation(
      'Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html',
    )
  }
  if (name === 'alias/') throw validation('Invalid identifier')
  if (name.includes(':')) throw validation(`${name} contains invalid characters for an alias`)
  // AWS sends no text for the aliases that it keeps for its own keys.
  if (name.startsWith('alias/aws/')) throw notAuthorized()
}
