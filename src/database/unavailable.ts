/**
 * What can be wrong with a database that stands elsewhere. Callers are told of either as of a timeout.
 */

/** No answer from the database in time, or none that can be relied on. Nothing was changed. */
export class Unavailable extends Error {}

/** The database answers, and this node does not hold the root key that it was changed to. */
export class RootKeyLacking extends Unavailable {}

/** A change that may or may not have been made. */
export class OutcomeUnknown extends Error {}
