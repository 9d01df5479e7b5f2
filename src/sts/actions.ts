/**
 * The actions of STS.
 */
import type { QueryAction } from '../server/query-action.ts'

/** The table of STS's actions. */
export const stsActions: ReadonlyMap<string, QueryAction> = new Map<string, QueryAction>([])
