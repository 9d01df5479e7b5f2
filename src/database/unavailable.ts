/**
 * What can be wrong with a database that stands elsewhere. Callers are told of either as of a timeout.
 */

/** No answer from the database in time, or none that can be relied on. Nothing was changed. */
export class Unavailable extends Error {}

/** A change that may or may not have been made. */
export class OutcomeUnknown extends Error {}
