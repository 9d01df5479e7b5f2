/** What Linux tells of a process and those that it started; other systems tell nothing. */
import { readFileSync } from 'node:fs'

/** User and system time of a process and its workers, in seconds of hundredths; undefined where nobody tells. */
export function cpuSeconds(pid: number | undefined): number | undefined {
  return sumOver(pid, (id) => {
    const stat = readFileSync(`/proc/${id}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) / 100
  })
}

/** Resident memory of a process and its workers, in bytes; undefined where nobody tells. */
export function residentBytes(pid: number | undefined): number | undefined {
  return sumOver(pid, (id) => {
    const status = readFileSync(`/proc/${id}/status`, 'utf8')
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024
  })
}

function sumOver(pid: number | undefined, of: (pid: number) => number): number | undefined {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
    const workers = children === '' ? [] : children.split(' ')
    const theirs = workers.map((worker) => sumOver(Number(worker), of) ?? 0)
    return theirs.reduce((sum, each) => sum + each, of(Number(pid)))
  } catch {
    return undefined
  }
}

/** How many processes want a core, over the last minute: what else the machine does. */
export function loadAverage(): number | undefined {
  try {
    return Number(readFileSync('/proc/loadavg', 'utf8').split(' ')[0])
  } catch {
    return undefined
  }
}
