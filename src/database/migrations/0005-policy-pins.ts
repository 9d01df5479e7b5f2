/**
 * The unique ids of the users and roles that a key policy names: a JSON list of ARNs and ids. A policy without one is from
 * before there were users and roles.
 */
import type { Migration } from '../migrate.ts'

export const policyPins: Migration = {
  name: '0005-policy-pins',
  statements: () => [`ALTER TABLE key_policies ADD COLUMN pins TEXT`],
}
