/**
 * The record of a call, read from the files that the server writes.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { KMSServiceException } from '@aws-sdk/client-kms'
import { foldersWith } from './round-robin.ts'

/** An event in CloudTrail's shape, as far as tests look at it. */
export interface RecordedEvent {
  readonly eventID: string
  readonly eventName: string
  readonly awsRegion: string
  readonly readOnly: boolean
  readonly userIdentity: Readonly<Record<string, unknown>>
  readonly requestParameters: Readonly<Record<string, unknown>> | null
  readonly responseElements: unknown
  readonly additionalEventData?: Readonly<Record<string, unknown>>
  readonly resources: readonly unknown[]
  readonly errorCode?: string
  readonly errorMessage?: string
  readonly recipientAccountId: string
}

/** The event of an answered call. The line is in the file before the answer leaves. */
export function recordOf(
  { data }: { readonly data: string },
  answer: { readonly $metadata: { readonly requestId?: string | undefined } },
): RecordedEvent {
  const { requestId } = answer.$metadata
  assert.ok(requestId, 'the answer has a request id')
  const lines = recordText(data).split('\n')
  const found = lines.filter((line) => line.includes(`"requestID":"${requestId}"`))
  assert.equal(found.length, 1, 'one event for each call')
  return JSON.parse(found[0] ?? '') as RecordedEvent
}

/** The event of a call that is refused. */
export async function recordOfRefused(
  trent: { readonly data: string },
  call: Promise<unknown>,
): Promise<RecordedEvent> {
  const error: unknown = await call.then(
    () => assert.fail('not refused'),
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof KMSServiceException, String(error))
  return recordOf(trent, error)
}

/** All lines of a data folder's record, and of those of the nodes beside it. */
export function recordText(data: string): string {
  return foldersWith(data)
    .map((each) => join(each, 'audit'))
    .flatMap((folder) =>
      readdirSync(folder)
        .filter((file) => file.endsWith('.jsonl'))
        .map((file) => readFileSync(join(folder, file), 'utf8')),
    )
    .join('')
}

/** How a key stands in an event's resources. */
export function resource(arn: string): { accountId: string; type: string; ARN: string } {
  return { accountId: arn.split(':')[4] ?? '', type: 'AWS::KMS::Key', ARN: arn }
}
