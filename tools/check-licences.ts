/** What is shipped with Trent may be shipped: the licences of the runtime dependencies, with all that they need. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { type Finding, root } from './sources.ts'

const allowed = ['Apache-2.0', 'MIT', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', '0BSD']
/** Direct ones; each has a page in docs/decisions/. */
const mostDependencies = 8

interface Lockfile {
  readonly packages: Readonly<Record<string, { dev?: boolean; optional?: boolean }>>
}

interface Manifest {
  readonly license?: string
  readonly dependencies?: Readonly<Record<string, string>>
}

/** Reads the licence of every package that is installed for running. */
export function checkLicences(): Finding[] {
  const { packages } = readJson('package-lock.json') as Lockfile
  const direct = Object.keys((readJson('package.json') as Manifest).dependencies ?? {}).length
  const findings = Object.entries(packages)
    .filter(([place, { dev, optional }]) => place !== '' && dev !== true && optional !== true)
    .map(([place]) => [place, (readJson(`${place}/package.json`) as Manifest).license ?? 'none'])
    .filter(([, licence]) => !isAllowed(licence ?? ''))
    .map(([place, licence]) => `${place}/package.json:1: the licence ${licence} is not on the list`)
  if (direct > mostDependencies) {
    findings.push(`package.json:1: ${direct} runtime dependencies, more than ${mostDependencies}`)
  }
  return findings
}

/** `(MIT OR GPL-2.0)` is as good as MIT. */
function isAllowed(licence: string): boolean {
  return licence
    .replaceAll(/[()]/g, '')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((each) => allowed.includes(each.trim())))
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(path.join(root, file), 'utf8'))
}
