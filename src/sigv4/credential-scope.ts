/** The Credential of a signature, `id/date/region/service/aws4_request`: steps 12 and 13 of AWS's order of checks. */
import { incompleteSignature, invalidSignature } from '../api/errors.ts'
import { rememberLast } from '../remember-last.ts'
import { shorten } from './echo.ts'
import type { RequestTime } from './request-time.ts'

/** A Credential whose scope is right for this endpoint; the access key id may be anyone's. */
export interface Credential {
  readonly accessKeyId: string
  /** yyyymmdd. */
  readonly date: string
  readonly region: string
  readonly service: string
}

/** What the scope has to be. */
export interface ExpectedScope {
  readonly service: string
  readonly regions: ReadonlySet<string>
  readonly time: RequestTime
}

/**
 * Takes a Credential apart. Throws IncompleteSignatureException unless it has five elements, InvalidSignatureException,
 * naming everything that is wrong at once, for a scope of another region, service, terminator or day.
 */
export function readCredential(text: string, expected: ExpectedScope): Credential {
  const credential = takeApart(text)
  const problems = findProblems(credential, expected)
  if (problems !== '') throw invalidSignature(problems)
  return credential
}

interface Elements extends Credential {
  readonly terminator: string
}

/** The last text is not taken apart again: the requests of a client all have the same. */
const takeApart = rememberLast((text: string): Elements => {
  const elements = text.split('/', 6)
  const [accessKeyId, date, region, service, terminator] = elements
  if (
    elements.length !== 5 ||
    accessKeyId === undefined ||
    date === undefined ||
    region === undefined ||
    service === undefined ||
    terminator === undefined
  ) {
    throw incompleteSignature(
      `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${shorten(text)}'`,
    )
  }
  return { accessKeyId, date, region, service, terminator }
})

// Each sentence but the last keeps AWS's trailing space, also where it stands alone.
function findProblems(
  { date, region, service, terminator }: Elements,
  expected: ExpectedScope,
): string {
  let problems = ''
  if (!expected.regions.has(region)) {
    problems += `Credential should be scoped to a valid region, not '${shorten(region)}'. `
  }
  if (service !== expected.service) {
    problems += `Credential should be scoped to correct service: '${expected.service}'. `
  }
  if (terminator !== 'aws4_request') {
    problems += `Credential should be scoped with a valid terminator: 'aws4_request', not '${shorten(terminator)}'. `
  }
  const { basic } = expected.time
  if (!basic.startsWith(date) || date.length !== 8) {
    problems += `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${shorten(date)}' != '${basic.slice(0, 8)}', from '${basic}'.`
  }
  return problems
}
