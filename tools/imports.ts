/** What a file imports, in any of the ways that TypeScript has. */
import {
  type ImportDeclaration,
  isCallExpression,
  isExportDeclaration,
  isImportDeclaration,
  isImportTypeNode,
  isLiteralTypeNode,
  isNamedImports,
  isNamespaceImport,
  isStringLiteral,
  type Node,
  SyntaxKind,
} from 'typescript/unstable/ast'
import { type Source, walk } from './sources.ts'

/** One import: `names` are the exported names it takes, `namespace` the local name of the whole module. */
export interface Import {
  readonly node: Node
  readonly specifier: string
  readonly typeOnly: boolean
  readonly names: readonly string[]
  readonly namespace?: string | undefined
}

/** The imports of a file, with `export ... from`, `import()` and `import('...')` types. */
export function importsOf(source: Source): Import[] {
  const found: Import[] = []
  walk(source.tree, (node) => {
    if (isImportDeclaration(node)) {
      found.push({ node, specifier: textOf(node.moduleSpecifier), ...bindings(node) })
    } else if (isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
      const specifier = textOf(node.moduleSpecifier)
      found.push({ node, specifier, typeOnly: node.isTypeOnly, names: [] })
    } else if (isImportTypeNode(node) && isLiteralTypeNode(node.argument)) {
      found.push({ node, specifier: textOf(node.argument.literal), typeOnly: true, names: [] })
    } else if (isCallExpression(node) && node.expression.kind === SyntaxKind.ImportKeyword) {
      const specifier = textOf(node.arguments[0])
      found.push({ node, specifier, typeOnly: false, names: [] })
    }
  })
  return found
}

function bindings(node: ImportDeclaration): Pick<Import, 'typeOnly' | 'names' | 'namespace'> {
  const clause = node.importClause
  const named = clause?.namedBindings
  const elements = named !== undefined && isNamedImports(named) ? named.elements : []
  const star = named !== undefined && isNamespaceImport(named) ? named.name.text : undefined
  return {
    typeOnly: clause?.phaseModifier === SyntaxKind.TypeKeyword,
    names: elements
      .filter((each) => !each.isTypeOnly)
      .map((each) => (each.propertyName ?? each.name).text),
    namespace: star ?? clause?.name?.text,
  }
}

function textOf(node: Node | undefined): string {
  return node !== undefined && isStringLiteral(node) ? node.text : ''
}
