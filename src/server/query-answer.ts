/**
 * The answers of AWS's Query protocol, as they are written: XML, and JSON for whoever asks STS whose a signature is and
 * wants no XML. Those who are handed a signed request as a proof of identity ask so, such as the authenticator of EKS.
 */
import type { Answer } from './answer.ts'
import type { HttpRequest } from './handle.ts'
import type { QueryError } from './query-error.ts'
import { xmlElement, type XmlStructure } from './xml.ts'

/** The form of an answer, and what each one says of its request. */
export interface QueryForm {
  readonly requestId: string
  readonly namespace: string
  readonly json: boolean
}

/**
 * Whether the answer is to be JSON. AWS writes it for other actions as well; how it writes their times and lists is not
 * known here, so they stay XML.
 */
export function wantsJson(http: HttpRequest, query: string, action: string): boolean {
  return query === 'sts' && action === 'GetCallerIdentity' && accepts(http.headers)
}

/** An Accept header that names this one type, and leaves no choice. */
function accepts(headers: readonly string[]): boolean {
  const at = headers.findIndex((name, i) => i % 2 === 0 && name.toLowerCase() === 'accept')
  return at >= 0 && /^\s*application\/json\s*(?:;[^,]*)?$/i.test(headers[at + 1] ?? '')
}

/** An action with an output always has its Result element, also an empty one; an action without one never has it. */
export function queryAnswer(
  name: string,
  response: XmlStructure | undefined,
  { requestId, namespace, json }: QueryForm,
): Answer {
  const metadata = { RequestId: requestId }
  if (json) {
    const inner = { [`${name}Result`]: sorted(response ?? {}), ResponseMetadata: metadata }
    return jsonAnswer(200, requestId, { [`${name}Response`]: inner })
  }
  const result = response === undefined ? '' : xmlElement(`${name}Result`, response)
  const body = `${result}${xmlElement('ResponseMetadata', metadata)}`
  return xmlAnswer(
    200,
    requestId,
    `<${name}Response xmlns="${namespace}">${body}</${name}Response>`,
  )
}

/** The answer to a call that failed. */
export function queryFault(fault: QueryError, { requestId, namespace, json }: QueryForm): Answer {
  const { status, code } = fault
  const answer = json
    ? jsonAnswer(status, requestId, { Error: sorted(fault.members()), RequestId: requestId })
    : xmlAnswer(status, requestId, fault.xml(namespace, requestId))
  return { ...answer, code }
}

export function xmlAnswer(status: number, requestId: string, body: string): Answer {
  return { status, requestId, body: `${body}\n`, contentType: 'text/xml' }
}

function jsonAnswer(status: number, requestId: string, document: object): Answer {
  return { status, requestId, body: JSON.stringify(document), contentType: 'application/json' }
}

/** In JSON the members come in the order of their names. */
const sorted = (members: XmlStructure): XmlStructure =>
  Object.fromEntries(Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1)))
