"""Azure's evaluation of roles, scopes and conditions, by cases of its documentation.

Each case is in our own words, with the page that says so (read 2026-11).
"""

from __future__ import annotations

import json
from typing import NamedTuple

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlsec_lint.estate import tables
from mlsec_lint.lower.azure.grants.conditions import holds
from mlsec_lint.lower.azure.grants.deciding import decide
from mlsec_lint.lower.azure.grants.rights import watched
from mlsec_lint.lower.azure.grants.roles import (
    TABLE,
    Block,
    Operation,
    Role,
    allows,
    built_in,
    role_of,
)
from mlsec_lint.lower.azure.grants.scopes import Scope, Segment, covers, scope_text
from mlsec_lint.value import Unknown

LEARN = "https://learn.microsoft.com/azure/"
DEFINITIONS = LEARN + "role-based-access-control/role-definitions"
SCOPES = LEARN + "role-based-access-control/scope-overview"
OVERVIEW = LEARN + "role-based-access-control/overview"
CONDITIONS = LEARN + "role-based-access-control/conditions-format"
BUILT_IN = LEARN + "role-based-access-control/built-in-roles"
BLOBS = LEARN + "storage/blobs/authorize-access-azure-active-directory"
KEYS = LEARN + "storage/common/shared-key-authorization-prevent"
REGISTRY = LEARN + "container-registry/container-registry-roles"
VAULT = LEARN + "key-vault/general/rbac-guide"
IDENTITY = (
    "https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/"
    "how-to-assign-managed-identity-via-azure-policy"
)
ML = LEARN + "machine-learning/how-to-assign-roles"
DISKS = LEARN + "virtual-machines/disks-secure-upload-download"
DELEGATE = LEARN + "role-based-access-control/delegate-role-assignments-overview"

_BLOB = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"
READ = Operation(f"{_BLOB}/read", data=True)
WRITE = Operation(f"{_BLOB}/write", data=True)
LIST_KEYS = Operation("Microsoft.Storage/storageAccounts/listKeys/action")
ASSIGN = Operation("Microsoft.Authorization/roleAssignments/write")
PULL = Operation("Microsoft.ContainerRegistry/registries/pull/read")
PUSH = Operation("Microsoft.ContainerRegistry/registries/push/write")
GET_SECRET = Operation("Microsoft.KeyVault/vaults/secrets/getSecret/action", data=True)
DECRYPT = Operation("Microsoft.KeyVault/vaults/keys/decrypt/action", data=True)
GIVE_IDENTITY = Operation(
    "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action"
)
SUBMIT = Operation("Microsoft.MachineLearningServices/workspaces/jobs/write")
COMPUTE = Operation("Microsoft.MachineLearningServices/workspaces/computes/write")
EXPORT = Operation("Microsoft.Compute/disks/beginGetAccess/action")
MACHINE = Operation("Microsoft.Compute/virtualMachines/write")

SUB = "/subscriptions/11111111-1111-1111-1111-111111111111"
GROUP = f"{SUB}/resourceGroups/rg-ml"
ACCOUNT = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/acmew"
CONTAINER = f"{ACCOUNT}/blobServices/default/containers/ckpt"
OTHER = f"{SUB}/resourceGroups/rg-web/providers/Microsoft.Storage/storageAccounts/web"
READER_IF = (
    "((!(ActionMatches{{'{action}'}})) OR "
    "(@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name] "
    "StringEquals 'blobs-example-container'))"
)


class Case(NamedTuple):
    """A role somewhere, an operation on a resource, and what Azure answers."""

    says: str
    role: Role
    scope: str
    operation: Operation
    at: str
    answer: bool | None  # None: it depends on the request
    source: str


def custom(**lists) -> Role:
    return Role("custom", (Block(**lists),))


def under(role: str, condition: str) -> Role:
    found = role_of(role)
    return found._replace(
        blocks=tuple(block._replace(condition=condition) for block in found.blocks)
    )


