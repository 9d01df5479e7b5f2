/**
 * `npm run check [-- name ...]`: everything that can be said of the sources without running them. The programs run
 * beside the checks of this folder; every check gets one line, and those that failed their findings below it.
 */
import { spawn } from 'node:child_process'
import path from 'node:path'
import { checkArrows } from './check-arrows.ts'
import { checkComments } from './check-comments.ts'
import { checkFences } from './check-fences.ts'
import { checkLicences } from './check-licences.ts'
import { checkRatio } from './check-ratio.ts'
import { checkSizes } from './check-sizes.ts'
import { checkTests } from './check-tests.ts'
import { type Finding, readSources, root, type Source } from './sources.ts'

interface Program {
  readonly arguments: readonly string[]
  /** How it writes a finding, for `$1:$2: $3`. */
  readonly finding: RegExp
}

const programs: Readonly<Record<string, Program>> = {
  types: {
    arguments: ['typescript/bin/tsc', '--noEmit', '--pretty', 'false'],
    finding: /^(\S+)\((\d+),\d+\): error (.*)$/gm,
  },
  format: {
    arguments: ['@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '--reporter=github'],
    finding: /^::\w+ title=[^,]*,file=([^,]+),line=(\d+),[^:]*::(.*)$/gm,
  },
  lint: {
    arguments: [
      'oxlint/bin/oxlint',
      '--type-aware',
      '--deny-warnings',
      '--report-unused-disable-directives',
      '--format=unix',
    ],
    finding: /^([^:\s]+):(\d+):\d+: (.*)$/gm,
  },
}

/** What Biome says of a file as a whole. */
const unformatted = 'Formatter would have printed the following content:'

const checks: Readonly<Record<string, (sources: readonly Source[]) => Finding[]>> = {
  sizes: checkSizes,
  arrows: checkArrows,
  fences: checkFences,
  tests: checkTests,
  comments: checkComments,
  licences: checkLicences,
  ratio: checkRatio,
}

if (!(await check(process.argv.slice(2)))) process.exitCode = 1

/** Runs the named checks, or all; says what they found, and whether that is nothing. */
async function check(names: readonly string[]): Promise<boolean> {
  const isWanted = (name: string) => names.length === 0 || names.includes(name)
  const running = Object.entries(programs)
    .filter(([name]) => isWanted(name))
    .map(async ([name, program]) => report(name, await runProgram(program)))
  const wanted = Object.entries(checks).filter(([name]) => isWanted(name))
  const sources = wanted.length > 0 ? readSources() : []
  const own = wanted.map(([name, run]) => report(name, run(sources)))
  const verdicts = [...own, ...(await Promise.all(running))]
  if (verdicts.length === 0) process.stdout.write(`no such check: ${names.join(' ')}\n`)
  return verdicts.length > 0 && verdicts.every(Boolean)
}

/** The findings of a program that failed, and the rest of what it said; nothing of one that did not. */
function runProgram(program: Program): Promise<Finding[]> {
  const [bin = '', ...args] = program.arguments
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(root, 'node_modules', bin), ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    let errors = ''
    child.stdout.setEncoding('utf8')
    child.stderr.setEncoding('utf8')
    child.stdout.on('data', (chunk: string) => {
      output += chunk
    })
    child.stderr.on('data', (chunk: string) => {
      errors += chunk
    })
    child.on('error', reject)
    child.on('close', (code) => {
      const said = (output.trim() || errors.trim()).replaceAll(`${root}/`, '')
      const findings = said
        .replaceAll(program.finding, '$1:$2: $3')
        .replaceAll(unformatted, 'run npm run format')
      resolve(code === 0 ? [] : [findings || `exit code ${code}`])
    })
  })
}

function report(name: string, findings: readonly Finding[]): boolean {
  const verdict = findings.length === 0 ? 'ok' : 'FAILED'
  process.stdout.write(`check ${name.padEnd(9)} ${verdict}\n`)
  for (const finding of findings) process.stdout.write(`${finding}\n`)
  return findings.length === 0
}
