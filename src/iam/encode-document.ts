/** A policy document as IAM answers it: percent-encoded as RFC 3986 has it, a space as `%20`. */
export function encodeDocument(document: string): string {
  return encodeURIComponent(document).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
