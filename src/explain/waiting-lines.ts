/**
 * Lines that wait to be written, as bytes outside of the heap: as text they would be copied by every young collection until
 * they leave. Two buffers take turns and are used again, as new ones would have to be collected, too.
 */

/** Gathers lines. */
export class WaitingLines {
  #filling = Buffer.allocUnsafeSlow(usualLength)
  #leaving = Buffer.allocUnsafeSlow(usualLength)
  #used = 0
  #count = 0

  /** How many there are. */
  get count(): number {
    return this.#count
  }

  /** Adds a line, which has no newline yet. */
  add(line: string): void {
    // No character takes more than three bytes of UTF-8.
    this.#makeRoom(line.length * 3 + 1)
    this.#used += this.#filling.write(line, this.#used)
    this.#used = this.#filling.writeUInt8(newline, this.#used)
    this.#count += 1
  }

  /** Takes all of them away, each with its newline. The bytes are good until the next time. */
  take(): Buffer {
    const bytes = this.#filling.subarray(0, this.#used)
    const free = this.#leaving
    this.#leaving = this.#filling
    this.#filling = free.length > mostKept ? Buffer.allocUnsafeSlow(usualLength) : free
    this.#used = 0
    this.#count = 0
    return bytes
  }

  #makeRoom(more: number): void {
    const { length } = this.#filling
    if (this.#used + more <= length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(length * 2, this.#used + more))
    this.#filling.copy(larger, 0, 0, this.#used)
    this.#filling = larger
  }
}

const usualLength = 65_536
const mostKept = 4 * 1024 * 1024
const newline = 0x0a
