/**
 * How much test code stands against the code that says who may: policies, grants and the gate. Lines that are neither
 * blank nor comment count, on the side of the tests also the rows of their tables.
 */
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { type Finding, isTest, root } from './sources.ts'

/** The least number of lines of test to a line of source. */
const least = 4

const sources = 'src/{policies,grants,access}/*.ts'
const tests = [
  'src/{policies,grants,access}/*.test.ts',
  'test/{policies,access}/**/*.{ts,txt}',
  'test/operations/*grant*.test.ts',
]

/** Counts both sides. */
export function checkRatio(): Finding[] {
  const source = count([sources], (file) => !isTest(file))
  const test = count(tests, () => true)
  if (test >= least * source) return []
  return [
    `src/policies:1: ${test} lines of test to ${source} of source in policies, grants and access, less than ${least} to one`,
  ]
}

function count(patterns: readonly string[], isCounted: (file: string) => boolean): number {
  return globSync(patterns, { cwd: root })
    .filter(isCounted)
    .reduce((sum, file) => sum + linesOf(readFileSync(path.join(root, file), 'utf8')), 0)
}

/** Comments of this repository begin their lines, and end them. */
function linesOf(text: string): number {
  const code = text.replaceAll(/^ *\/\*\*?[\s\S]*?\*\/$/gm, '').replaceAll(/^ *\/\/.*$/gm, '')
  return code.split('\n').filter((line) => line.trim() !== '').length
}
