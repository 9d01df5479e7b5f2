/**
 * What the cases of sessions have in common: kinds of sessions, and one that asks to encrypt.
 */
import { type Case, type CaseKey, may, type PersonSpec, type Why } from './case.ts'

/** A session of a role. */
export const role = { kind: 'role' } as const
/** The same, of a role that may everything. */
export const able = { kind: 'role', identity: [may()] } as const
/** A session policy of something else than what is asked. */
export const decrypting = { policy: [may('kms:Decrypt')] }

/** A session asks to encrypt under a key. */
export const asks = (
  name: string,
  { me, key }: { readonly me: PersonSpec; readonly key?: CaseKey },
  expect: 'served' | Why,
): Case => ({
  name,
  me,
  others: { bob: {}, twin: role },
  ...(key && { key }),
  call: ['Encrypt'],
  expect,
})

/** A session of a user of its own. */
export const user = { kind: 'session' } as const
/** A federated user. */
export const federated = { kind: 'federated' } as const
/** A session policy that limits nothing. */
export const whole = { policy: [may()] }
/** A session of a role by a web identity token. */
export const web = { kind: 'web' } as const
/** Another session of the caller's role. */
export const elsewhere = 'arn:aws:sts::<home>:assumed-role/<me.name>/two'
