/**
 * The pipeline, the same for every operation: authenticate, parse, check, run, record, answer. Read this first.
 */
import { dependencyTimeout, unknownOperation, unsupportedOperation } from '../api/errors.ts'
import { check, parseDocument } from '../api/check.ts'
import type { OperationName, Response } from '../api/types.ts'
import type { TlsFacts } from '../audit/event.ts'
import { type Arrival, ServedCall } from '../call.ts'
import { uuid } from '../crypto/random.ts'
import { type Authenticated, authenticate } from '../identities/authenticate.ts'
import { operations, unbuiltMembers } from '../operations.ts'
import type { Service } from '../service.ts'
import { goOn, type Soon } from '../soon.ts'
import type { SignedRequest } from '../sigv4/signed-request.ts'
import { type Answer, asKmsError, failure, success } from './answer.ts'
import { handleQuery, isQuery } from './query.ts'

/** A request, read whole. */
export interface HttpRequest extends SignedRequest {
  readonly target: string | undefined
  readonly contentType: string | undefined
  readonly userAgent: string | undefined
  readonly referer: string | undefined
  readonly host: string | undefined
  readonly sourceIp: string
  /** Whether it came over TLS. */
  readonly secureTransport: boolean
  readonly tls: TlsFacts | undefined
}

/** The targets of the operations, and their actions. */
export const kmsOperations: ReadonlyMap<string, string> = new Map(
  Object.keys(operations).map((name) => [`TrentService.${name}`, `kms:${name}`]),
)

const namesByTarget: ReadonlyMap<string, OperationName> = new Map(
  (Object.keys(operations) as OperationName[]).map((name) => [`TrentService.${name}`, name]),
)

/** Five minutes: how far a KMS request's time may be from the service's, in milliseconds. */
const clockSkew = 300_000

/** Serves one request. It never throws: whatever goes wrong is an answer. */
export async function handle(http: HttpRequest, service: Service): Promise<Answer> {
  if (isQuery(http)) return handleQuery(http, service)
  const requestId = uuid()
  const identified = identify(http, service, requestId)
  const call = identified instanceof Promise ? await identified : identified
  let answer: Answer
  if (call instanceof ServedCall) {
    try {
      const name = operationName(http, call)
      const ran = run(name, parseDocument(http.body), call)
      const response = (ran instanceof Promise ? await ran : ran) ?? undefined
      await call.succeeded(name, response)
      answer = success(requestId, response)
    } catch (error) {
      answer = await refuse(error, call, service)
    }
  } else {
    answer = call
  }
  // What the call knew may have been overtaken while it ran, where nobody could tell this process.
  return service.database.fresh ? answer : failure(requestId, dependencyTimeout())
}

/** Whose call is it? A request without a verified signature is counted, refused and not served. */
function identify(
  http: HttpRequest,
  service: Service,
  requestId: string,
): Soon<ServedCall | Answer> {
  const now = service.clock.now()
  const refuseUnknown = (error: unknown): Answer => {
    const shown = asKmsError(error)
    if (shown !== error)
      service.report(error, `request ${requestId} failed before it was identified`)
    service.unknownCallers.count(shown.code, http.sourceIp)
    return failure(requestId, shown)
  }
  try {
    const expected = { service: 'kms', regions: service.regions, now, skew: clockSkew } as const
    const refreshed: Soon<void> = service.database.refresh()
    const identified = goOn(refreshed, () =>
      goOn(
        authenticate(http, expected, service),
        (who) => new ServedCall(service, arrivalOf(http, who, { requestId, now })),
      ),
    )
    return identified instanceof Promise ? identified.catch(refuseUnknown) : identified
  } catch (error) {
    return refuseUnknown(error)
  }
}

/** How the request came in, as the record and condition keys tell it. */
const arrivalOf = (
  { sourceIp, userAgent, referer, host, secureTransport, tls }: HttpRequest,
  { caller, region }: Authenticated,
  { requestId, now }: { readonly requestId: string; readonly now: number },
): Arrival => ({
  requestId,
  now,
  caller,
  region,
  sourceIp,
  userAgent,
  referer,
  host,
  secureTransport,
  tls,
})

/** The operation of `X-Amz-Target: TrentService.<Operation>`, by POST to `/`. */
function operationName(http: HttpRequest, call: ServedCall): OperationName {
  const { target = '' } = http
  const name = namesByTarget.get(target)
  call.named(name ?? target.split('.', 2)[1] ?? '')
  if (name === undefined || http.method !== 'POST' || http.path !== '/') throw unknownOperation()
  return name
}

function run<Name extends OperationName>(
  name: Name,
  document: unknown,
  call: ServedCall,
): Soon<Response<Name>> {
  call.charge(name, document)
  const request = check(name, document)
  call.asked(name, request)
  const unbuilt = unbuiltMembers[name]?.find((member) => Object.hasOwn(request, member))
  if (unbuilt !== undefined) throw unsupportedOperation(`${unbuilt} is not built yet.`)
  return operations[name](request, call)
}

/** The only place where the error of a call becomes its answer; it is recorded first. */
async function refuse(error: unknown, call: ServedCall, service: Service): Promise<Answer> {
  const shown = asKmsError(error)
  if (shown !== error) service.report(error, `request ${call.requestId} failed`)
  try {
    await call.failed(shown)
    return failure(call.requestId, shown)
  } catch (unrecorded) {
    service.report(unrecorded, `request ${call.requestId} could not be recorded`)
    return failure(call.requestId, asKmsError(undefined))
  }
}
