/**
 * How long sessions last, in seconds (IAM User Guide, "Temporary security credentials").
 */
import type { Principal } from '../identities/principal.ts'
import { validationError } from '../server/query-error.ts'

const hour = 3600

/** How long a role's session lasts. Throws ValidationError for longer than the role allows, or than a chain of roles may. */
export function roleSeconds(
  asked: number = hour,
  { maximum = hour, chained }: { readonly maximum: number | undefined; readonly chained: boolean },
): number {
  if (chained && asked > hour) {
    throw validationError(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    )
  }
  if (asked > maximum) {
    throw validationError(
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    )
  }
  return asked
}

/** How long a session of a user lasts, or of somebody for whom a user vouches: twelve hours, one for the root user's. */
export function userSeconds({ type }: Principal, asked: number | undefined): number {
  return type === 'Root' ? Math.min(asked ?? hour, hour) : (asked ?? 12 * hour)
}
