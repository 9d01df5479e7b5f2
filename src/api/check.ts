/**
 * From the body of a request to a value of its type, in the two phases of AWS's own framework: what
 * cannot be deserialised is a SerializationException, and what can be but violates constraints is one
 * ValidationException that names them all. Neither looks at a key.
 */
import { violations } from './constraints.ts'
import { parseJson, readStructure } from './deserialization.ts'
import { validation } from './errors.ts'
import { planOf } from './plan.ts'
import type { OperationName, Request } from './types.ts'

/** The document of a body, for `check`. It has to be a JSON object in UTF-8; an empty body is `{}`. */
export function parseDocument(body: Uint8Array): unknown {
  return parseJson(body)
}

/**
 * The request that the document is, with its known members only: blobs are bytes, maps are Maps and
 * absent members are absent. Throws SerializationException or ValidationException, nothing else.
 */
export function check<Name extends OperationName>(name: Name, document: unknown): Request<Name> {
  const members = planOf(name)
  const request = readStructure(members, document)
  const entries = violations(members, request)
  if (entries.length > 0) throw validation(sentence(entries))
  const checked: unknown = request
  return checked as Request<Name>
}

function sentence(entries: readonly string[]): string {
  const errors = entries.length === 1 ? 'error' : 'errors'
  return `${entries.length} validation ${errors} detected: ${entries.join('; ')}`
}
