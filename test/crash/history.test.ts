import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Call, type Operation, type Outcome, problemsOf, recordProblemsOf } from './history.ts'

const answered: Outcome = { is: 'answered' }
const lost: Outcome = { is: 'lost' }
const refused = (code: string, status = 400): Outcome => ({ is: 'refused', code, status })
const timeout = refused('DependencyTimeoutException', 500)
const state = (keyState: string): Outcome => ({ is: 'answered', keyState })

let serial = 0

const call = (
  operation: Operation,
  [begin, end]: readonly [begin: number, end: number],
  outcome: Outcome = answered,
): Call => {
  serial += 1
  return { node: 'one', key: 'key', operation, begin, end, outcome, requestId: `r${serial}` }
}

const made = call('CreateKey', [0, 1])

const holds = (...calls: readonly Call[]) => {
  assert.deepEqual(problemsOf([made, ...calls]), [])
}
const fails = (pattern: RegExp, ...calls: readonly Call[]) => {
  const problems = problemsOf([made, ...calls])
  assert.equal(problems.length, 1, problems.join('\n'))
  assert.match(problems[0] ?? '', pattern)
}

test('a use that began after a disabling was acknowledged is found', () => {
  fails(
    /^\[Encrypt of key at one.* saw `enabled` on after \[DisableKey/,
    call('DisableKey', [10, 20]),
    call('Encrypt', [20.1, 30]),
  )
})

test('a use that began before a disabling was acknowledged is none of its business', () => {
  holds(call('DisableKey', [10, 20]), call('Encrypt', [19.9, 30]))
  holds(call('DisableKey', [10, 20]), call('Encrypt', [15, 16], refused('DisabledException')))
})

test('a refusal for a state that nobody has asked for yet is found', () => {
  fails(/saw `enabled` off before/, call('Encrypt', [5, 9], refused('DisabledException')))
  fails(
    /saw `enabled` off/,
    call('DisableKey', [10, 20]),
    call('Encrypt', [5, 9], refused('DisabledException')),
  )
})

test('a disabling that was acknowledged and is gone is found', () => {
  fails(
    /DescribeKey.* saw `enabled` on after \[DisableKey/,
    call('DisableKey', [10, 20]),
    call('DescribeKey', [50, 51], state('Enabled')),
  )
  holds(call('DisableKey', [10, 20]), call('DescribeKey', [50, 51], state('Disabled')))
})

test('an enabling that was acknowledged and is gone is found', () => {
  fails(
    /saw `enabled` off after \[EnableKey/,
    call('DisableKey', [10, 20]),
    call('EnableKey', [21, 30]),
    call('Encrypt', [31, 32], refused('DisabledException')),
  )
})

test('a key that was made and is gone is found', () => {
  fails(/saw `exists` off after/, call('DescribeKey', [5, 6], refused('NotFoundException')))
  fails(/saw `exists` off after/, call('DisableKey', [5, 6], refused('NotFoundException')))
  holds(call('Encrypt', [0.5, 3], refused('NotFoundException')))
})

test('a change whose end is unknown may have been made, may not, and may come late', () => {
  for (const end of [lost, timeout]) {
    const disable = call('DisableKey', [10, 20], end)
    holds(disable, call('Encrypt', [30, 31]))
    holds(disable, call('Encrypt', [30, 31], refused('DisabledException')))
    holds(
      disable,
      call('Encrypt', [30, 31]),
      call('Encrypt', [40, 41], refused('DisabledException')),
    )
    fails(/before anybody/, disable, call('Encrypt', [5, 9], refused('DisabledException')))
  }
})

test('a change that was refused, or that nobody heard, excuses nothing', () => {
  fails(
    /before anybody/,
    call('DisableKey', [10, 20], { is: 'unheard' }),
    call('Encrypt', [30, 31], refused('DisabledException')),
  )
})

test('of two changes at once either may have been the last', () => {
  const both = [call('DisableKey', [10, 20]), call('EnableKey', [15, 25])]
  holds(...both, call('Encrypt', [30, 31]))
  holds(...both, call('Encrypt', [30, 31], refused('DisabledException')))
  const apart = [call('DisableKey', [10, 20]), call('EnableKey', [20.5, 25])]
  fails(/saw `enabled` off/, ...apart, call('Encrypt', [30, 31], refused('DisabledException')))
})

test('a use against a policy that was acknowledged is found, in both directions', () => {
  const denied = call('PutKeyPolicy: deny', [10, 20])
  fails(/saw `policy` on after \[PutKeyPolicy: deny/, denied, call('Encrypt', [21, 22]))
  holds(denied, call('Encrypt', [21, 22], refused('AccessDeniedException')))
  fails(
    /saw `policy` off after \[PutKeyPolicy: allow/,
    denied,
    call('PutKeyPolicy: allow', [30, 40]),
    call('Encrypt', [41, 42], refused('AccessDeniedException')),
  )
  holds(denied, call('Decrypt by the grantee', [21, 22], refused('AccessDeniedException')))
})

test('a use of a grant that was revoked, or never given, is found', () => {
  fails(/saw `grant` on before anybody/, call('Decrypt by the grantee', [5, 6]))
  const given = call('CreateGrant', [10, 20])
  holds(given, call('Decrypt by the grantee', [21, 22]))
  fails(
    /saw `grant` off after \[CreateGrant/,
    given,
    call('Decrypt by the grantee', [21, 22], refused('AccessDeniedException')),
  )
  const revoked = call('RevokeGrant', [30, 40])
  fails(
    /saw `grant` on after \[RevokeGrant/,
    given,
    revoked,
    call('Decrypt by the grantee', [41, 42]),
  )
})

test('a state that was looked at has passed the policy and the grant', () => {
  fails(
    /saw `policy` on after/,
    call('PutKeyPolicy: deny', [2, 3]),
    call('DisableKey', [4, 5]),
    call('Encrypt', [6, 7], refused('DisabledException')),
  )
})

test('what one key was told says nothing of another', () => {
  const other = { ...made, key: 'other' }
  holds(call('DisableKey', [10, 20]), other, { ...call('Encrypt', [30, 31]), key: 'other' })
})

test('an answer that there cannot be is found, and the documented timeout is none', () => {
  holds(call('Encrypt', [5, 6], timeout), call('Encrypt', [5, 6], lost))
  const strange = /is no answer that there can be$/
  fails(strange, call('Encrypt', [5, 6], refused('KMSInternalException', 500)))
  fails(strange, call('Encrypt', [5, 6], refused('DependencyTimeoutException', 400)))
  fails(strange, call('Encrypt', [5, 6], refused('ThrottlingException')))
  fails(strange, call('Encrypt', [5, 6], refused('toString')))
  fails(strange, call('CreateGrant', [5, 6], refused('AccessDeniedException')))
})

test('a register that is asked in turn holds, and fails as soon as one answer is another', () => {
  const histories = fc.array(fc.constantFrom('DisableKey', 'EnableKey', 'Encrypt', 'lost'), {
    minLength: 1,
    maxLength: 30,
  })
  fc.assert(
    fc.property(histories, fc.nat(), (steps, pick) => {
      let on = true
      let uncertain = false
      const certain: number[] = []
      const calls = steps.map((step, index): Call => {
        const times = [index * 10 + 10, index * 10 + 15] as const
        if (step === 'lost') {
          uncertain = true
          return call('DisableKey', times, lost)
        }
        if (step === 'Encrypt') {
          if (!uncertain) certain.push(index)
          return call('Encrypt', times, on ? answered : refused('DisabledException'))
        }
        on = step === 'EnableKey'
        return call(step, times)
      })
      holds(...calls)
      const at = certain[pick % Math.max(1, certain.length)]
      const one = at === undefined ? undefined : calls[at]
      if (at === undefined || one === undefined) return
      const outcome = one.outcome.is === 'answered' ? refused('DisabledException') : answered
      fails(/saw `enabled`/, ...calls.with(at, { ...one, outcome }))
    }),
  )
})

test('an answered call without its event, or with two, or with another’s, is found', () => {
  const use = { ...call('Decrypt by the grantee', [5, 6]), requestId: 'r' }
  const told = (...names: readonly string[]) => recordProblemsOf([use], new Map([['r', names]]))
  assert.deepEqual(told('Decrypt'), [])
  for (const names of [[], ['Decrypt', 'Decrypt'], ['Encrypt']]) {
    assert.equal(told(...names).length, 1)
  }
  assert.match(told()[0] ?? '', /has the events \[\]$/)
  const refusal = { ...use, outcome: refused('DisabledException') }
  assert.equal(recordProblemsOf([refusal], new Map()).length, 1)
})

test('a call whose end is unknown may have its event, and not two', () => {
  const use = { ...call('Encrypt', [5, 6], timeout), requestId: 'r' }
  const told = (...names: readonly string[]) => recordProblemsOf([use], new Map([['r', names]]))
  assert.deepEqual(told(), [])
  assert.deepEqual(told('Encrypt'), [])
  assert.equal(told('Encrypt', 'Encrypt').length, 1)
  assert.deepEqual(recordProblemsOf([{ ...use, requestId: undefined }], new Map()), [])
})
