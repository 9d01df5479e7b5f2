/**
 * The pipeline of AWS's Query protocol, for IAM and STS: parse, authenticate, run, record, answer. What tells these
 * requests from those of KMS is that they have no X-Amz-Target and are a form, or name an Action in their URL.
 */
import { uuid } from '../crypto/random.ts'
import { iamActions } from '../iam/actions.ts'
import { authenticate } from '../identities/authenticate.ts'
import { mayCallIam } from '../identities/principal.ts'
import { type QueryArrival, SignedQuery, UnsignedQuery } from '../query-call.ts'
import type { Service } from '../service.ts'
import { stsActions } from '../sts/actions.ts'
import type { Answer } from './answer.ts'
import type { HttpRequest } from './handle.ts'
import type { QueryAction, QueryService } from './query-action.ts'
import { queryAnswer, queryFault, type QueryForm, wantsJson, xmlAnswer } from './query-answer.ts'
import {
  asQueryError,
  invalidAction,
  invalidClientTokenId,
  missingAction,
  QueryError,
  serviceUnavailable,
  throttling,
} from './query-error.ts'
import { parsePairs, QueryParams } from './query-params.ts'
import type { XmlStructure } from './xml.ts'

/** What the two services differ in. */
interface Protocol {
  readonly version: string
  readonly namespace: string
  readonly actions: ReadonlyMap<string, QueryAction>
}

const protocols: Readonly<Record<QueryService, Protocol>> = {
  iam: {
    version: '2010-05-08',
    namespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
    actions: iamActions,
  },
  sts: {
    version: '2011-06-15',
    namespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    actions: stsActions,
  },
}

/** The namespace of errors that belong to neither service. */
const faultNamespace = 'http://webservices.amazon.com/AWSFault/2005-15-09'

/** Fifteen minutes: how far the time of a request may be from the service's, in milliseconds. */
const clockSkew = 900_000

/**
 * Whether a request is one of the Query protocol. A POST without a body may have its parameters in the URL as a GET has:
 * so Google's clients sign GetCallerIdentity, for others to send.
 */
export function isQuery(http: HttpRequest): boolean {
  if (http.target !== undefined) return false
  const bare = http.method === 'GET' || (http.method === 'POST' && http.body.length === 0)
  if (bare && /(?:^|&)Action=/.test(http.query)) return true
  if (http.method === 'GET') return false
  return /^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(http.contentType ?? '')
}

/** What is asked of which service. */
interface Asked {
  readonly query: QueryService
  readonly name: string
  /** Undefined for an action that the service does not have. */
  readonly action: QueryAction | undefined
  readonly params: QueryParams
}

/** Serves one request. It never throws: whatever goes wrong is an answer. */
export async function handleQuery(http: HttpRequest, service: Service): Promise<Answer> {
  const requestId = uuid()
  if (http.path !== '/') return xmlAnswer(404, requestId, '<UnknownOperationException/>')
  let form: QueryForm = { requestId, namespace: faultNamespace, json: false }
  let counted: string | undefined
  try {
    const asked = readAsked(http)
    const { namespace } = protocols[asked.query]
    form = { requestId, namespace, json: wantsJson(http, asked.query, asked.name) }
    counted = countedAs(asked)
    const call = await identify({ http, requestId, asked }, service)
    const answer = await serve(call, { form, asked }, service)
    if (service.database.fresh) return { ...answer, operation: counted }
    return { ...queryFault(serviceUnavailable(), form), operation: counted }
  } catch (error) {
    // Nobody is known to have called: such requests are counted and not recorded.
    const shown = asQueryError(error)
    if (shown.status >= 500) service.report(error, `request ${requestId} failed before it ran`)
    service.unknownCallers.count(shown.code, http.sourceIp)
    const answer = queryFault(shown, form)
    return { ...answer, operation: counted ?? 'unknown' }
  }
}

const countedAs = ({ action, query, name }: Asked): string =>
  action === undefined ? 'unknown' : `${query}:${name}`

