/** The key of Signature Version 4: good for one secret, one day, one region and one service. */
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'

/**
 * Derives the signing key: HMAC-SHA256 from `AWS4` + secret over date (yyyymmdd), region, service and `aws4_request`
 * (AWS, "Create a signed AWS API request", step 4). The result is as secret, for its day, as the secret itself.
 */
export function deriveSigningKey(
  secretAccessKey: string,
  ...scope: readonly [date: string, region: string, service: string]
): KeyObject {
  let key = Buffer.from(`AWS4${secretAccessKey}`, 'utf8')
  for (const element of [...scope, 'aws4_request']) {
    const next = createHmac('sha256', key).update(element).digest()
    key.fill(0)
    key = next
  }
  const signingKey = createSecretKey(key)
  key.fill(0)
  return signingKey
}
