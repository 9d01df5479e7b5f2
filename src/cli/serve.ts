/**
 * `trent serve`: serves until it is told to stop, then drains.
 */
import { systemClock } from '../clock.ts'
import { readConfig } from '../config.ts'
import { keepCompiled } from './compile-cache.ts'
import { awsFiles, ensureFirstAccount, writeAwsConfig } from '../first-account.ts'
import { standardLog } from '../log.ts'
import { collectAlone } from '../operating/young-collections.ts'
import { serve, type ServeOptions, type Serving } from '../serve.ts'
import type { Service } from '../service.ts'

/** Runs the server; answers the exit code when a signal has ended it. */
export async function runServer(flags: Readonly<Record<string, string>>): Promise<number> {
  collectAlone()
  const config = readConfig(flags)
  const stopped = untilStopped()
  const options = { ...config, clock: systemClock, log: standardLog() }
  const serving = await start(options)
  const region = config.regions.includes('us-east-1') ? 'us-east-1' : config.regions[0]
  keepCompiled(config.data)
  writeAwsConfig(config.data, serving.url, region ?? 'us-east-1')
  const files = awsFiles(config.data)
  process.stdout.write(
    `Trent is ready at ${serving.url}\n` +
      (serving.opsUrl === undefined ? '' : `Health and metrics are at ${serving.opsUrl}\n`) +
      `export AWS_CONFIG_FILE=${shellWord(files.config)}\n` +
      `export AWS_SHARED_CREDENTIALS_FILE=${shellWord(files.credentials)}\n`,
  )
  await stopped
  await serving.close()
  return 0
}

/** Starts one process, or several, whose code nobody else needs. */
async function start(options: ServeOptions): Promise<Serving> {
  const { workers = 1, data } = options
  const prepare = (service: Service) => ensureFirstAccount(service, data)
  if (workers === 1) return serve(options, prepare)
  const { serveWithWorkers } = await import('../workers/primary.ts')
  return serveWithWorkers({ ...options, workers }, prepare)
}

/** Resolves at SIGTERM or SIGINT, or when the launcher that started this process is gone. */
function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      resolve()
    }
    process.once('SIGTERM', stop)
    process.once('SIGINT', stop)
    process.once('SIGHUP', stop)
    process.once('disconnect', stop)
    process.channel?.unref()
  })
}

function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
