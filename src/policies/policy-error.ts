/**
 * What is wrong with a policy, as data: KMS, IAM and STS each dress the same finding in their own protocol.
 */

/** Where a policy stands, which decides its grammar, its limits and the texts of what is wrong with it. */
export type PolicyKind = 'key' | 'identity' | 'boundary' | 'session' | 'trust'

/** One finding. KMS appends `Exception` to the code; IAM and STS send it as it is, `Validation` as ValidationError. */
export interface PolicyProblem {
  readonly code: 'MalformedPolicyDocument' | 'InvalidArn' | 'LimitExceeded' | 'Validation'
  /** AWS's sentence. */
  readonly message: string
}

/** The only error that the policy engine throws. */
export class PolicyError extends Error {
  readonly problem: PolicyProblem

  constructor(problem: PolicyProblem) {
    super(problem.message)
    this.name = 'PolicyError'
    this.problem = problem
  }
}

/** A document that is no policy of its kind. */
export const malformed = (message: string): PolicyError =>
  new PolicyError({ code: 'MalformedPolicyDocument', message })

/** What does not parse; AWS's text varies, and these are the ones most seen. */
export const syntaxFault = (kind: PolicyKind): PolicyError =>
  malformed(kind === 'trust' ? 'Syntax error in policy.' : 'Syntax errors in policy.')

/** What is not even JSON. */
export const jsonFault = (kind: PolicyKind): PolicyError =>
  kind === 'trust' || kind === 'session'
    ? malformed('This policy contains invalid Json')
    : syntaxFault(kind)
