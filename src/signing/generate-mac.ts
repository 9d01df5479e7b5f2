import type { Operation } from '../operation.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateMac.html */
export const generateMac: Operation<'GenerateMac'> = async (request, call) => {
  const key = await call.useKey(request.KeyId, {
    action: 'kms:GenerateMac',
    operation: 'GenerateMac',
    usage: 'GENERATE_VERIFY_MAC',
    algorithm: request.MacAlgorithm,
    grantTokens: request.GrantTokens,
    dryRun: request.DryRun,
  })
  return {
    Mac: await key.mac(request.MacAlgorithm, request.Message),
    MacAlgorithm: request.MacAlgorithm,
    KeyId: key.arn,
  }
}
