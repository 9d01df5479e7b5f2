/**
 * Multi-factor devices: Trent knows of none, so that no code of any is right.
 */
import { accessDenied } from '../server/query-error.ts'

/** Throws AccessDenied for a request that brings a code, or one half of what belongs together. */
export function refuseMfa(given: {
  readonly SerialNumber: string | undefined
  readonly TokenCode: string | undefined
}): void {
  const { SerialNumber, TokenCode } = given
  if (SerialNumber === undefined && TokenCode === undefined) return
  if (SerialNumber === undefined || TokenCode === undefined) {
    throw accessDenied(
      'MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code. ',
    )
  }
  throw accessDenied(
    'MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user. ',
  )
}
