/** Comments that promise work name its issue; those that silence a tool name the rule and the reason. */
import type { Finding, Source } from './sources.ts'

const comment = /(?:\/\/|\/\*|^\s*\*)\s*(.*)$/

/** What a comment line may not be, and what to say of it. */
const wrong: readonly (readonly [RegExp, string])[] = [
  [/\b(TODO|FIXME)\b(?!\(#\d+\))/, 'unfinished work names its issue: TODO(#123)'],
  [
    /^(ox|es)lint-disable(?!.*\s[\w/@-]+\s+--\s+\S)/,
    'names the rule and the reason: rule -- reason',
  ],
  [
    /^biome-ignore(-all|-start)? (?!(lint\/\w+\/\w+|format): \S)/,
    'names the rule and the reason: lint/group/rule: reason',
  ],
  [/^@ts-(ignore|nocheck)/, '@ts-expect-error with a reason says when it is no longer needed'],
  [/^@ts-expect-error(?!:? \S)/, 'says what error it expects'],
]

/** Checks the comments of every file. */
export function checkComments(sources: readonly Source[]): Finding[] {
  return sources.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => {
      const said = comment.exec(line)?.[1]
      if (said === undefined) return []
      return wrong
        .filter(([pattern]) => pattern.test(said))
        .map(([, message]) => `${path}:${index + 1}: ${message}`)
    }),
  )
}
