/**
 * The chart of the results: a bar for each ratio on a logarithmic scale, with a mark where its aim is. It is legible on
 * light and dark pages, and says everything in words too, so that no colour has to be told from another.
 */
import { type Bar, verdictOf } from './part.ts'

const row = 22
const left = 300
const width = 420
const right = 180
const top = 40

/** An SVG of these bars. */
export function chart(bars: readonly Bar[]): string {
  const scale = scaleFor(bars)
  const height = top + bars.length * row + 30
  const whole = left + width + right
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${whole} ${height}" role="img" aria-label="Ratios of the benchmark">`,
    `<style>${style}</style>`,
    `<text x="${left}" y="16" class="head">ratio, on a logarithmic scale; the line across a bar is its aim</text>`,
    ...scale.ticks.map((tick) => tickAt(scale.x(tick), tick, height)),
    ...bars.map((bar, index) => barAt(bar, top + index * row, scale)),
    '</svg>',
    '',
  ].join('\n')
}

interface Scale {
  readonly ticks: readonly number[]
  readonly x: (ratio: number) => number
}

/** From a power of ten below everything to one above it. */
function scaleFor(bars: readonly Bar[]): Scale {
  const all = bars.flatMap(({ ratio, aim }) => (aim === undefined ? [ratio] : [ratio, aim.value]))
  const positive = all.filter((value) => value > 0 && Number.isFinite(value))
  const low = Math.floor(Math.log10(Math.min(1, ...positive)))
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(1, ...positive))))
  const ticks = Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index))
  const least = 10 ** low
  const x = (ratio: number) =>
    left + (width * (Math.log10(Math.max(least, ratio)) - low)) / (high - low)
  return { ticks: ticks.map((tick) => Number(tick.toPrecision(1))), x }
}

const tickAt = (x: number, tick: number, height: number): string =>
  `<path d="M${x.toFixed(1)} ${top - 6}V${height - 24}" class="tick"/>` +
  `<text x="${x.toFixed(1)}" y="${height - 8}" text-anchor="middle" class="head">${tick}</text>`

function barAt(bar: Bar, y: number, { x }: Scale): string {
  const { label, ratio, aim } = bar
  const verdict = verdictOf(bar)
  const end = x(ratio)
  const aimed = aim === undefined ? '' : `, aim ${aim.atLeast ? '≥' : '≤'} ${aim.value}`
  const kind = aim === undefined ? 'free' : verdict
  const mark =
    aim === undefined ? '' : `<path d="M${x(aim.value).toFixed(1)} ${y}v${row - 4}" class="aim"/>`
  return (
    `<text x="${left - 8}" y="${y + 13}" text-anchor="end">${escaped(label)}</text>` +
    `<rect x="${left}" y="${y + 2}" width="${Math.max(1, end - left).toFixed(1)}" height="${row - 8}" class="${kind}"/>` +
    `${mark}<text x="${(left + width + 8).toFixed(1)}" y="${y + 13}">${ratio.toFixed(2)}${aimed}${verdict === 'reached' ? '' : `: ${verdict}`}</text>`
  )
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** Colours that stand out from white and from black. */
const style =
  'text{font:12px sans-serif;fill:#24292f}.head{font-size:11px;fill:#57606a}.tick{stroke:#8c959f;stroke-width:.5}' +
  '.aim{stroke:#24292f;stroke-width:2}.free,.undecided{fill:#8c959f}.reached{fill:#2da44e}.missed{fill:#cf5b22}' +
  '@media(prefers-color-scheme:dark){text{fill:#e6edf3}.head{fill:#9da7b3}.aim{stroke:#e6edf3}}'
