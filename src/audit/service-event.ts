/**
 * Events that no caller made: AWS's own, which the background jobs write, and the marks that the record leaves in
 * itself.
 */
import { isoTime } from '../clock.ts'

/** What KMS does by itself and records. */
export type ServiceEventName =
  | 'DeleteKey'
  | 'RotateKey'
  | 'DeleteExpiredKeyMaterial'
  | 'SynchronizeMultiRegionKey'

/** One such act. */
export interface ServiceEventFacts {
  readonly eventId: string
  /** Milliseconds since 1970. */
  readonly time: number
  readonly name: ServiceEventName
  readonly region: string
  readonly accountId: string
  readonly keyArn: string
  /** Of DeleteKey in a custom key store: customKeyStoreId, clusterId, backingKeys. */
  readonly additional?: Readonly<Record<string, string>> | undefined
}

/** The event of something that KMS did by itself, as one line of JSON. */
export function serviceEventText(facts: ServiceEventFacts): string {
  return JSON.stringify({
    eventVersion: '1.11',
    userIdentity: { accountId: facts.accountId, invokedBy: 'AWS Internal' },
    eventTime: isoTime(facts.time),
    eventSource: 'kms.amazonaws.com',
    eventName: facts.name,
    awsRegion: facts.region,
    sourceIPAddress: 'AWS Internal',
    userAgent: 'AWS Internal',
    requestParameters: null,
    responseElements: null,
    additionalEventData: facts.additional,
    eventID: facts.eventId,
    readOnly: false,
    resources: [{ accountId: facts.accountId, type: 'AWS::KMS::Key', ARN: facts.keyArn }],
    eventType: 'AwsServiceEvent',
    managementEvent: true,
    recipientAccountId: facts.accountId,
    eventCategory: 'Management',
    serviceEventDetails: { keyId: facts.keyArn.slice(facts.keyArn.lastIndexOf('/') + 1) },
  })
}

/** The source of the record's own marks, which no caller can write. */
export const MARK_SOURCE = 'trent.internal'

/** What the record says about itself. */
export type MarkName =
  /** A torn end was cut off and kept in a file beside. */
  | 'AuditLineRecovered'
  /** The signed checkpoint or the database knows of lines that the files lack, or that read otherwise. */
  | 'AuditLinesMissing'
  /** Files older than `keepDays` were deleted. */
  | 'AuditFilesExpired'
  /** Lines were refused because they could not be written; so were their calls. */
  | 'AuditWriteFailed'
  /** Changes of a node that is gone; their events follow, which no record of its own is known to have. */
  | 'AuditEventsTaken'
  /** The next root key of a shared database was made, or named once more. */
  | 'RootKeyPrepared'
  /** The root key was changed; rows are sealed anew under the new one. */
  | 'RootKeyRotated'
  /** The root key before was forgotten. */
  | 'RootKeyRetired'
  /** Everything was written to an encrypted file. */
  | 'BackupMade'
  /** The database is what a backup held; what happened after that is not in it. */
  | 'BackupRestored'

/** A mark. */
export interface Mark {
  readonly eventId: string
  readonly time: number
  readonly name: MarkName
  readonly details: Readonly<Record<string, string | number | readonly string[]>>
}

/** A mark as one line of JSON, in CloudTrail's shape like the rest. */
export function markText(mark: Mark): string {
  return JSON.stringify({
    eventVersion: '1.11',
    userIdentity: { invokedBy: MARK_SOURCE },
    eventTime: isoTime(mark.time),
    eventSource: MARK_SOURCE,
    eventName: mark.name,
    sourceIPAddress: MARK_SOURCE,
    userAgent: MARK_SOURCE,
    requestParameters: null,
    responseElements: null,
    eventID: mark.eventId,
    readOnly: false,
    eventType: 'AwsServiceEvent',
    managementEvent: true,
    eventCategory: 'Management',
    serviceEventDetails: mark.details,
  })
}
