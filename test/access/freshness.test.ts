/**
 * A change of who may do what holds for the very next request: each one is made and taken back several times over, and asked
 * about at once by the SDK.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OperationName } from '../../src/api/types.ts'
import { EncryptCommand } from '@aws-sdk/client-kms'
import { makeKey } from '../support/made-keys.ts'
import { clientOf, makePerson, makeWorld, type Person, type PersonSpec } from '../support/people.ts'
import { makeAccessKey } from '../support/users.ts'
import { refused, startService } from '../support/service.ts'
import { allow, delegation, type Input, may, mayNot, Plaintext, when } from './cases/case.ts'
import { send } from './run.ts'

const trent = await startService()
const world = await makeWorld(trent)
const { kms, iam } = world.homes.home
const rounds = 5
const documentOf = (...Statement: readonly unknown[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement }).replaceAll('<home>', trent.accountId)
const allowing = documentOf(may('kms:Encrypt'))

/** A user and a key of its account, and what the user gets that asks to encrypt. */
async function scene(spec: PersonSpec = {}) {
  const person = await makePerson(world, spec)
  const key = await makeKey(kms)
  const client = clientOf(world, person)
  const encrypt = () => client.send(encryption(key.KeyId))
  return {
    person,
    key,
    UserName: person.name,
    client,
    served: async () => assert.ok((await encrypt()).CiphertextBlob !== undefined),
    denied: () =>
      refused(encrypt(), 'AccessDeniedException', /not authorized to perform: kms:Encrypt/),
    root: (operation: OperationName, input: Input = {}) =>
      send(kms, operation, { KeyId: key.KeyId, ...input }),
  }
}

const encryption = (KeyId: string) => new EncryptCommand({ KeyId, Plaintext })
const own = ({ name: UserName }: Person, PolicyDocument: string) =>
  iam.putUserPolicy({ UserName, PolicyName: 'own', PolicyDocument })

/** Does and undoes; what is served after one is refused after the other. */
async function inTurns(
  of: { readonly served: () => Promise<void>; readonly denied: () => Promise<void> },
  turns: { readonly allow: () => Promise<unknown>; readonly refuse: () => Promise<unknown> },
): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    await turns.allow()
    await of.served()
    await turns.refuse()
    await of.denied()
  }
}

test('a key policy', async () => {
  const of = await scene()
  const put = (...statements: readonly unknown[]) =>
    of.root('PutKeyPolicy', { Policy: documentOf(delegation, ...statements) })
  await of.denied()
  await inTurns(of, { allow: () => put(allow(of.person.arn)), refuse: () => put() })
})

test('a deny in a key policy', async () => {
  const of = await scene()
  await own(of.person, allowing)
  const put = (...statements: readonly unknown[]) =>
    of.root('PutKeyPolicy', { Policy: documentOf(delegation, ...statements) })
  const deny = allow(of.person.arn, { Effect: 'Deny', Action: 'kms:Encrypt' })
  await inTurns(of, { allow: () => put(), refuse: () => put(deny) })
})

test('what conditions ask about is asked of each request', async () => {
  const of = await scene()
  const secret = when('StringEquals', 'kms:EncryptionContext:class', 'secret')
  await own(of.person, documentOf(may('kms:Encrypt'), mayNot('kms:Encrypt', secret)))
  const encrypt = (EncryptionContext: Record<string, string>) =>
    of.client.send(new EncryptCommand({ KeyId: of.key.KeyId, Plaintext, EncryptionContext }))
  for (let round = 0; round < rounds; round += 1) {
    assert.ok((await encrypt({ class: 'open' })).CiphertextBlob)
    await refused(encrypt({ class: 'secret' }), 'AccessDeniedException', /with an explicit deny/)
    await of.served()
  }
})

