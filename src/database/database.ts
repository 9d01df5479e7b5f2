/**
 * The contract of the database: rows and transactions, the feed of changes, and the in-memory views that the feed keeps
 * fresh. The SQL itself stands in this folder and nowhere else.
 */
import type { Statement } from './sql.ts'
import type { View } from './view.ts'

/** Reads rows. It has no way to change any. */
export interface Reader {
  /** Every row of the statement, in its order. */
  all<Row>(statement: Statement): Promise<readonly Row[]>
  /** The first row of the statement, or undefined if and only if there is none. */
  first<Row>(statement: Statement): Promise<Row | undefined>
}

/** Reads and changes rows inside one transaction; it sees its own changes. */
export interface Writer extends Reader {
  /** Runs a change and answers how many rows it touched. */
  run(statement: Statement): Promise<number>
  /** Names a row that views may hold: the name goes into the feed with the transaction, and every process drops it. */
  changed(name: RowName): void
  /** The chain of the record that the events of this process belong to. */
  readonly chain: string
}

/** The name of a row in the feed: `key/<region>/<key id>`, `material/<key id>/<material id>`, `alias/<account>/<region>/<name>`, `access-key/<id>`,
 * `identity/<unique id>`, `policy/<unique id>`, `oidc-provider/<account>/<url>`, `grants/<region>/<key id>@<created>/<holder>`, `root-key/ring`. */
export type RowName =
  `${'key' | 'material' | 'alias' | 'access-key' | 'identity' | 'policy' | 'oidc-provider' | 'grants' | 'root-key'}/${string}`

/** What may be read and written while the schema lock is held. */
export interface SetUp {
  /** A value of the database's own, undefined if and only if it was never set. */
  meta(name: string): string | undefined
  setMeta(name: string, value: string): void
}

/** What a node holds in memory besides views, made of rows, that has to be as they are before anything is answered. */
export interface Besides {
  /** Whether it is, as far as this node has seen the feed. */
  readonly fresh: boolean
  /** Makes it so. Rejects with `Unavailable` when that cannot be done. */
  freshen(): Promise<void>
  /** Throws `Unavailable` unless it is as the transaction has it: nothing is changed on the grounds of what is over. */
  guard(reader: Reader): Promise<void>
}

/** The chain of the only process of an embedded database, or of its primary. */
export const mainChain = 'main'

/** What one node is to the others over a shared database. */
export interface Standing {
  /** The registration that nobody can have removed at this moment; undefined while that is in doubt. */
  readonly registration: string | undefined
}

/** A database of either engine. */
export interface Database extends AsyncDisposable {
  /** Reads committed rows, never older than the last `refresh`. */
  readonly read: Reader
  /**
   * Runs `work` in a transaction and commits it, together with others that wait. When the promise resolves, the change
   * is on disk, its names are in the feed, and no process answers from before it. When `work` throws, nothing of it stays
   * and the error comes back. When the commit fails, nothing of it stays, unless the error is `OutcomeUnknown`: then the
   * change may be there. `work` awaits nothing but its transaction, and may be run again when others were in the way.
   */
  write<Result>(work: (transaction: Writer) => Promise<Result>): Promise<Result>
  /**
   * Drops from the views whatever any process has changed since the last call. Called when a request begins: what a
   * view answers after it is no older than this moment. What has to be waited for is a promise; it rejects with
   * `Unavailable` when that cannot be said of this process at present.
   */
  refresh(): Promise<void> | undefined
  /** Drops from the views whatever was changed until now, also what nobody has been told of yet. */
  catchUp(): Promise<void>
  /** Whether the views are still known to be fresh: asked again before an answer leaves. */
  readonly fresh: boolean
  /**
   * How long ago, in milliseconds, this process last knew that its views were fresh; undefined when it does not know it at
   * all. It has no such member where that is never in doubt.
   */
  readonly staleness?: number | undefined
  /** How the other nodes know this process; undefined where there are no others. */
  readonly standing?: Standing | undefined
  /** The chain of the record that this process writes. */
  readonly chain: string
  /** How many commits this process has made through `write`: fewer than changes, where they share them. */
  readonly commits: number
  /**
   * Overwrites what deleted rows left behind in the write-ahead log; with `secure_delete` nothing of them is in the files
   * when this returns, unless `owesPurge` says that a reader was in the way.
   */
  purge(): Promise<void>
  /** Whether the last `purge` has to be tried again. */
  readonly owesPurge: boolean
  /** Reads what was committed at one moment, whatever is committed meanwhile; `work` may take its time. */
  snapshot<Result>(work: (reader: Reader) => Promise<Result>): Promise<Result>
  /** Makes a view: rows kept in memory by name, at most `capacity` of them. */
  view<Entry>(capacity: number): View<Entry>
}
