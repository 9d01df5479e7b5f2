import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { bench, publicKey, readEvents, signingKey } from './fixture.ts'
import { verifyAudit } from './verify.ts'

const storm = `
import { createPrivateKey } from 'node:crypto'
import { AuditLog } from ${JSON.stringify(new URL('./log.ts', import.meta.url).href)}
import { event, MemoryStore } from ${JSON.stringify(new URL('./fixture.ts', import.meta.url).href)}
import { systemClock } from ${JSON.stringify(new URL('../clock.ts', import.meta.url).href)}
const [folder, pem] = process.argv.slice(-2)
const options = { folder, store: new MemoryStore(), clock: systemClock, maxFileBytes: 200000 }
const log = await AuditLog.open({ ...options, signingKey: createPrivateKey(pem) })
for (;;) {
  const events = Array.from({ length: 50 }, () => event(false, 'x'.repeat(300)))
  await Promise.all(events.map((one) => log.append(one)))
  process.stdout.write(events.map((one) => one.eventId + '\\n').join(''))
}`

test('what was acknowledged before kill -9 is in the record, and the record is whole', async (t) => {
  const { folder, open } = bench(t)
  const pem = signingKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const acknowledged: string[] = []
  for (const patience of [300, 10_000, 3000]) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', storm, '--', folder, pem], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      if (output.length > patience * 37) child.kill('SIGKILL')
    })
    await once(child, 'close')
    acknowledged.push(...output.split('\n').slice(0, -1))
  }
  await (await open()).close()
  const report = await verifyAudit({ folder, publicKey })
  assert.deepEqual(report.problems, [])
  const recorded = new Set(readEvents(folder).map((line) => line.eventID))
  assert.ok(acknowledged.length > 10_000)
  assert.deepEqual(
    acknowledged.filter((id) => !recorded.has(id)),
    [],
  )
})
