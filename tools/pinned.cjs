#!/usr/bin/env node
/**
 * `node tools/pinned.cjs <file> [args...]` runs a file of this repository on the Node that package.json pins,
 * whatever Node the machine has (20 or later reads this page), after installing what package-lock.json names.
 *
 * `<file>` is absolute or relative to the repository; the working directory stays the caller's. Where another process
 * is needed, signals are passed on to it, its exit code becomes ours, and it holds an ipc channel to this one: when this
 * process is killed outright, the other hears `disconnect` on `process` and should stop as if by SIGTERM (and call
 * `process.channel.unref()`, so that listening does not keep it alive).
 */
'use strict'

const { spawn, spawnSync } = require('node:child_process')
const { createHash } = require('node:crypto')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { pathToFileURL } = require('node:url')

const root = path.dirname(__dirname)
const modules = path.join(root, 'node_modules')
const stamp = path.join(modules, '.trent-lock')
const pinnedNode = path.join(modules, 'node', 'bin', 'node')

/** Runs `file` on the pinned Node, in this process where it is that Node already. */
exports.run = (file, args) => {
  install()
  endWithNpm()
  const pinned = readJson(path.join(root, 'package.json')).devDependencies.node
  if (process.version === `v${pinned}`) {
    process.argv.splice(1, process.argv.length, file, ...args)
    return import(pathToFileURL(file).href)
  }
  return runChild([file, ...args])
}

/** Brings node_modules up to package-lock.json; of several processes one does it, and the others wait. */
function install() {
  if (isInstalled()) return
  const lock = path.join(os.tmpdir(), `trent-install-${sha256(root).slice(0, 16)}`)
  takeLock(lock)
  try {
    if (!isInstalled()) runNpm()
  } finally {
    fs.rmSync(lock, { recursive: true, force: true })
  }
}

function isInstalled() {
  const wanted = sha256(fs.readFileSync(path.join(root, 'package-lock.json')))
  if (!fs.existsSync(pinnedNode)) return false
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === wanted) return true
  if (!isInstalledByHand()) return false
  fs.writeFileSync(stamp, wanted)
  return true
}

/** Whether someone's own `npm install` left just what package-lock.json names, as npm notes in its hidden lockfile. */
function isInstalledByHand() {
  const hidden = path.join(modules, '.package-lock.json')
  if (!fs.existsSync(hidden)) return false
  const found = readJson(hidden).packages
  const wanted = Object.entries(readJson(path.join(root, 'package-lock.json')).packages)
  return wanted.every(([place, { version, optional, devOptional }]) => {
    if (place === '' || found[place]?.version === version) return true
    return found[place] === undefined && Boolean(optional || devOptional)
  })
}

/**
 * `npm install --no-save` takes what the lockfile names, and does not write it. `npm ci` would refuse a lockfile that
 * leaves out the binaries of other platforms, as one does that was written where a registry has not got them.
 */
function runNpm() {
  process.stderr.write('trent: installing the packages of package-lock.json ...\n')
  fs.rmSync(stamp, { force: true })
  const options = ['--no-save', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']
  const { status, error } = spawnSync('npm', ['install', ...options], {
    cwd: root,
    env: environmentForNpm(),
    stdio: ['ignore', 2, 2],
  })
  if (error) fail(`npm cannot be run: ${error.message}`)
  if (status !== 0) fail(`npm install failed in ${root}`)
  if (!fs.existsSync(pinnedNode)) {
    fail('npm left no pinned Node: the install script of the package `node` must be allowed to run')
  }
  fs.writeFileSync(stamp, sha256(fs.readFileSync(path.join(root, 'package-lock.json'))))
}

/** Ours, less what an outer `npm start` or `npx` set for itself, and less the Node that npm is about to replace. */
function environmentForNpm() {
  const outer =
    /^npm_(lifecycle|package|command|execpath|node_execpath|config_(dry_run|(local_|global_)?prefix|global|location|omit|include|only|also|production|workspaces?|include_workspace_root|package_lock_only))/i
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !outer.test(name)))
  const places = (process.env.PATH ?? '').split(path.delimiter)
  env.PATH = places.filter((place) => !place.startsWith(modules)).join(path.delimiter)
  return env
}

/** Makes the lock directory, waiting for the process that has it, and taking it over from one that died. */
function takeLock(lock) {
  const deadline = Date.now() + 15 * 60 * 1000
  for (;;) {
    try {
      fs.mkdirSync(lock)
      fs.writeFileSync(path.join(lock, 'pid'), String(process.pid))
      return
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    if (isAbandoned(lock)) fs.rmSync(lock, { recursive: true, force: true })
    else if (Date.now() > deadline)
      fail(`another process is installing; if none is, remove ${lock}`)
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
  }
}

function isAbandoned(lock) {
  try {
    const { mtimeMs } = fs.statSync(lock)
    const pid = Number(readIfThere(path.join(lock, 'pid')))
    if (pid > 0) process.kill(pid, 0)
    return pid === 0 && Date.now() - mtimeMs > 10_000
  } catch (error) {
    return error.code === 'ESRCH'
  }
}

function readIfThere(file) {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : ''
}

function runChild(args) {
  const child = spawn(pinnedNode, [...process.execArgv, ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  })
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  // A terminal's Ctrl-C reaches both processes by itself, and must not look like two.
  const terminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY
  for (const signal of signals) {
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !terminal) child.kill(signal)
    })
  }
  child.on('error', (error) => fail(`the pinned Node cannot be run: ${error.message}`))
  child.on('exit', (code, signal) => {
    for (const name of signals) process.removeAllListeners(name)
    if (signal) process.kill(process.pid, signal)
    else process.exit(code)
  })
}

function readJson(file) {
  return JSON.parse(fs.readFileSync(file, 'utf8'))
}

function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex')
}

function fail(message) {
  process.stderr.write(`trent: ${message}\n`)
  process.exit(1)
}

/**
 * npm that is killed leaves its scripts running. A script of npm's, whose parent has changed, tells itself to end.
 */
function endWithNpm() {
  if (process.env.npm_lifecycle_event === undefined) return
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    process.kill(process.pid, 'SIGTERM')
  }, 500)
  watch.unref()
}

if (require.main === module) {
  const [file, ...args] = process.argv.slice(2)
  if (file === undefined) fail('usage: node tools/pinned.cjs <file> [args...]')
  exports.run(path.resolve(root, file), args)
}
