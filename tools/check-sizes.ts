/** The sizes of CONTRIBUTING.md: of files, functions, parameter lists, import lists, folders and the root. */
import { spawnSync } from 'node:child_process'
import {
  isArrowFunction,
  isConstructorDeclaration,
  isFunctionDeclaration,
  isFunctionExpression,
  isGetAccessorDeclaration,
  isMethodDeclaration,
  isPropertyAssignment,
  isSetAccessorDeclaration,
  isVariableDeclaration,
  type Node,
} from 'typescript/unstable/ast'
import { importsOf } from './imports.ts'
import { type Finding, findingAt, isTest, lineOf, root, type Source, walk } from './sources.ts'

const limits = {
  file: 400,
  tableOrTest: 800,
  fileMedian: 80,
  fileP90: 250,
  function: 80,
  functionP90: 40,
  parameters: 3,
  imports: 10,
  root: 20,
}
/** With fewer files than this a median says nothing. */
const enoughFiles = 20

/** Files that are data from top to bottom, or generated. */
const tables = /^src\/api\/shapes[^/]*\.ts$|\.generated\.ts$/
/** Files that list or join everything of one kind, and so import it. */
const lists =
  /^src\/(service|operations|main|jobs|index|admin\/operations|cli\/trent|(?:iam|sts)\/actions)\.ts$/
/** `src/<part>/<file>.ts`, and one folder more in these parts. */
const depth = /^src\/([^/]+\.ts|[^/]+\/[^/]+\.ts|(keys|key-stores|database)\/[^/]+\/[^/]+\.ts)$/
/** Names that say nothing of what is inside. */
const vague =
  /\/(utils?|helpers?|common|misc|managers?|services?)\/|\/(utils?|helpers?|common|misc|managers?)\.ts$|^src\/.+\/index\.ts$/

/** Measures every file, and the whole. */
export function checkSizes(sources: readonly Source[]): Finding[] {
  const plain = sources.filter((source) => !isTest(source.path))
  return [
    ...sources.flatMap(checkFile),
    ...plain.flatMap(checkFunctions),
    ...checkWhole(plain.filter((source) => source.path.startsWith('src/'))),
    ...checkRoot(),
  ]
}

function checkFile(source: Source): Finding[] {
  const { path } = source
  const findings: Finding[] = []
  const limit = isTest(path) || tables.test(path) ? limits.tableOrTest : limits.file
  const lines = linesOf(source)
  if (lines > limit) findings.push(`${path}:${limit}: a file of ${lines} lines, more than ${limit}`)
  if (path.startsWith('src/') && !depth.test(path)) findings.push(`${path}:1: too deep a folder`)
  if (vague.test(path)) findings.push(`${path}:1: a name that says nothing`)
  const imports = new Set(
    importsOf(source)
      .filter((each) => !each.typeOnly)
      .map((each) => each.specifier),
  ).size
  if (imports > limits.imports && !isTest(path) && !lists.test(path)) {
    findings.push(`${path}:1: imports ${imports} modules, more than ${limits.imports}`)
  }
  return findings
}

function checkFunctions(source: Source): Finding[] {
  return functionsOf(source).flatMap(({ node, lines, parameters }) => {
    const findings: Finding[] = []
    if (lines > limits.function) {
      findings.push(
        findingAt(source, node, `a function of ${lines} lines, more than ${limits.function}`),
      )
    }
    if (parameters > limits.parameters) {
      const message = `${parameters} parameters, more than ${limits.parameters}: take an object`
      findings.push(findingAt(source, node, message))
    }
    return findings
  })
}

function checkWhole(sources: readonly Source[]): Finding[] {
  if (sources.length < enoughFiles) return []
  const files = sources.filter(({ path }) => !tables.test(path)).map(linesOf)
  const functions = sources.flatMap(functionsOf).map((each) => each.lines)
  return [
    ...above('median file', quantile(files, 0.5), limits.fileMedian),
    ...above('90th percentile of files', quantile(files, 0.9), limits.fileP90),
    ...above('90th percentile of functions', quantile(functions, 0.9), limits.functionP90),
  ]
}

function above(what: string, lines: number, limit: number): Finding[] {
  return lines > limit ? [`src:1: the ${what} has ${lines} lines, more than ${limit}`] : []
}

function checkRoot(): Finding[] {
  const git = spawnSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' })
  if (git.status !== 0) return []
  const entries = new Set(git.stdout.split('\n').map((file) => file.split('/')[0] ?? '')).size - 1
  return entries > limits.root
    ? [`.:1: ${entries} entries in the root, more than ${limits.root}`]
    : []
}

interface Measure {
  readonly node: Node
  readonly lines: number
  readonly parameters: number
}

function functionsOf(source: Source): Measure[] {
  const found: Measure[] = []
  walk(source.tree, (node) => {
    if (!isFunction(node) || node.body === undefined) return
    const lines = lineOf(source, node.end) - lineOf(source, node.getStart(source.tree)) + 1
    // What is handed to somebody else's function takes the parameters that this one gives.
    const callback = (isArrowFunction(node) || isFunctionExpression(node)) && !isNamed(node.parent)
    found.push({ node, lines, parameters: callback ? 0 : node.parameters.length })
  })
  return found
}

function isFunction(node: Node) {
  return (
    isFunctionDeclaration(node) ||
    isFunctionExpression(node) ||
    isArrowFunction(node) ||
    isMethodDeclaration(node) ||
    isConstructorDeclaration(node) ||
    isGetAccessorDeclaration(node) ||
    isSetAccessorDeclaration(node)
  )
}

function isNamed(parent: Node): boolean {
  return isVariableDeclaration(parent) || isPropertyAssignment(parent)
}

function linesOf(source: Source): number {
  return source.text.split('\n').length - (source.text.endsWith('\n') ? 1 : 0)
}

function quantile(numbers: readonly number[], part: number): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0
}
