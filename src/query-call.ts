/**
 * One call of IAM or STS, from the moment it is known what is asked until its answer may leave. It hands an action what it
 * may touch, and keeps the record of what the action did.
 */
import type { Judgement } from './access/authorize.ts'
import { partitionOf } from './api/arn.ts'
import type { TlsFacts } from './audit/event.ts'
import { queryEventText } from './audit/query-event.ts'
import type { UserIdentity } from './audit/user-identity.ts'
import { uuid } from './crypto/random.ts'
import { putEvent } from './database/audit.ts'
import type { Reader, Writer } from './database/database.ts'
import type { IdentityDirectory } from './identities/identity-directory.ts'
import type { Principal } from './identities/principal.ts'
import type { QueryCall, QueryService, UnsignedQueryCall } from './server/query-action.ts'
import type { QueryParams } from './server/query-params.ts'
import type { XmlStructure } from './server/xml.ts'
import type { Service } from './service.ts'

/** What the server knows of a call before it runs. */
export interface QueryArrival {
  readonly requestId: string
  readonly now: number
  readonly query: QueryService
  /** The action as the caller spelt it. */
  readonly action: string
  readonly readOnly: boolean
  readonly params: QueryParams
  /** Of the credential scope; us-east-1 where there is none. */
  readonly region: string
  readonly sourceIp: string
  readonly userAgent: string | undefined
  readonly referer: string | undefined
  readonly host: string | undefined
  readonly secureTransport: boolean
  readonly tls?: TlsFacts | undefined
}

/** Who is behind a call, for the record. */
interface Recorded {
  readonly identity: UserIdentity
  readonly account: string
}

/** How a call ended. */
interface Outcome {
  readonly response?: XmlStructure | undefined
  readonly error?: { readonly code: string; readonly text: string | undefined }
}

/** A call without a signature under way. */
export class UnsignedQuery implements UnsignedQueryCall {
  readonly eventId = uuid()
  readonly partition: string
  readonly service: Service
  readonly #arrival: QueryArrival
  readonly #judgements: Judgement[] = []
  readonly #resources: { arn: string; accountId: string; type: string }[] = []
  #who: Recorded | undefined
  /** The other account in whose record the call stands, and the name that both records give it. */
  #shared: { readonly account: string; readonly id: string } | undefined
  /** The event of a change, once it has been put into the change's transaction. */
  #committed: string | undefined

  constructor(service: Service, arrival: QueryArrival, who?: Recorded) {
    this.service = service
    this.partition = partitionOf(arrival.region)
    this.#arrival = arrival
    this.#who = who
  }

  get requestId(): string {
    return this.#arrival.requestId
  }
  get now(): number {
    return this.#arrival.now
  }
  get region(): string {
    return this.#arrival.region
  }
  get http(): UnsignedQueryCall['http'] {
    const { sourceIp, userAgent, referer, secureTransport } = this.#arrival
    return { sourceIp, userAgent, referer, secureTransport }
  }
  get read(): Reader {
    return this.service.database.read
  }
  get identities(): IdentityDirectory {
    return this.service.identities
  }
  get query(): QueryService {
    return this.#arrival.query
  }

  write(
    work: (transaction: Writer) => Promise<XmlStructure | undefined>,
  ): Promise<XmlStructure | undefined> {
    this.service.audit.requireWritable()
    return this.service.database.write(async (transaction) => {
      const response = await work(transaction)
      const text = this.#event({ response })
      if (text !== undefined) {
        await putEvent(transaction, { eventId: this.eventId, time: this.now, text })
      }
      this.#committed = text
      return response
    })
  }

  judged(judgement: Judgement): void {
    this.#judgements.push(judgement)
  }

  identified(identity: UserIdentity, account: string): void {
    this.#who = { identity, account }
  }

  note(resource: {
    readonly arn: string
    readonly accountId: string
    readonly type: string
  }): void {
    this.#resources.push(resource)
  }

  share(account: string): void {
    this.#shared = { account, id: uuid() }
  }

  /** Records that the call succeeded. When this resolves, the answer may leave. */
  async succeeded(response: XmlStructure | undefined): Promise<void> {
    this.#keepDecisions()
    if (this.#committed === undefined) {
      await this.#append(this.#event({ response }), false)
      if (this.#shared !== undefined) await this.#appendShared({ response }, this.#shared.account)
      return
    }
    // The event stands in the database already: a file that cannot be written holds nothing back.
    await this.#append(this.#committed, true).catch(this.service.report)
  }

  /** Records that the call failed. When this resolves, the answer may leave. */
  async failed(error: { readonly code: string; readonly text: string | undefined }): Promise<void> {
    this.#keepDecisions()
    if (this.#who === undefined) {
      this.service.unknownCallers.count(error.code, this.#arrival.sourceIp)
      return
    }
    await this.#append(this.#event({ error }), false)
  }

  #keepDecisions(): void {
    if (this.#who === undefined) return
    const { requestId, now: time, action: operation, region } = this.#arrival
    const { identity } = this.#who
    const judgements = this.#judgements
    this.service.decisions.keep({ requestId, time, operation, region, identity, judgements })
  }

  async #append(text: string | undefined, change: boolean): Promise<void> {
    if (text === undefined) return
    await this.service.audit.append({ eventId: this.eventId, text, change })
  }

  /** The event as the other account sees it: of the caller it learns the unique id and the account. */
  async #appendShared(outcome: Outcome, account: string): Promise<void> {
    const caller = this.#who?.identity
    const identity: UserIdentity = {
      type: 'AWSAccount',
      principalId: caller?.principalId,
      accountId: caller?.accountId,
    }
    const eventId = uuid()
    const text = this.#event(outcome, { eventId, who: { identity, account } })
    if (text !== undefined) await this.service.audit.append({ eventId, text, change: false })
  }

  /** The event; undefined when nobody is known who could have called. */
  #event(
    outcome: Outcome,
    { eventId, who }: { readonly eventId: string; readonly who: Recorded | undefined } = {
      eventId: this.eventId,
      who: this.#who,
    },
  ): string | undefined {
    if (who === undefined) return undefined
    const { query, action, readOnly, params, region, sourceIp, userAgent, host, tls } =
      this.#arrival
    const facts = {
      eventId,
      requestId: this.requestId,
      time: this.now,
      operation: action,
      // IAM is global, and its events are where AWS keeps it.
      region: query === 'iam' ? globalRegion(this.partition, region) : region,
      sourceIp,
      userAgent,
      identity: who.identity,
      recipientAccountId: who.account,
      host,
      tls,
      sharedEventId: this.#shared?.id,
    }
    return queryEventText(facts, {
      service: query,
      readOnly,
      request: params.seen,
      response: outcome.response,
      error: outcome.error,
      resources: this.#resources,
    })
  }
}

/** A signed call under way. */
export class SignedQuery extends UnsignedQuery implements QueryCall {
  readonly caller: Principal

  constructor(service: Service, arrival: QueryArrival, caller: Principal) {
    super(service, arrival, { identity: caller.identity, account: caller.account })
    this.caller = caller
  }

  get account(): string {
    return this.caller.account
  }
}

function globalRegion(partition: string, region: string): string {
  return (
    { aws: 'us-east-1', 'aws-cn': 'cn-north-1', 'aws-us-gov': 'us-gov-west-1' }[partition] ?? region
  )
}
