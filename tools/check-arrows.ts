/**
 * Which part of src/ may lean on which. A part is a folder, or a file of src/ itself. Imports of types alone
 * are free, but for the two parts at the bottom; tests may import anything.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { type Import, importsOf } from './imports.ts'
import { type Finding, findingAt, isTest, root, type Source } from './sources.ts'

/** Everything, which is the right of those that put the service together. */
const anything = ['*']
const nouns = 'keys grants aliases policies tags encryption data-keys signing'.split(' ')
const ofNouns = ['api', 'crypto', 'database', 'clock', 'soon', 'remember-last', ...nouns]

/** The actions of AWS's Query protocol; of the server they use what reads and writes its requests and answers. */
const ofQueries =
  'api database identities policies access clock server/query-error server/query-input server/query-params server/tag-input server/xml'.split(
    ' ',
  )

/** What each part may import by value, besides itself: other parts, or single files of them. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  main: anything,
  index: anything,
  cli: anything,
  service: anything,
  serve: anything,
  workers: anything,
  call: anything,
  'call-record': anything,
  'query-call': anything,
  'first-account': anything,
  operations: [...nouns, 'key-stores', 'api'],
  jobs: [...nouns, 'key-stores', 'audit', 'database', 'crypto/random', 'clock', 'log'],
  operation: [],
  clock: [],
  log: ['clock'],
  soon: [],
  'remember-last': [],
  config: ['api', 'operating/settings'],
  operating: ['audit', 'database', 'api', 'clock'],
  server: [
    'operations',
    'call',
    'query-call',
    'iam',
    'sts',
    'api',
    'sigv4',
    'identities',
    'admin',
    'operating',
    'crypto/random',
    'crypto/work',
    'database/unavailable',
    'clock',
    'soon',
  ],
  access: ['identities', 'policies', 'grants', 'keys', 'database', 'api', 'crypto/derive', 'soon'],
  iam: [...ofQueries, 'crypto/derive'],
  sts: [...ofQueries, 'crypto', 'key-stores', 'sigv4'],
  explain: ['access', 'audit', 'identities', 'policies', 'database', 'api', 'clock'],
  'restore-folder': anything,
  'restore-shared': anything,
  // Rows in and out, under the backup key.
  backup: ['database', 'crypto', 'key-stores', 'audit', 'clock'],
  admin: [
    'backup',
    'explain',
    'identities',
    'audit',
    'database',
    'keys',
    'key-stores',
    'crypto/random',
    'clock',
    'api',
  ],
  identities: ['sigv4', 'database', 'crypto', 'api', 'key-stores', 'clock', 'soon'],
  audit: ['api', 'crypto', 'database', 'clock'],
  sigv4: ['api', 'crypto', 'clock', 'remember-last'],
  ...Object.fromEntries(nouns.map((noun) => [noun, ofNouns])),
  'key-stores': ['crypto', 'database', 'api', 'encryption/ciphertext-blob', 'clock', 'soon'],
  database: ['crypto/random', 'api/arn', 'clock'],
  crypto: [],
  api: [],
}

/** The parts that know nothing of the others, not even their types. */
const bottom = ['api', 'crypto']

/** Stored key material, and the only file that may ask for it. */
const keyMaterial = 'database/key-material'
const keyMaterialReader = 'key-stores/sealed-material'

/** Checks every import of src/ against the tables above. */
export function checkArrows(sources: readonly Source[]): Finding[] {
  const dependencies = runtimeDependencies()
  return sources
    .filter((source) => source.path.startsWith('src/') && !isTest(source.path))
    .flatMap((source) =>
      importsOf(source).flatMap((each) => {
        const message = each.specifier.startsWith('.')
          ? wrongPart(source, each)
          : wrongPackage(source, each, dependencies)
        return message === undefined ? [] : [findingAt(source, each.node, message)]
      }),
    )
}

function wrongPart(source: Source, each: Import): string | undefined {
  const target = path.posix.join(path.posix.dirname(source.path), each.specifier)
  if (!target.startsWith('src/')) return `src/ imports nothing outside of src/, as ${target}`
  const from = partOf(source.path)
  const to = partOf(target)
  if (isTest(target)) return `only tests import tests, as ${target}`
  if (
    nameOf(target) === keyMaterial &&
    !each.typeOnly &&
    nameOf(source.path) !== keyMaterialReader
  ) {
    return `only src/${keyMaterialReader}.ts imports src/${keyMaterial}.ts`
  }
  const allowed = arrows[from]
  if (allowed === undefined) return `src/${from} has no row in the table of tools/check-arrows.ts`
  if (
    from === to ||
    allowed === anything ||
    allowed.includes(to) ||
    allowed.includes(nameOf(target))
  )
    return
  if (each.typeOnly && !bottom.includes(from)) return
  return `${from} may not import ${nameOf(target)}${bottom.includes(from) ? '' : ', but for `import type`'}`
}

function wrongPackage(source: Source, each: Import, dependencies: readonly string[]) {
  const { specifier } = each
  if (
    partOf(source.path) === 'crypto' &&
    !/^(node:(crypto|worker_threads|os)$|@noble\/)/.test(specifier)
  ) {
    return `crypto imports only node:crypto, threads and @noble/*, not ${specifier}`
  }
  if (each.typeOnly || specifier.startsWith('node:')) return
  if (dependencies.some((name) => specifier === name || specifier.startsWith(`${name}/`))) return
  return `${specifier} is not among the runtime dependencies of package.json`
}

/** `src/keys/rotation/rotate-key.ts` is of the part `keys`, and `src/clock.ts` is the part `clock`. */
function partOf(file: string): string {
  return nameOf(file).split('/')[0] ?? ''
}

function nameOf(file: string): string {
  return file.replace(/^src\//, '').replace(/\.ts$/, '')
}

function runtimeDependencies(): string[] {
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>
  }
  return Object.keys(manifest.dependencies ?? {})
}