test('what was allowed with many values says nothing of others', async () => {
  const of = await scene()
  const seven = when('StringLike', 'kms:EncryptionContext:number', '*7')
  await own(of.person, documentOf(may('kms:Encrypt'), mayNot('kms:Encrypt', seven)))
  for (let number = 0; number < 60; number += 1) {
    const EncryptionContext = { number: String(number) }
    const command = new EncryptCommand({ KeyId: of.key.KeyId, Plaintext, EncryptionContext })
    if (number % 10 === 7)
      await refused(of.client.send(command), 'AccessDeniedException', /explicit/)
    else assert.ok((await of.client.send(command)).CiphertextBlob)
  }
})

test('an inline policy of a user', async () => {
  const of = await scene()
  await inTurns(of, {
    allow: () => own(of.person, allowing),
    refuse: () => iam.deleteUserPolicy({ UserName: of.UserName, PolicyName: 'own' }),
  })
})

test('a managed policy that is attached, and its versions', async () => {
  const of = await scene()
  const { UserName } = of
  const made = await iam.createPolicy({ PolicyName: 'managed', PolicyDocument: allowing })
  const PolicyArn = made.Policy?.Arn ?? assert.fail()
  await inTurns(of, {
    allow: () => iam.attachUserPolicy({ UserName, PolicyArn }),
    refuse: () => iam.detachUserPolicy({ UserName, PolicyArn }),
  })
  await iam.attachUserPolicy({ UserName, PolicyArn })
  const PolicyDocument = documentOf(may('kms:Decrypt'))
  await iam.createPolicyVersion({ PolicyArn, PolicyDocument })
  const set = (VersionId: string) => iam.setDefaultPolicyVersion({ PolicyArn, VersionId })
  await inTurns(of, { allow: () => set('v1'), refuse: () => set('v2') })
})

test('membership of a group, and the group’s policy', async () => {
  const of = await scene()
  const { UserName } = of
  const GroupName = 'encrypters'
  await iam.createGroup({ GroupName })
  const put = (PolicyDocument: string) =>
    iam.putGroupPolicy({ GroupName, PolicyName: 'shared', PolicyDocument })
  await put(allowing)
  await of.denied()
  await inTurns(of, {
    allow: () => iam.addUserToGroup({ GroupName, UserName }),
    refuse: () => iam.removeUserFromGroup({ GroupName, UserName }),
  })
  await iam.addUserToGroup({ GroupName, UserName })
  await inTurns(of, {
    allow: () => put(allowing),
    refuse: () => put(documentOf(mayNot('kms:Encrypt'))),
  })
})

test('a permissions boundary', async () => {
  const of = await scene()
  const { UserName } = of
  await own(of.person, allowing)
  const PolicyDocument = documentOf(may('kms:Decrypt'))
  const made = await iam.createPolicy({ PolicyName: 'boundary', PolicyDocument })
  const PermissionsBoundary = made.Policy?.Arn ?? assert.fail()
  await of.served()
  await iam.putUserPermissionsBoundary({ UserName, PermissionsBoundary })
  await of.denied()
  await inTurns(of, {
    allow: () => iam.deleteUserPermissionsBoundary({ UserName }),
    refuse: () => iam.putUserPermissionsBoundary({ UserName, PermissionsBoundary }),
  })
})

test('a tag of a user', async () => {
  const of = await scene()
  const { UserName } = of
  await own(
    of.person,
    documentOf(may('kms:Encrypt', when('StringEquals', 'aws:PrincipalTag/team', 'blue'))),
  )
  await inTurns(of, {
    allow: () => iam.tagUser({ UserName, Tags: [{ Key: 'team', Value: 'blue' }] }),
    refuse: () => iam.untagUser({ UserName, TagKeys: ['team'] }),
  })
})

test('a tag of a key', async () => {
  const of = await scene()
  await own(
    of.person,
    documentOf(may('kms:Encrypt', when('StringEquals', 'aws:ResourceTag/team', 'blue'))),
  )
  await inTurns(of, {
    allow: () => of.root('TagResource', { Tags: [{ TagKey: 'team', TagValue: 'blue' }] }),
    refuse: () => of.root('UntagResource', { TagKeys: ['team'] }),
  })
})