CASES = [
    Case("a role given on a subscription holds in its groups", role_of("Owner"), SUB, LIST_KEYS, ACCOUNT, True, SCOPES),
    Case("a role given on a group holds for what is in it", role_of("Contributor"), GROUP, LIST_KEYS, ACCOUNT, True, SCOPES),
    Case("a role given on a group holds for no other group", role_of("Contributor"), GROUP, LIST_KEYS, OTHER, False, SCOPES),
    Case("a role given on a resource holds for no other resource", role_of("Storage Blob Data Reader"), OTHER, READ, ACCOUNT, False, SCOPES),
    Case("a role given on an account holds for its containers", role_of("Storage Blob Data Reader"), ACCOUNT, READ, CONTAINER, True, BLOBS),
    Case("a role given on a container does not hold for its account", role_of("Storage Blob Data Reader"), CONTAINER, READ, ACCOUNT, False, BLOBS),
    Case("a role at the root holds everywhere", role_of("User Access Administrator"), "/", ASSIGN, ACCOUNT, True, SCOPES),
    Case("ids are compared without regard to case", role_of("Storage Blob Data Reader"), GROUP.upper().replace("/SUBSCRIPTIONS", "/subscriptions"), READ, ACCOUNT, True, SCOPES),
    Case("Owner may assign roles", role_of("Owner"), GROUP, ASSIGN, ACCOUNT, True, BUILT_IN),
    Case("Contributor may not assign roles: its notActions take it out", role_of("Contributor"), GROUP, ASSIGN, ACCOUNT, False, DEFINITIONS),
    Case("Reader changes nothing", role_of("Reader"), GROUP, LIST_KEYS, ACCOUNT, False, BUILT_IN),
    Case("Owner has no data actions: blobs are not read by it", role_of("Owner"), GROUP, READ, ACCOUNT, False, DEFINITIONS),
    Case("Contributor has no data actions", role_of("Contributor"), GROUP, READ, ACCOUNT, False, BLOBS),
    Case("Contributor lists account keys, which open the blobs", role_of("Contributor"), GROUP, LIST_KEYS, ACCOUNT, True, KEYS),
    Case("Reader and Data Access lists account keys", role_of("Reader and Data Access"), ACCOUNT, LIST_KEYS, ACCOUNT, True, KEYS),
    Case("Storage Account Contributor lists account keys", role_of("Storage Account Contributor"), ACCOUNT, LIST_KEYS, ACCOUNT, True, KEYS),
    Case("Storage Blob Data Reader reads", role_of("Storage Blob Data Reader"), ACCOUNT, READ, ACCOUNT, True, DEFINITIONS),
    Case("Storage Blob Data Reader does not write", role_of("Storage Blob Data Reader"), ACCOUNT, WRITE, ACCOUNT, False, DEFINITIONS),
    Case("Storage Blob Data Contributor reads and writes", role_of("Storage Blob Data Contributor"), ACCOUNT, WRITE, ACCOUNT, True, DEFINITIONS),
    Case("Storage Blob Data Reader lists no keys", role_of("Storage Blob Data Reader"), ACCOUNT, LIST_KEYS, ACCOUNT, False, BLOBS),
    Case("roles are named by id as well", role_of(f"{SUB}/providers/Microsoft.Authorization/roleDefinitions/2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"), ACCOUNT, READ, ACCOUNT, True, BUILT_IN),
    Case("a * in actions is every control operation", custom(actions=("*",)), SUB, LIST_KEYS, ACCOUNT, True, DEFINITIONS),
    Case("a * in actions is no data operation", custom(actions=("*",)), SUB, READ, ACCOUNT, False, DEFINITIONS),
    Case("a * in dataActions is every data operation", custom(data_actions=("*",)), SUB, READ, ACCOUNT, True, DEFINITIONS),
    Case("a wildcard stands within a name", custom(actions=("Microsoft.Storage/*",)), SUB, LIST_KEYS, ACCOUNT, True, DEFINITIONS),
    Case("*/read takes in all reading of all providers", custom(actions=("*/read",)), SUB, PULL, ACCOUNT.replace("Storage/storageAccounts", "ContainerRegistry/registries"), True, DEFINITIONS),
    Case("*/read is no write", custom(actions=("*/read",)), SUB, PUSH, ACCOUNT, False, DEFINITIONS),
    Case("notDataActions take out of the same role", custom(data_actions=(f"{_BLOB}/*",), not_data_actions=(f"{_BLOB}/write",)), ACCOUNT, WRITE, ACCOUNT, False, DEFINITIONS),
    Case("what notDataActions do not name stays", custom(data_actions=(f"{_BLOB}/*",), not_data_actions=(f"{_BLOB}/write",)), ACCOUNT, READ, ACCOUNT, True, DEFINITIONS),
    Case("notActions take nothing from dataActions", custom(data_actions=(f"{_BLOB}/read",), not_actions=("*",)), ACCOUNT, READ, ACCOUNT, True, DEFINITIONS),
    Case("names of actions are compared without regard to case", custom(actions=("microsoft.storage/storageaccounts/LISTKEYS/action",)), ACCOUNT, LIST_KEYS, ACCOUNT, True, DEFINITIONS),
    Case("AcrPull pulls", role_of("AcrPull"), SUB, PULL, ACCOUNT, True, REGISTRY),
    Case("AcrPull does not push", role_of("AcrPull"), SUB, PUSH, ACCOUNT, False, REGISTRY),
    Case("AcrPush pushes and pulls", role_of("AcrPush"), SUB, PULL, ACCOUNT, True, REGISTRY),
    Case("Reader pulls images", role_of("Reader"), SUB, PULL, ACCOUNT, True, REGISTRY),
    Case("AcrImageSigner does not pull", role_of("AcrImageSigner"), SUB, PULL, ACCOUNT, False, REGISTRY),
    Case("Key Vault Secrets User reads secrets", role_of("Key Vault Secrets User"), GROUP, GET_SECRET, ACCOUNT, True, VAULT),
    Case("Key Vault Reader reads no secret values", role_of("Key Vault Reader"), GROUP, GET_SECRET, ACCOUNT, False, VAULT),
    Case("Key Vault Contributor reads no secrets: it manages vaults", role_of("Key Vault Contributor"), GROUP, GET_SECRET, ACCOUNT, False, VAULT),
    Case("Key Vault Crypto User decrypts", role_of("Key Vault Crypto User"), GROUP, DECRYPT, ACCOUNT, True, VAULT),
    Case("Managed Identity Operator assigns identities", role_of("Managed Identity Operator"), GROUP, GIVE_IDENTITY, ACCOUNT, True, IDENTITY),
    Case("Managed Identity Operator creates no machines", role_of("Managed Identity Operator"), GROUP, MACHINE, ACCOUNT, False, IDENTITY),
    Case("AzureML Data Scientist submits jobs", role_of("AzureML Data Scientist"), GROUP, SUBMIT, ACCOUNT, True, ML),
    Case("AzureML Data Scientist creates no compute", role_of("AzureML Data Scientist"), GROUP, COMPUTE, ACCOUNT, False, ML),
    Case("AzureML Compute Operator creates compute", role_of("AzureML Compute Operator"), GROUP, COMPUTE, ACCOUNT, True, ML),
    Case("Reader does not export disks", role_of("Reader"), GROUP, EXPORT, ACCOUNT, False, DISKS),
    Case("a condition on reading leaves writing alone", under("Storage Blob Data Contributor", READER_IF.format(action=READ.name)), ACCOUNT, WRITE, ACCOUNT, True, CONDITIONS),
    Case("a condition on reading decides by the container's name", under("Storage Blob Data Contributor", READER_IF.format(action=READ.name)), ACCOUNT, READ, ACCOUNT, None, CONDITIONS),
    Case("a condition may restrict by a wildcard of actions", under("Storage Blob Data Contributor", READER_IF.format(action=f"{_BLOB}/*")), ACCOUNT, WRITE, ACCOUNT, None, CONDITIONS),
    Case("who may delegate some roles only may perhaps delegate this one", under("Owner", "((!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})) OR (@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {ba92f5b4-2d11-453d-a403-e96b0029c9fe}))"), GROUP, ASSIGN, ACCOUNT, None, DELEGATE),
    Case("a constraint on delegation leaves the rest of Owner alone", under("Owner", "((!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})) OR (@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {ba92f5b4-2d11-453d-a403-e96b0029c9fe}))"), GROUP, LIST_KEYS, ACCOUNT, True, DELEGATE),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case.says for case in CASES])
