/** Loaded before each test file: ends its process after `--deadline=<minutes>`, where something keeps it running. */
const minutes = Number(process.argv.find((each) => each.startsWith('--deadline='))?.split('=')[1])

setTimeout(() => {
  const open = process.getActiveResourcesInfo().join(', ')
  process.stderr.write(`still running after ${minutes} minutes: ${open}\n`)
  process.exit(1)
}, minutes * 60_000).unref()
