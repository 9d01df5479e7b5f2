/**
 * The custodian that seals the root key under a passphrase, with scrypt. Whoever has the sealed file alone has to guess the
 * passphrase, one scrypt to a guess. The passphrase stands in a file of its own, which may go as soon as the server is up.
 *
 *     trent-sealed-root-key-v1:scrypt:<N>:<r>:<p>:<salt, base64>:<sealed root key, base64>
 */
import { existsSync } from 'node:fs'
import { unwrap, wrap } from '../crypto/key-wrap.ts'
import { randomBytes } from '../crypto/random.ts'
import { isBearable, type ScryptCost, stretch, usualCost } from '../crypto/scrypt.ts'
import { xaesKeyFromBytes } from '../crypto/xaes.ts'
import type { Custodian } from './custodian.ts'
import { createOwnFile, CustodianError, readOwnFile, replaceOwnFile } from './root-key-file.ts'

/** What the line begins with. */
export const passphrasePrefix = 'trent-sealed-root-key-v1:'

/** Fewer characters are guessed whatever scrypt costs. */
const fewestCharacters = 12

/** The custodian of a sealed file, whose passphrase is in another file. */
export function passphraseCustodian(file: string, passphraseFile: string): Custodian {
  return {
    kind: 'passphrase',
    file,
    exists: () => existsSync(file),
    open: () => {
      const text = readOwnFile(file, 'root key').toString('latin1')
      const sealed = decode(text)
      if (sealed === undefined)
        throw new CustodianError(`\`${file}\` does not hold a sealed root key`)
      const rootKey = withPassphrase(passphraseFile, (passphrase) => unseal(sealed, passphrase))
      if (rootKey?.length === 32) return rootKey
      throw new CustodianError(
        `the passphrase in \`${passphraseFile}\` does not open the root key \`${file}\`, or that was altered`,
      )
    },
    create: (rootKey) => {
      createOwnFile(file, seal(rootKey, passphraseFile))
    },
    replace: (rootKey) => {
      replaceOwnFile(file, seal(rootKey, passphraseFile))
    },
  }
}

/** What can be said of a sealed file without opening it. */
export function sealingCost(line: string): ScryptCost | undefined {
  return decode(line)?.cost
}

interface Sealed {
  readonly cost: ScryptCost
  readonly salt: Buffer
  readonly sealed: Buffer
}

function seal(rootKey: Uint8Array, passphraseFile: string): Buffer {
  const [cost, salt] = [usualCost, randomBytes(16)]
  const sealed = withPassphrase(passphraseFile, (passphrase) =>
    wrap(keyOf(passphrase, { cost, salt }), rootKey, place({ cost, salt })),
  )
  const { blocks, size, lanes } = cost
  const fields = ['scrypt', blocks, size, lanes, salt.toString('base64'), sealed.toString('base64')]
  return Buffer.from(`${passphrasePrefix}${fields.join(':')}\n`, 'latin1')
}

function unseal(given: Sealed, passphrase: Buffer): Buffer | undefined {
  return unwrap(keyOf(passphrase, given), given.sealed, place(given))
}

function keyOf(passphrase: Buffer, { cost, salt }: Omit<Sealed, 'sealed'>) {
  return xaesKeyFromBytes(stretch(passphrase, salt, cost))
}

function place({ cost, salt }: Omit<Sealed, 'sealed'>): string[] {
  const { blocks, size, lanes } = cost
  return ['root key', 'scrypt', `${blocks}`, `${size}`, `${lanes}`, salt.toString('base64')]
}

/** The passphrase is the first line; it is zeroed when `use` is done with it. */
function withPassphrase<Result>(file: string, use: (passphrase: Buffer) => Result): Result {
  if (!existsSync(file)) throw new CustodianError(`the passphrase file \`${file}\` is missing`)
  const text = readOwnFile(file, 'passphrase')
  try {
    const end = text.indexOf('\n')
    const line = end === -1 ? text : text.subarray(0, end)
    const passphrase = line.at(-1) === carriageReturn ? line.subarray(0, -1) : line
    if (passphrase.length < fewestCharacters) {
      throw new CustodianError(
        `the passphrase in \`${file}\` is too short; it has at least ${fewestCharacters} characters`,
      )
    }
    return use(passphrase)
  } finally {
    text.fill(0)
  }
}

const carriageReturn = 0x0d

/** Reads a line; undefined unless it is spelt as `seal` spells it and asks for no more than a machine can bear. */
function decode(line: string): Sealed | undefined {
  if (!line.startsWith(passphrasePrefix)) return undefined
  const fields = line.slice(passphrasePrefix.length).trimEnd().split(':')
  const [kind, blocks, size, lanes, salt = '', sealed = ''] = fields
  const cost = { blocks: Number(blocks), size: Number(size), lanes: Number(lanes) }
  const given = { cost, salt: Buffer.from(salt, 'base64'), sealed: Buffer.from(sealed, 'base64') }
  const isWhole = kind === 'scrypt' && fields.length === 6 && given.salt.length === 16
  return isWhole && isBearable(cost) ? given : undefined
}
