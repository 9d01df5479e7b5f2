/**
 * Lines that wait to be written, as bytes outside of the heap: as text they would be copied by every young collection
 * until they leave.
 */

/** Gathers lines. */
export class WaitingLines {
  #full: Buffer[] = []
  #chunk: Buffer = none
  #used = 0
  #count = 0

  /** How many there are. */
  get count(): number {
    return this.#count
  }

  /** Adds a line, which has no newline yet. */
  add(line: string): void {
    // No character takes more than three bytes of UTF-8.
    const most = line.length * 3 + 1
    if (this.#used + most > this.#chunk.length) {
      if (this.#used > 0) this.#full.push(this.#chunk.subarray(0, this.#used))
      this.#chunk = Buffer.allocUnsafeSlow(Math.max(chunkLength, most))
      this.#used = 0
    }
    this.#used += this.#chunk.write(line, this.#used)
    this.#used = this.#chunk.writeUInt8(newline, this.#used)
    this.#count += 1
  }

  /** Takes all of them away, each with its newline. */
  take(): Buffer {
    const bytes = Buffer.concat([...this.#full, this.#chunk.subarray(0, this.#used)])
    this.#full = []
    this.#used = 0
    this.#count = 0
    return bytes
  }
}

const none = Buffer.alloc(0)
const chunkLength = 65_536
const newline = 0x0a