def test_a_documented_case(case):
    answer = decide(
        case.role, scope_text(case.scope), case.operation, scope_text(case.at)
    )

    if case.answer is None:
        assert isinstance(answer, Unknown)
    else:
        assert answer is case.answer
    assert case.source.startswith("https://learn.microsoft.com/")


def test_there_are_enough_cases_and_none_twice():
    assert len({case.says for case in CASES}) == len(CASES) >= 40


def test_roles_add_up_and_notactions_deny_nothing_of_another_role():
    """What one role takes out, another one may give (role-definitions, overview)."""
    narrow = custom(actions=("*",), not_actions=(LIST_KEYS.name,))
    given_back = custom(actions=(LIST_KEYS.name,))
    both = Role("both", (*narrow.blocks, *given_back.blocks))

    assert allows(narrow, LIST_KEYS) is False
    assert allows(both, LIST_KEYS) is True


def test_a_role_that_the_table_does_not_have_is_not_known():
    assert isinstance(allows(role_of("Nobody's Role"), READ), Unknown)
    assert built_in("Nobody's Role") is None


def test_a_management_group_holds_what_config_puts_into_it():
    group = Scope(group="root", members=("11111111-1111-1111-1111-111111111111",))
    elsewhere = Scope(group="root", members=("2",))

    assert covers(group, scope_text(ACCOUNT)) is True
    assert isinstance(covers(elsewhere, scope_text(ACCOUNT)), Unknown)


