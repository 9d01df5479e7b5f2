/**
 * The TypeScript files of the repository, parsed, and what the checks beside this file share.
 * TypeScript 7 has no stable API yet; every use of it in `tools/` starts from here.
 */
import path from 'node:path'
import type { Node, SourceFile } from 'typescript/unstable/ast'
import { API } from 'typescript/unstable/sync'

/** The folder of the repository. */
export const root = path.dirname(import.meta.dirname)

/** One file; `path` is relative to the repository, with slashes. */
export interface Source {
  readonly path: string
  readonly text: string
  readonly tree: SourceFile
}

/** What a check has to say: `path:line: message`. */
export type Finding = string

/** Parses every file that tsconfig.json includes. */
export function readSources(): Source[] {
  const api = new API({ cwd: root })
  try {
    const tsconfig = path.join(root, 'tsconfig.json')
    const project = api.updateSnapshot({ openProjects: [tsconfig] }).getProjects()[0]
    if (project === undefined) throw new Error('tsconfig.json cannot be opened')
    const sources = project.rootFiles.map((file): Source => {
      const tree = project.program.getSourceFile(file)
      if (tree === undefined) throw new Error(`${file} cannot be parsed`)
      const relative = path.relative(root, file).replaceAll(path.sep, '/')
      return { path: relative, text: tree.text, tree }
    })
    return sources.sort((a, b) => (a.path < b.path ? -1 : 1))
  } finally {
    api.close()
  }
}

/** Calls `visit` for each node of the tree, parents before children. */
export function walk(node: Node, visit: (node: Node) => void): void {
  visit(node)
  node.forEachChild((child) => {
    walk(child, visit)
  })
}

/** A finding about `node`. */
export function findingAt(source: Source, node: Node, message: string): Finding {
  return `${source.path}:${lineOf(source, node.getStart(source.tree))}: ${message}`
}

/** The line of a position, counted from 1. */
export function lineOf(source: Source, position: number): number {
  return source.tree.getLineAndCharacterOfPosition(position).line + 1
}

/** Whether the file is a test, or serves tests alone. */
export function isTest(file: string): boolean {
  return file.endsWith('.test.ts') || file.startsWith('test/')
}
