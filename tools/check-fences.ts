/**
 * Powers that one place each may use: the time, the environment, randomness, SQL and HTTP. Everything else
 * is handed what it needs, so that a test can turn it and a reader can find it. Naming a type is no use of it.
 */
import {
  type Identifier,
  isBinaryExpression,
  isBindingElement,
  isClassDeclaration,
  isFunctionDeclaration,
  isIdentifier,
  isImportClause,
  isImportSpecifier,
  isInterfaceDeclaration,
  isNamespaceImport,
  isNoSubstitutionTemplateLiteral,
  isObjectBindingPattern,
  isParameterDeclaration,
  isPropertyAccessExpression,
  isShorthandPropertyAssignment,
  isStringLiteral,
  isTaggedTemplateExpression,
  isTemplateHead,
  isTypeAliasDeclaration,
  isTypeNode,
  isVariableDeclaration,
  type Node,
  SyntaxKind,
} from 'typescript/unstable/ast'
import { importsOf } from './imports.ts'
import { type Finding, findingAt, isTest, type Source } from './sources.ts'

/** What is used, and where. */
type Use = [name: string, node: Node]

interface Fence {
  /** Files, or folders with their slash, that may use what stands in `names`. */
  readonly homes: readonly string[]
  /** Globals (`Date`), members of globals (`Math.random`), modules, and `module#export`. */
  readonly names: readonly string[]
}

const randomness =
  'randomBytes randomFill randomFillSync randomInt randomUUID randomUUIDv7 getRandomValues'
const fences: readonly Fence[] = [
  {
    homes: ['src/clock.ts'],
    names: [
      'Date',
      'setTimeout',
      'setInterval',
      'performance',
      'process.hrtime',
      'node:process#hrtime',
      'node:timers',
      'node:timers/promises',
      'node:perf_hooks',
    ],
  },
  { homes: ['src/config.ts'], names: ['process.env', 'node:process#env'] },
  {
    homes: ['src/crypto/random.ts'],
    names: [
      'Math.random',
      'crypto.randomUUID',
      'crypto.getRandomValues',
      ...randomness.split(' ').map((name) => `node:crypto#${name}`),
    ],
  },
  { homes: ['src/database/'], names: ['node:sqlite', 'pg', 'DatabaseSync', 'sql`'] },
  {
    // STS fetches the documents of issuers, with a guard of its own against what must not be fetched.
    homes: ['src/server/', 'src/key-stores/xks/', 'src/sts/fetch-document.ts'],
    names: ['node:http', 'node:https', 'node:http2'],
  },
]

const statement =
  /^\s*(SELECT\s|INSERT (OR \w+ )?INTO\s|UPDATE\s.*\sSET\s|DELETE FROM\s|CREATE TABLE\s)/s

/** Finds what is used outside of its fence in src/, tests aside. */
export function checkFences(sources: readonly Source[]): Finding[] {
  return sources
    .filter((source) => source.path.startsWith('src/') && !isTest(source.path))
    .flatMap((source) => {
      const uses = usesOf(source)
      return fences
        .filter(
          ({ homes }) => !homes.some((home) => source.path === home || isWithin(source.path, home)),
        )
        .flatMap(({ homes, names }) =>
          uses
            .filter(([name]) => names.includes(name))
            .map(([name, node]) => findingAt(source, node, `${name} only in ${homes.join(', ')}`)),
        )
    })
}

function isWithin(file: string, home: string): boolean {
  return home.endsWith('/') && file.startsWith(home)
}

/** Every use of a global, a member of one, a module or an export of one, with the node where it stands. */
function usesOf(source: Source): Use[] {
  const uses: Use[] = []
  const modules = new Map<string, string>()
  for (const { node, specifier, typeOnly, names, namespace } of importsOf(source)) {
    if (typeOnly) continue
    uses.push([specifier, node], ...names.map((name): Use => [`${specifier}#${name}`, node]))
    if (namespace !== undefined) modules.set(namespace, specifier)
  }
  const declared = new Set<string>()
  walkValues(source.tree, (node) => {
    if (isIdentifier(node) && isDeclared(node)) declared.add(node.text)
    else if (isIdentifier(node) && !isMember(node)) uses.push([node.text, node])
    uses.push(
      ...membersOf(node).map(([of, name]): Use => [memberName(modules.get(of), of, name), node]),
    )
    if (isSql(node, source)) uses.push(['sql`', node])
  })
  return uses.filter(([name]) => !declared.has(name.split('.')[0] ?? ''))
}

function memberName(module: string | undefined, of: string, name: string): string {
  if (module !== undefined) return `${module}#${name}`
  return of === 'globalThis' ? name : `${of}.${name}`
}

/** `of.name`, and each name of `const { name } = of`. */
function membersOf(node: Node): [of: string, name: string][] {
  if (isPropertyAccessExpression(node) && isIdentifier(node.expression)) {
    return [[node.expression.text, node.name.text]]
  }
  if (!isVariableDeclaration(node) || !isObjectBindingPattern(node.name)) return []
  const of = node.initializer
  if (of === undefined || !isIdentifier(of)) return []
  const names = node.name.elements.map((element) => element.propertyName ?? element.name)
  return names.map((name) => [of.text, name?.getText() ?? ''])
}

/** A tagged template of SQL, or a text that can only be a statement. */
function isSql(node: Node, source: Source): boolean {
  if (isTaggedTemplateExpression(node)) return /\bsql$/.test(node.tag.getText(source.tree))
  const isText =
    isStringLiteral(node) || isNoSubstitutionTemplateLiteral(node) || isTemplateHead(node)
  return isText && statement.test(node.text)
}

/** Whether the identifier is the name of something that this file declares or imports. */
function isDeclared(node: Identifier): boolean {
  const { parent } = node
  const declares =
    isVariableDeclaration(parent) ||
    isParameterDeclaration(parent) ||
    isBindingElement(parent) ||
    isFunctionDeclaration(parent) ||
    isClassDeclaration(parent) ||
    isImportSpecifier(parent) ||
    isImportClause(parent) ||
    isNamespaceImport(parent)
  return declares && parent.name === node
}

/** Whether the identifier names a member of something, or is only compared with by `instanceof`. */
function isMember(node: Identifier): boolean {
  const { parent } = node
  if (isBinaryExpression(parent)) return parent.operatorToken.kind === SyntaxKind.InstanceOfKeyword
  if (isShorthandPropertyAssignment(parent)) return false
  const { name, propertyName } = parent as { readonly name?: Node; readonly propertyName?: Node }
  return name === node || propertyName === node
}

/** Walks the tree without its types. */
function walkValues(node: Node, visit: (node: Node) => void): void {
  if (isTypeNode(node) || isInterfaceDeclaration(node) || isTypeAliasDeclaration(node)) return
  visit(node)
  node.forEachChild((child) => {
    walkValues(child, visit)
  })
}
