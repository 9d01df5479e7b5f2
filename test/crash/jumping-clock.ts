/**
 * Loaded before a server (`node --import`): SIGUSR2 sets its wall clock four minutes ahead, which signatures may be off by
 * and leases may not; the next one sets it back.
 */
const ahead = 240_000
const trueNow = Date.now
let jump = 0

Date.now = () => trueNow() + jump
process.on('SIGUSR2', () => {
  jump = ahead - jump
})
