/**
 * Two nodes behind one address answer as one: some of the operations' own tests, run against them. `NODES=2 npm test --
 * test/operations` runs all.
 */
process.env['NODES'] = '2'

await import('../operations/create-alias.test.ts')
await import('../operations/create-grant.test.ts')
await import('../operations/decrypt.test.ts')
await import('../operations/disable-key.test.ts')
await import('../operations/list-keys.test.ts')
await import('../operations/retire-grant.test.ts')
await import('../operations/put-key-policy.test.ts')
await import('../operations/tag-resource.test.ts')
