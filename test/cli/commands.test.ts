/**
 * The command line as a whole: help, version, and what it says to what it does not know.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { runTrent, temporaryFolder } from '../support/process.ts'

const root = join(import.meta.dirname, '..', '..')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly version: string
}

for (const command of [
  '',
  'serve',
  'account',
  'account create',
  'account list',
  'account access-key',
  'account access-key create',
  'account access-key list',
  'account access-key deactivate',
  'account access-key activate',
  'account access-key delete',
  'audit',
  'audit verify',
  'audit tail',
  'audit public-key',
  'jobs',
  'jobs confirm-clock',
  'backup',
  'restore',
  'root-key',
  'root-key rotate',
  'root-key status',
  'root-key retire',
  'root-key show-custodian',
  'root-key change-custodian',
  'version',
]) {
  test(`trent ${command} --help says what it does`, async () => {
    const words = command === '' ? [] : command.split(' ')
    const { code, stdout, stderr } = await runTrent([...words, '--help'])
    assert.equal(code, 0)
    assert.equal(stderr, '')
    assert.match(stdout, new RegExp(`^Usage: trent ${command}`))
    assert.ok(stdout.split('\n').length > 4, stdout)
  })
}

test('the help names every variable', async () => {
  const { stdout } = await runTrent(['--help'])
  for (const name of ['HOST', 'PORT', 'DATA', 'ROOT_KEY', 'REGIONS', 'CONFIG']) {
    assert.ok(stdout.includes(`TRENT_${name}`))
  }
})

test('trent version prints the version of the package', async () => {
  const { code, stdout } = await runTrent(['version'])
  assert.equal(code, 0)
  assert.equal(stdout, `${version}\n`)
})

test('bin/trent is the same program', () => {
  const { status, stdout } = spawnSync(process.execPath, [join(root, 'bin', 'trent'), 'version'], {
    encoding: 'utf8',
  })
  assert.equal(status, 0)
  assert.equal(stdout, `${version}\n`)
})

for (const [what, args] of [
  ['no command', []],
  ['a command that it does not know', ['fly']],
  ['a flag that it does not know', ['serve', '--fly']],
  ['a flag without its value', ['serve', '--port']],
  ['an argument too few', ['account', 'access-key', 'create']],
  ['half a command', ['account', 'access-key']],
] as const) {
  test(`trent with ${what} fails and says on standard error what is wrong`, async () => {
    const { code, stdout, stderr } = await runTrent(args)
    assert.notEqual(code, 0)
    assert.equal(stdout, '')
    assert.match(stderr, /Usage: trent|error: /)
    assert.doesNotMatch(stderr, /\n {4}at /, 'no stack')
  })
}

for (const command of [
  ['account', 'create'],
  ['account', 'list'],
  ['account', 'access-key', 'list', '000000000000'],
  ['audit', 'verify'],
  ['audit', 'public-key'],
  ['jobs', 'confirm-clock'],
  ['backup', '--to', 'some.backup'],
  ['root-key', 'rotate'],
  ['root-key', 'status'],
  ['root-key', 'retire'],
]) {
  test(`without a server trent ${command.join(' ')} says how to start one`, async () => {
    const data = temporaryFolder()
    const { code, stdout, stderr } = await runTrent([...command, '--data', data])
    assert.equal(code, 1)
    assert.equal(stdout, '')
    assert.equal(
      stderr,
      `trent: no trent serves \`${data}\`; start one with trent serve --data ${data}\n`,
    )
  })
}
