/**
 * Every answer to every combination, written down: which caller, named how by the key policy, with which policies of its
 * own and which grant. The rows were made by the reference, once; from then on they are the contract, which
 * neither the engine nor the reference may leave. A row that is to change changes in a commit that says why.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decide } from '../../src/access/decide.ts'
import { agree } from './agreement.ts'
import { questionFrom } from './arbitraries.ts'
import { families, operators, requests } from './operator-words.ts'
import { readTable, type TableRow } from './tables.ts'
import { type Row, situationOf } from './words.ts'

/** The words of a row are the tables' own: a wrong one fails as a policy that is not there. */
function rowOf({ cell }: TableRow, hasGrant: boolean): Row {
  const row: unknown = {
    caller: cell('caller'),
    key: cell('key-policy'),
    identity: cell('identity'),
    boundary: cell('boundary'),
    session: cell('session'),
    ...(hasGrant && {
      action: cell('action'),
      grant: cell('grant-names'),
      operation: cell('permits'),
      constraint: cell('asks-for'),
    }),
  }
  return row as Row
}

for (const [name, least] of [
  ['named-alice', 200],
  ['named-app', 600],
  ['named-fed', 600],
  ['grants', 1500],
] as const) {
  test(`the engine and the reference answer as the table ${name} says`, () => {
    const rows = readTable(name)
    assert.ok(rows.length >= least, `${rows.length} rows`)
    assert.equal(new Set(rows.map(({ line }) => line.replace(/^[^ ]+ /, ''))).size, rows.length)
    for (const row of rows) {
      assert.equal(agree(situationOf(rowOf(row, name === 'grants'))), row.cell('answer'), row.line)
    }
  })
}

test('every operator holds where the table operators says', () => {
  const rows = readTable('operators')
  assert.equal(rows.length, operators.size * 3 * 2)
  const base = situationOf({
    caller: 'bob',
    key: 'everyone',
    identity: '-',
    boundary: '-',
    session: '-',
  })
  for (const row of rows) {
    const operator = row.cell('operator')
    const plain = operator.replace(/^For\w+:/, '').replace(/IfExists$/, '')
    const family = families[operators.get(plain) ?? assert.fail(plain)]
    for (const [column, request] of Object.entries(requests)) {
      const found = request(family)
      const condition = { [operator]: { 'aws:Test': family.wanted } }
      const statement = { Principal: '*', Action: '*', Resource: '*', Condition: condition }
      const holds = row.cell(column) === 'yes'
      const context = new Map(found === undefined ? [] : [['aws:test', found] as const])
      const ask = (Statement: readonly object[]) => {
        const key = JSON.stringify({ Version: '2012-10-17', Statement })
        return decide(questionFrom({ ...base, context, key })).allowed
      }
      // The same condition opens an Allow and closes a Deny.
      assert.equal(ask([{ ...statement, Effect: 'Allow' }]), holds, `${row.line} ${column}`)
      assert.equal(
        ask([
          { ...statement, Effect: 'Allow', Condition: {} },
          { ...statement, Effect: 'Deny' },
        ]),
        !holds,
        `${row.line} ${column}`,
      )
    }
  }
})
