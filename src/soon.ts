/**
 * What is there, or comes: an answer from memory costs no promise and no turn of the microtask queue, of which the path of
 * a cryptographic call would otherwise have some twenty.
 */

/** A value, or the promise of one. */
export type Soon<Value> = Value | Promise<Value>

/** Goes on with a value: at once where it is there, else when it has come. What `step` throws is thrown or rejects likewise. */
export function goOn<Value, Result>(
  value: Soon<Value>,
  step: (value: Value) => Soon<Result>,
): Soon<Result> {
  return value instanceof Promise ? value.then(step) : step(value)
}
