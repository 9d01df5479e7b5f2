/**
 * How long things take: a count for each length of time, in Prometheus's sense. Observing allocates nothing.
 */

/** The upper bounds, in seconds. */
const bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** One histogram. */
export class Histogram {
  readonly #counts = new Float64Array(bounds.length + 1)
  #sum = 0

  /** Counts something that took so many seconds. */
  observe(seconds: number): void {
    let at = 0
    while (at < bounds.length && seconds > (bounds[at] ?? 0)) at += 1
    this.#counts[at] = (this.#counts[at] ?? 0) + 1
    this.#sum += seconds
  }

  /** The samples, as lines; `labels` has a label at least. */
  text(name: string, labels: string): string {
    let count = 0
    let text = ''
    for (const [at, bound] of [...bounds, '+Inf'].entries()) {
      count += this.#counts[at] ?? 0
      text += `${name}_bucket{${labels},le="${bound}"} ${count}\n`
    }
    return `${text}${name}_sum{${labels}} ${this.#sum}\n${name}_count{${labels}} ${count}\n`
  }
}
