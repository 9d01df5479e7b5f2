/**
 * Values that may stand nowhere, and the search for them in every form in which a program could let them slip.
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'

/** A value that has to stay secret, and the forms of its beginning, so that a text that was cut short is found too. */
interface Secret {
  readonly name: string
  readonly forms: readonly (readonly [form: string, bytes: Buffer])[]
}

/** Something that was searched: a file, the output of a process, an answer. */
export interface Place {
  readonly name: string
  readonly bytes: Buffer
}

/** How many bytes of a secret are looked for: a multiple of three, so that base64 of the rest does not change theirs. */
const enough = 15

/** The secrets of a test. */
export class Secrets {
  readonly #secrets: Secret[] = []

  /** A new value to plant. */
  plant(name: string, length = 32): Buffer {
    const value = randomBytes(length)
    this.add(name, value)
    return value
  }

  /** A new value to plant where text is asked for. */
  plantText(name: string): string {
    const text = randomBytes(24).toString('hex')
    this.add(name, Buffer.from(text))
    return text
  }

  /** A value that was learnt. */
  add(name: string, value: Uint8Array): void {
    assert.ok(value.length >= enough, `${name} is too short to be looked for`)
    const start = Buffer.from(value).subarray(0, enough)
    const text = (encoded: string): Buffer => Buffer.from(encoded, 'latin1')
    const hex = start.toString('hex')
    const pairs = hex.match(/../g) ?? []
    this.#secrets.push({
      name,
      forms: [
        ['raw', start],
        ['hex', text(hex)],
        ['HEX', text(hex.toUpperCase())],
        ['base64', text(start.toString('base64'))],
        ['base64url', text(start.toString('base64url'))],
        ['inspected', text(pairs.join(' '))],
        ['numbers', text([...start].join(','))],
        ['numbers with blanks', text([...start].join(', '))],
        ['JSON', text(JSON.stringify(start.toString('latin1')).slice(1, -1))],
        ['UTF-8', Buffer.from(start.toString('latin1'), 'utf8')],
      ],
    })
  }

  /** How many secrets there are. */
  get size(): number {
    return this.#secrets.length
  }

  /** Everything found, as `name in place (form)`. */
  foundIn(places: readonly Place[]): readonly string[] {
    return places.flatMap((place) =>
      this.#secrets.flatMap(({ name, forms }) =>
        forms
          .filter(([, bytes]) => place.bytes.includes(bytes))
          .map(([form]) => `${name} in ${place.name} (${form})`),
      ),
    )
  }
}
