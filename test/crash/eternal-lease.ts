/**
 * Loaded before a server (`node --import`): a node whose lease, once given, never ends. It is what the tests of nodes that
 * stand still have to find, or they would find nothing.
 */
import { NodeLease } from '../../src/database/node-lease.ts'

const isFresh = Object.getOwnPropertyDescriptor(NodeLease.prototype, 'fresh')?.get
if (isFresh === undefined) throw new Error('a lease has another form')
const given = new WeakSet<object>()

Object.defineProperty(NodeLease.prototype, 'fresh', {
  get(this: NodeLease): boolean {
    if (isFresh.call(this) === true) given.add(this)
    return given.has(this)
  },
})
