/**
 * For how long whoever opens a shared database waits for it, and what is said meanwhile. It stands apart from the waiting
 * itself, so that nobody loads the driver for it.
 */

/** How a start waits. */
export interface StartWait {
  /** For how long, in milliseconds. */
  readonly patience: number
  /** Called when the waiting begins, with the reason and the seconds that it may take, and when it is over. */
  readonly told: (what: 'waits' | 'answers', reason: string, seconds: number) => void
}

/** How long it usually waits, in milliseconds. */
const usualPatience = 60_000

/** The usual wait; `say` is given sentences, and why it waits. */
export function usualWait(say: (sentence: string, reason?: string) => void): StartWait {
  return {
    patience: usualPatience,
    told: (what, reason, seconds) => {
      if (what === 'answers') say('the database answers now')
      else say(`the database is away: waiting up to ${seconds} seconds for it`, reason)
    },
  }
}
