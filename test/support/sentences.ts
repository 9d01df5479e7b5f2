/**
 * AWS's sentences, as the facts have them: what many operations say alike.
 */

/** The framework's sentence about one constraint, or several. */
export function violated(...entries: readonly string[]): string {
  const errors = entries.length === 1 ? 'error' : 'errors'
  const all = entries.map(
    (entry) => `Value ${entry.replace(': ', ' failed to satisfy constraint: Member must ')}`,
  )
  return `${entries.length} validation ${errors} detected: ${all.join('; ')}`
}

/** An empty key id breaks two constraints, in this order. */
export function emptyKeyId(member: string): string {
  return violated(
    `'' at '${member}': have length greater than or equal to 1`,
    String.raw`'' at '${member}': satisfy regular expression pattern: ^\p{ASCII}+$`,
  )
}

/** The values that an encryption algorithm may have, in the order in which AWS prints them. */
export const encryptionAlgorithms =
  '[RSAES_OAEP_SHA_1, RSAES_OAEP_SHA_256, SM2PKE, SYMMETRIC_DEFAULT]'

/** The values that AWS prints for a data key's spec, none of which it takes. */
export const dataKeySpecs =
  '[RSA_2048, RSA_3072, RSA_4096, ECC_NIST_P256, ECC_NIST_P384, ECC_NIST_P521, ECC_SECG_P256K1, ECC_NIST_EDWARDS25519, SYMMETRIC_DEFAULT, HMAC_224, HMAC_256, HMAC_384, HMAC_512, SM2, ML_DSA_44, ML_DSA_65, ML_DSA_87]'

/** The refusal of a resource of another account, whether or not there is one. */
export function deniedAcrossAccounts(account: string, action: string): string {
  return `User: arn:aws:iam::${account}:root is not authorized to perform: ${action} on this resource because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`
}

/** The refusal of a ciphertext whose key is not for the caller. */
export function deniedCiphertext(account: string, action: string): string {
  return `User: arn:aws:iam::${account}:root is not authorized to perform: ${action} on the resource associated with this ciphertext because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`
}

/** The blob names another key than the request. */
export const incorrectKey =
  'The key ID in the request does not identify a CMK that can perform this operation.'

/** Every check passed. */
export const dryRun = 'The request would have succeeded, but the DryRun option is set.'

/** Neither or both of KeySpec and NumberOfBytes. */
export const eitherLength = 'Please specify either number of bytes or key spec.'
