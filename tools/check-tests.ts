/** Tests that run, and say what they test once: no two of one title, none alone, none left out without a reason. */
import {
  type CallExpression,
  type Expression,
  isCallExpression,
  isIdentifier,
  isNoSubstitutionTemplateLiteral,
  isObjectLiteralExpression,
  isPrefixUnaryExpression,
  isPropertyAccessExpression,
  isPropertyAssignment,
  isStringLiteral,
  type Node,
  SyntaxKind,
} from 'typescript/unstable/ast'
import { type Finding, findingAt, isTest, type Source, walk } from './sources.ts'

/** What declares a test or a group of them, and what a test's own context is called. */
const runners = ['test', 'it', 'describe', 'suite']
const contexts = ['t', 'context']
const leavesOut = ['skip', 'todo']

/** Checks the tests of every file. */
export function checkTests(sources: readonly Source[]): Finding[] {
  return sources.filter((source) => isTest(source.path)).flatMap(checkFile)
}

function checkFile(source: Source): Finding[] {
  const findings: Finding[] = []
  const titles = new Set<string>()
  walk(source.tree, (node) => {
    if (!isCallExpression(node)) return
    const report = (message: string) => findings.push(findingAt(source, node, message))
    const [of, variant] = calleeOf(node)
    if (leavesOutSilently(node, of, variant))
      report('left out without saying why: { skip: reason }')
    if (!declaresTest(node)) return
    if (variant === 'only' || optionOf(node, 'only') !== undefined) report('runs alone: `only`')
    const title = fullTitle(node)
    if (title === undefined) return
    if (titles.has(title)) report(`another test of this file has the title ${title}`)
    titles.add(title)
  })
  return findings
}

function leavesOutSilently(node: CallExpression, of: string, variant: string | undefined): boolean {
  if (variant !== undefined && leavesOut.includes(variant)) {
    // `test.skip(title)` has no place for a reason; `t.skip(reason)` has.
    return runners.includes(of) || (contexts.includes(of) && node.arguments.length === 0)
  }
  return declaresTest(node) && leavesOut.some((option) => isBare(optionOf(node, option)))
}

/** `true`, or a plain negation: a condition with no words. */
function isBare(value: Expression | undefined): boolean {
  return (
    value !== undefined && (value.kind === SyntaxKind.TrueKeyword || isPrefixUnaryExpression(value))
  )
}

function declaresTest(node: CallExpression): boolean {
  const [of, variant] = calleeOf(node)
  if (runners.includes(of)) return variant === undefined || ['only', ...leavesOut].includes(variant)
  return contexts.includes(of) && variant === 'test'
}

/** `test(...)` is ['test'], `t.skip(...)` is ['t', 'skip']. */
function calleeOf(node: CallExpression): [of: string, variant?: string] {
  const { expression } = node
  if (isIdentifier(expression)) return [expression.text]
  if (!isPropertyAccessExpression(expression) || !isIdentifier(expression.expression)) return ['']
  return [expression.expression.text, expression.name.text]
}

function optionOf(node: CallExpression, name: string): Expression | undefined {
  const options = node.arguments.find((each) => isObjectLiteralExpression(each))
  const properties = options?.properties.filter((each) => isPropertyAssignment(each))
  return properties?.find((each) => each.name.getText() === name)?.initializer
}

/** The titles of the groups around a test and its own; undefined where any of them is computed. */
function fullTitle(node: CallExpression): string | undefined {
  const titles: string[] = []
  for (let at: Node | undefined = node; at !== undefined; at = at.parent) {
    if (!isCallExpression(at) || !declaresTest(at)) continue
    const title = at.arguments[0]
    if (title === undefined) return undefined
    if (!isStringLiteral(title) && !isNoSubstitutionTemplateLiteral(title)) return undefined
    titles.unshift(title.text)
  }
  return titles.join(' > ')
}