test('an alias of a key', async () => {
  const of = await scene()
  const AliasName = 'alias/fresh'
  await own(
    of.person,
    documentOf(
      may('kms:Encrypt', when('ForAnyValue:StringEquals', 'kms:ResourceAliases', AliasName)),
    ),
  )
  const { KeyId: elsewhere } = await makeKey(kms)
  const point = (operation: 'CreateAlias' | 'UpdateAlias', TargetKeyId: string) =>
    send(kms, operation, { AliasName, TargetKeyId })
  await inTurns(of, {
    allow: () => point('CreateAlias', of.key.KeyId),
    refuse: () => send(kms, 'DeleteAlias', { AliasName }),
  })
  await point('CreateAlias', elsewhere)
  await of.denied()
  await inTurns(of, {
    allow: () => point('UpdateAlias', of.key.KeyId),
    refuse: () => point('UpdateAlias', elsewhere),
  })
})

test('a grant', async () => {
  const of = await scene()
  const GranteePrincipal = of.person.arn
  let GrantId: unknown
  const create = async (): Promise<void> => {
    const made = await of.root('CreateGrant', { GranteePrincipal, Operations: ['Encrypt'] })
    GrantId = made['GrantId']
  }
  await inTurns(of, { allow: create, refuse: () => of.root('RevokeGrant', { GrantId }) })
  await inTurns(of, { allow: create, refuse: () => of.root('RetireGrant', { GrantId }) })
})

test('the status of an access key, and its deletion', async () => {
  const of = await scene()
  const { UserName } = of
  await own(of.person, allowing)
  const credentials = await makeAccessKey(iam, UserName)
  const { accessKeyId: AccessKeyId } = credentials
  const second = clientOf(world, { ...of.person, credentials })
  const encrypt = () => second.send(encryption(of.key.KeyId))
  const unknown = () =>
    refused(
      encrypt(),
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
    )
  const served = async () => assert.ok((await encrypt()).CiphertextBlob !== undefined)
  const set = (Status: 'Active' | 'Inactive') =>
    iam.updateAccessKey({ UserName, AccessKeyId, Status })
  await inTurns(
    { served, denied: unknown },
    { allow: () => set('Active'), refuse: () => set('Inactive') },
  )
  await set('Active')
  await served()
  await iam.deleteAccessKey({ UserName, AccessKeyId })
  await unknown()
  await of.served()
})

/** Deletes a user with all that belongs to it. */
async function deleteUser({ name: UserName, credentials }: Person): Promise<void> {
  await iam.deleteAccessKey({ UserName, AccessKeyId: credentials.accessKeyId })
  const { PolicyNames = [] } = await iam.listUserPolicies({ UserName })
  for (const PolicyName of PolicyNames) await iam.deleteUserPolicy({ UserName, PolicyName })
  await iam.deleteUser({ UserName })
}

/** A user of the same name as one that was deleted. */
async function createAgain(person: Person): Promise<Person> {
  const { name: UserName } = person
  const { User: user } = await iam.createUser({ UserName })
  assert.ok(user?.Arn === person.arn && user.UserId !== undefined && user.UserId !== person.id)
  return { ...person, id: user.UserId, credentials: await makeAccessKey(iam, UserName) }
}

const shownPolicy = async (KeyId: string): Promise<string> =>
  String((await send(kms, 'GetKeyPolicy', { KeyId }))['Policy'])

