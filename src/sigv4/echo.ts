/** What of a refused request a message may repeat: enough to find the mistake, never a page and never a secret. */

/** Text that is public, cut to a length that a message can bear. */
export function shorten(text: string): string {
  return text.length <= LONGEST_ECHO ? text : `${text.slice(0, LONGEST_ECHO)}...`
}

/** Text that should be a name, hidden where it is long enough to be a signature, a secret or a session token. */
export function hideLong(text: string): string {
  return text.length <= LONGEST_NAME ? text : '***'
}

const LONGEST_ECHO = 1024
const LONGEST_NAME = 32