/** The service of the request's Version, and its Action. */
function readAsked(http: HttpRequest): Asked {
  const form = http.method === 'POST' ? Buffer.from(http.body).toString('latin1') : ''
  const pairs = parsePairs(http.query, form)
  const name = pairs.get('Action')
  if (name === undefined) throw missingAction('Missing Action')
  const version = pairs.get('Version')
  const query = services.find((each) => protocols[each].version === version)
  if (query === undefined) throw unknownAction(name, version)
  return { query, name, action: protocols[query].actions.get(name), params: new QueryParams(pairs) }
}

const services = ['iam', 'sts'] as const

const unknownAction = (name: string, version = 'NO_VERSION_SPECIFIED') =>
  invalidAction(`Could not find operation ${name} for version ${version}`)

/** Whose call is it? Throws for a request that needs a signature and has none that holds. */
async function identify(
  request: { readonly http: HttpRequest; readonly requestId: string; readonly asked: Asked },
  service: Service,
): Promise<UnsignedQuery> {
  const { http, requestId, asked } = request
  const { query, name, action, params } = asked
  const now = service.clock.now()
  const refreshed = service.database.refresh()
  if (refreshed !== undefined) await refreshed
  const arrival: Omit<QueryArrival, 'region'> = {
    requestId,
    now,
    query,
    action: name,
    readOnly: action?.readOnly ?? false,
    params,
    sourceIp: http.sourceIp,
    userAgent: http.userAgent,
    referer: http.referer,
    host: http.host,
    secureTransport: http.secureTransport,
    tls: http.tls,
  }
  if (action?.signed === false) {
    return new UnsignedQuery(service, { ...arrival, region: unsignedRegion(service) })
  }
  const regions =
    query === 'iam' ? new Set([...service.regions, ...globalRegions]) : service.regions
  const expected = { service: query, regions, now, skew: clockSkew }
  const { caller, region } = await authenticate(http, expected, service)
  const at = region === 'aws-global' ? usEast1 : region
  return new SignedQuery(service, { ...arrival, region: at }, caller)
}

/** A request without a scope names no region; the one that is taken tells its partition. */
function unsignedRegion({ regions }: Service): string {
  const [first = usEast1] = regions
  return regions.has(usEast1) ? usEast1 : first
}

const usEast1 = 'us-east-1'
/** IAM is global: clients sign for the region that they know it in, or for the one that they are configured for. */
const globalRegions = [usEast1, 'aws-global']

async function serve(
  call: UnsignedQuery,
  { form, asked }: { readonly form: QueryForm; readonly asked: Asked },
  service: Service,
): Promise<Answer> {
  const { requestId } = form
  try {
    const response = await run(asked, call)
    await call.succeeded(response)
    return queryAnswer(asked.name, response, form)
  } catch (error) {
    const shown = asQueryError(error)
    if (shown.status >= 500) service.report(error, `request ${requestId} failed`)
    const at = asked.action === undefined ? { ...form, namespace: faultNamespace } : form
    try {
      await call.failed(shown)
      return queryFault(shown, at)
    } catch (unrecorded) {
      service.report(unrecorded, `request ${requestId} could not be recorded`)
      return queryFault(asQueryError(undefined), at)
    }
  }
}

function run(
  { action, name, query, params }: Asked,
  call: UnsignedQuery,
): Promise<XmlStructure | undefined> {
  if (action === undefined) throw unknownAction(name, protocols[query].version)
  if (!action.signed) return action.run(params, call)
  if (call instanceof SignedQuery) {
    const { throttle } = call.service
    if (!throttle.take(call, [{ group: query, count: 1 }])) throw throttling('Rate exceeded')
    if (query === 'iam' && !mayCallIam(call.caller)) throw noIamToken()
    return action.run(params, call)
  }
  throw new QueryError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403)
}

const noIamToken = () =>
  invalidClientTokenId('The security token included in the request is invalid')