test('a user that is deleted is nobody with the answer, and neither is a new one of its name', async () => {
  const of = await scene()
  const { KeyId } = of.key
  const policy = documentOf(delegation, allow(of.person.arn, { Sid: 'the user' }))
  await of.root('PutKeyPolicy', { Policy: policy })
  await of.root('CreateGrant', { GranteePrincipal: of.person.arn, Operations: ['Decrypt'] })
  await of.served()
  const { CiphertextBlob } = await of.root('Encrypt', { Plaintext })
  assert.equal(await shownPolicy(KeyId), policy)
  await deleteUser(of.person)
  await refused(
    of.client.send(encryption(KeyId)),
    'UnrecognizedClientException',
    'The security token included in the request is invalid.',
  )
  const orphaned = policy.replace(of.person.arn, of.person.id)
  assert.equal(await shownPolicy(KeyId), orphaned)

  const again = clientOf(world, await createAgain(of.person))
  await refused(again.send(encryption(KeyId)), 'AccessDeniedException', /no identity-based policy/)
  await refused(
    send(again, 'Decrypt', { KeyId, CiphertextBlob }),
    'AccessDeniedException',
    /no identity-based policy/,
  )
  assert.equal(await shownPolicy(KeyId), orphaned)
  await refused(
    of.root('PutKeyPolicy', { Policy: orphaned }),
    'MalformedPolicyDocumentException',
    'Policy contains a statement with one or more invalid principals.',
  )
  await of.root('PutKeyPolicy', { Policy: policy })
  assert.equal(await shownPolicy(KeyId), policy)
  assert.ok((await again.send(encryption(KeyId))).CiphertextBlob !== undefined)
})

test('a condition on the ARN means whoever has it: a new user of the name as well', async () => {
  const of = await scene()
  const everybody = allow('*', when('ArnEquals', 'aws:PrincipalArn', of.person.arn))
  await of.root('PutKeyPolicy', { Policy: documentOf(delegation, everybody) })
  await of.served()
  await deleteUser(of.person)
  const again = clientOf(world, await createAgain(of.person))
  assert.ok((await again.send(encryption(of.key.KeyId))).CiphertextBlob !== undefined)
})

test('a user that is renamed is the same one, and is shown by its new ARN', async () => {
  const of = await scene()
  const { KeyId } = of.key
  const policy = documentOf(delegation, allow(of.person.arn, { Action: 'kms:Encrypt' }))
  await of.root('PutKeyPolicy', { Policy: policy })
  await of.root('CreateGrant', { GranteePrincipal: of.person.arn, Operations: ['Decrypt'] })
  const { CiphertextBlob } = await of.root('Encrypt', { Plaintext })
  await iam.updateUser({ UserName: of.UserName, NewUserName: 'renamed', NewPath: '/new/' })
  await of.served()
  const { Plaintext: opened } = await send(of.client, 'Decrypt', { KeyId, CiphertextBlob })
  assert.deepEqual(Buffer.from(opened as Uint8Array), Buffer.from(Plaintext))
  const renamed = `arn:aws:iam::${trent.accountId}:user/new/renamed`
  assert.equal(await shownPolicy(KeyId), policy.replace(of.person.arn, renamed))
  await refused(
    send(of.client, 'DescribeKey', { KeyId }),
    'AccessDeniedException',
    `User: ${renamed} is not authorized to perform: kms:DescribeKey on resource: ${of.key.Arn} because no identity-based policy allows the kms:DescribeKey action`,
  )

  await iam.createUser({ UserName: of.UserName })
  const credentials = await makeAccessKey(iam, of.UserName)
  const heir = clientOf(world, { ...of.person, credentials })
  await refused(heir.send(encryption(KeyId)), 'AccessDeniedException', /no identity-based policy/)
})

test('what a user may not any more is refused while it is used all the while', async () => {
  const of = await scene()
  await own(of.person, allowing)
  let taken = false
  let late = 0
  const use = async (): Promise<void> => {
    for (;;) {
      const before = taken
      const served = await of.client.send(encryption(of.key.KeyId)).then(
        () => true,
        () => false,
      )
      if (served && before) late += 1
      if (!served || before) return
    }
  }
  const uses = Promise.all(Array.from({ length: 6 }, use))
  await iam.deleteUserPolicy({ UserName: of.UserName, PolicyName: 'own' })
  taken = true
  await uses
  assert.equal(late, 0)
})
