import { testProperties } from '../support/fuzzing.ts'
import { startService } from '../support/service.ts'

testProperties(await startService(), 10_000)
