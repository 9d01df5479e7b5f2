/**
 * Wraps a reading of texts so that the same text, asked again at once, is not read again: a policy compares one value of
 * a request with many of its own.
 */
export function rememberLast<Value>(read: (text: string) => Value): (text: string) => Value {
  let last: { readonly text: string; readonly value: Value } | undefined
  return (text) => {
    if (last === undefined || last.text !== text) last = { text, value: read(text) }
    return last.value
  }
}
