/** A certificate for 127.0.0.1 that lasts a day, made by the `openssl` command line. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'

/** The files of a server, and the authority for its clients: the certificate itself. */
export interface TlsPair {
  readonly certFile: string
  readonly keyFile: string
  readonly ca: string
}

/** Makes it in a folder; undefined where there is no openssl. */
export function makeCertificate(folder: string): TlsPair | undefined {
  const certFile = path.join(folder, 'tls.crt')
  const keyFile = path.join(folder, 'tls.key')
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const name = ['-subj', '/CN=bench', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '1']
  const files = ['-keyout', keyFile, '-out', certFile]
  const { status } = spawnSync('openssl', ['req', '-x509', ...curve, ...name, ...files])
  if (status !== 0) return undefined
  return { certFile, keyFile, ca: readFileSync(certFile, 'utf8') }
}