def test_the_name_of_an_account_tells_it_whatever_the_subscription_is():
    nowhere = Segment(None)
    known = scope_text(ACCOUNT)
    looked_up = Scope((known.segments[0], nowhere, *known.segments[2:]))

    assert covers(looked_up, known) is True
    assert covers(looked_up, scope_text(OTHER)) is False


@pytest.mark.parametrize(
    "condition",
    ["(" * 5000, "!" * 5000, "a OR " * 4000, "(!(ActionMatches{'x'", "x' ) ) )", "é{"],
)
def test_a_condition_that_is_none_is_not_known_and_ends(condition):
    assert isinstance(holds(condition, READ.name), Unknown)


def test_the_table_knows_every_operation_that_is_asked_about():
    table = tables.document(TABLE)["watched"]
    control = {name.lower() for name in table["control"]}
    data = {name.lower() for name in table["data"]}

    for operation in watched():
        assert operation.name.lower() in (data if operation.data else control)


def test_the_table_of_roles_is_valid():
    folder = tables.folder()
    schema = json.loads(folder.joinpath("azure_roles.schema.json").read_text())

    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(tables.document(TABLE), schema)


def test_every_role_is_found_by_its_name_and_by_its_id():
    table = tables.document(TABLE)
    ids = {name: row["id"] for name, row in table["roles"].items()} | table["others"]

    assert len(set(ids.values())) == len(ids) == 928
    for name, number in ids.items():
        assert built_in(name) is built_in(number.upper()) is not None


# -- laws -------------------------------------------------------------------------

NAMES = [operation.name for operation in watched()]
UNKNOWN = Unknown("variable", "who knows")
patterns = st.lists(
    st.one_of(
        st.sampled_from(NAMES),
        st.sampled_from(["*", "*/read", "*/write", "Microsoft.Storage/*", "a"]),
        st.just(UNKNOWN),
    ),
    max_size=4,
).map(tuple)
blocks = st.builds(
    Block,
    actions=patterns,
    not_actions=patterns,
    data_actions=patterns,
    not_data_actions=patterns,
    condition=st.just(""),
)
roles = st.lists(blocks, max_size=3).map(lambda found: Role("r", tuple(found)))
operations = st.sampled_from(watched())


def rank(answer) -> int:
    return 1 if isinstance(answer, Unknown) else 2 * answer


@given(roles, blocks, operations)
def test_another_block_never_takes_anything(role, block, operation):
    more = role._replace(blocks=(*role.blocks, block))

    assert rank(allows(more, operation)) >= rank(allows(role, operation))


@given(roles, patterns, operations)
def test_notactions_never_add(role, taken, operation):
    less = role._replace(
        blocks=tuple(
            block._replace(
                not_actions=(*block.not_actions, *taken),
                not_data_actions=(*block.not_data_actions, *taken),
            )
            for block in role.blocks
        )
    )

    assert rank(allows(less, operation)) <= rank(allows(role, operation))


@given(roles, operations, st.sampled_from(["*", "a", *NAMES[:5]]))
def test_an_unknown_action_is_never_a_no_where_any_action_would_be_a_yes(
    role, operation, name
):
    known = role._replace(blocks=(*role.blocks, Block((name,), data_actions=(name,))))
    unknown = role._replace(
        blocks=(*role.blocks, Block((UNKNOWN,), data_actions=(UNKNOWN,)))
    )

    if allows(known, operation) is not False:
        assert allows(unknown, operation) is not False


segments = st.lists(
    st.sampled_from(
        [Segment("a"), Segment("b"), Segment(None), Segment(None, "x", declared=True)]
    ),
    max_size=6,
).map(tuple)


@given(segments, segments)
def test_a_scope_covers_itself_and_what_lies_below_it(above, below):
    assert covers(Scope(above), Scope((*above, *below))) is not False


@given(segments, segments, st.integers(0, 5))
def test_what_is_not_known_of_a_scope_widens(mine, other, place):
    answer = covers(Scope(mine), Scope(other))
    vague = (*mine[:place], Segment(None), *mine[place + 1 :])

    if place < len(mine) and answer is True:
        assert covers(Scope(vague), Scope(other)) is not False
