"""Azure role assignments, keys, trusts and identities as edges to weight stores."""

from __future__ import annotations

from textwrap import dedent

import pytest

from mlsec_lint.discovery import discover
from mlsec_lint.estate import Estate
from mlsec_lint.lower.azure import lower_azure
from mlsec_lint.lower.azure.grants import lower_azure_grants
from mlsec_lint.lower.inputs import Inputs
from mlsec_lint.terraform import evaluate_roots
from mlsec_lint.trace import trace

BASE = """
provider "azurerm" {
  features {}
}
variable "x" {}
data "azurerm_client_config" "me" {}
data "azurerm_subscription" "current" {}
data "azurerm_subscription" "other" {
  subscription_id = "22222222-2222-2222-2222-222222222222"
}
resource "azurerm_resource_group" "ml" {
  name     = "rg-ml"
  location = "westeurope"
}
resource "azurerm_resource_group" "web" {
  name     = "rg-web"
  location = "westeurope"
}
resource "azurerm_storage_account" "w" {
  name                            = "acmew"
  resource_group_name             = azurerm_resource_group.ml.name
  location                        = "westeurope"
  account_tier                    = "Standard"
  account_replication_type        = "ZRS"
  shared_access_key_enabled       = KEYS
  allow_nested_items_to_be_public = true
  tags                            = { "mlsec-holds" = "weights" }
}
resource "azurerm_storage_container" "c" {
  name               = "ckpt"
  storage_account_id = azurerm_storage_account.w.id
}
resource "azurerm_user_assigned_identity" "t" {
  name                = "trainer"
  location            = "westeurope"
  resource_group_name = azurerm_resource_group.ml.name
}
"""
STORE = "azurerm_storage_account.w"
OWN = "${data.azurerm_client_config.me.subscription_id}"
ACCOUNTS = (
    "/subscriptions/s/resourceGroups/rg-ml/providers/Microsoft.Storage/storageAccounts"
)
TRAINER = "azurerm_user_assigned_identity.t"


def estate_of(folder, *texts, keys="false"):
    base = BASE.replace("KEYS", keys)
    for number, text in enumerate((base, *texts)):
        file = folder / f"f{number}.tf"
        file.write_text(dedent(text), encoding="utf-8")
    return lowered(folder)


def lowered(folder):
    tree = discover(str(folder))
    inputs = Inputs(tree, evaluate_roots(tree))
    estate = Estate()
    lower_azure(inputs, estate)
    trace(estate, between=lambda: lower_azure_grants(inputs, estate))
    return estate


def edges(estate, verb):
    """(source, target, certain) of every edge of a verb."""
    return [
        (e.source.address, e.target.address, e.certain)
        for e in estate.edges()
        if e.verb == verb
    ]


def assignment(role, scope, who=f"{TRAINER}.principal_id", more=""):
    return f"""
    resource "azurerm_role_assignment" "a" {{
      scope                = {scope}
      role_definition_name = "{role}"
      principal_id         = {who}
      {more}
    }}
    """


@pytest.mark.parametrize(
    ("scope", "certain"),
    [
        ("azurerm_storage_account.w.id", True),
        ("azurerm_resource_group.ml.id", True),
        ("azurerm_storage_container.c.resource_manager_id", True),
        ("data.azurerm_subscription.current.id", True),
        (
            f'"/subscriptions/{OWN}/resourceGroups/rg-ml"',
            True,
        ),
        ('"${azurerm_resource_group.ml.id}"', True),
        (
            f'"{ACCOUNTS}/acmew"',
            True,
        ),
        ('"/subscriptions/s/resourceGroups/rg-ml"', False),
        ("data.azurerm_subscription.other.id", False),
        ("var.x", False),
        ("azurerm_resource_group.web.id", None),
        (
            f'"{ACCOUNTS}/other"',
            None,
        ),
    ],
)
def test_a_scope_by_reference_text_or_data_source(tmp_path, scope, certain):
    estate = estate_of(tmp_path, assignment("Storage Blob Data Reader", scope))

    expected = [] if certain is None else [(TRAINER, STORE, certain)]
    assert edges(estate, "may read") == expected


@pytest.mark.parametrize(
    ("role", "keys", "read", "write", "opened"),
    [
        ("Storage Blob Data Reader", "false", True, None, None),
        ("Storage Blob Data Contributor", "false", True, True, True),
        ("Storage Blob Data Owner", "false", True, True, True),
        ("Contributor", "false", None, None, True),
        ("Contributor", "true", True, True, True),
        ("Contributor", "var.x", False, False, True),
        ("Owner", "true", True, True, True),
        ("Reader", "true", None, None, None),
        ("Reader and Data Access", "true", True, True, True),
        ("Reader and Data Access", "false", None, None, None),
        ("Network Contributor", "true", None, None, None),
        ("User Access Administrator", "false", None, None, True),
        ("Some Role Of Theirs", "false", False, False, False),
    ],
)
def test_what_a_role_gives_on_an_account(tmp_path, role, keys, read, write, opened):
    text = assignment(role, "azurerm_storage_account.w.id")
    estate = estate_of(tmp_path, text, keys=keys)

    for verb, certain in (
        ("may read", read),
        ("may write", write),
        ("may open", opened),
    ):
        found = [e for e in edges(estate, verb) if e[1] == STORE]
        assert found == ([] if certain is None else [(TRAINER, STORE, certain)]), verb


def test_a_role_by_id_and_a_role_of_the_scan(tmp_path):
    estate = estate_of(
        tmp_path,
        """
        resource "azurerm_role_definition" "r" {
          name  = "weights-reader"
          scope = data.azurerm_subscription.current.id
          permissions {
            data_actions     = ["Microsoft.Storage/storageAccounts/blobServices/containers/*"]
            not_data_actions = ["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write"]
          }
        }
        resource "azurerm_role_assignment" "a" {
          scope              = azurerm_storage_account.w.id
          role_definition_id = azurerm_role_definition.r.role_definition_resource_id
          principal_id       = azurerm_user_assigned_identity.t.principal_id
        }
        resource "azurerm_role_assignment" "b" {
          scope              = azurerm_storage_account.w.id
          role_definition_id = "${data.azurerm_subscription.current.id}/providers/Microsoft.Authorization/roleDefinitions/2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
          principal_id       = "33333333-0000-0000-0000-000000000000"
          principal_type     = "User"
        }
        """,
    )
    somebody = "principal:33333333-0000-0000-0000-000000000000"

    assert edges(estate, "may read") == [
        (TRAINER, STORE, True),
        (somebody, STORE, True),
    ]
    assert estate.find("identity", somebody).fact("sort").value == "user"


def test_a_condition_leaves_the_edge_in_doubt_and_another_operation_certain(tmp_path):
    read = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"
    condition = (
        f"((!(ActionMatches{{'{read}'}})) OR (@Resource[Microsoft.Storage/"
        "storageAccounts/blobServices/containers:name] StringEquals 'x'))"
    )
    estate = estate_of(
        tmp_path,
        assignment(
            "Storage Blob Data Contributor",
            "azurerm_storage_account.w.id",
            more=f'condition = "{condition}"',
        ),
    )

    assert edges(estate, "may read") == [(TRAINER, STORE, False)]
    assert (TRAINER, STORE, True) in edges(estate, "may write")


def test_nobody_who_is_named_is_lost(tmp_path):
    estate = estate_of(
        tmp_path,
        assignment(
            "Storage Blob Data Reader", "azurerm_storage_account.w.id", who="var.x"
        ),
    )

    (edge,) = edges(estate, "may read")
    assert edge == ("principal:${var.x}", STORE, False)


def test_a_role_that_has_to_be_activated_is_one_and_does_not_last(tmp_path):
    estate = estate_of(
        tmp_path,
        """
        resource "azurerm_pim_eligible_role_assignment" "a" {
          scope              = azurerm_resource_group.ml.id
          role_definition_id = "/providers/Microsoft.Authorization/roleDefinitions/2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
          principal_id       = azuread_group.g.object_id
        }
        resource "azuread_group" "g" {
          display_name = "g"
          members      = [azuread_user.u.object_id]
        }
        resource "azuread_user" "u" {
          user_principal_name = "u@acme.example"
          display_name        = "u"
        }
        """,
    )
    group = estate.find("identity", "azuread_group.g")

    assert edges(estate, "may read") == [("azuread_group.g", STORE, True)]
    assert group.fact("standing").value is False
    assert group.fact("person").value is True
    assert edges(estate, "counts as") == [("azuread_user.u", "azuread_group.g", True)]


def test_all_accounts_of_a_subscription_are_any_store_for_who_reads_weights(tmp_path):
    estate = estate_of(
        tmp_path,
        assignment(
            "Storage Blob Data Contributor", "data.azurerm_subscription.current.id"
        ),
    )

    assert (TRAINER, "any-store:azure", True) in edges(estate, "may write")
    identity = estate.find("identity", TRAINER)
    assert identity.fact("writes.any_store").value is True
    assert identity.fact("grants.broad").value is True


def test_a_narrow_grant_is_neither_broad_nor_writes_anywhere(tmp_path):
    estate = estate_of(
        tmp_path,
        assignment("Storage Blob Data Contributor", "azurerm_storage_account.w.id"),
    )

    identity = estate.find("identity", TRAINER)
    assert identity.fact("writes.any_store").value is False
    assert identity.fact("grants.broad").value is False


TRUSTS = """
resource "azurerm_role_assignment" "a" {
  scope                = azurerm_storage_account.w.id
  role_definition_name = "Storage Blob Data Reader"
  principal_id         = azurerm_user_assigned_identity.t.principal_id
}
resource "azurerm_federated_identity_credential" "f" {
  name                = "f"
  resource_group_name = "rg-ml"
  parent_id           = azurerm_user_assigned_identity.t.id
  audience            = ["api://AzureADTokenExchange"]
  issuer              = %s
  subject             = %s
}
"""
FORGE = '"https://token.actions.githubusercontent.com"'


@pytest.mark.parametrize(
    ("subject", "scope"),
    [
        ('"repo:acme/train:ref:refs/heads/main"', "subject"),
        ('"repo:acme/train:environment:prod"', "subject"),
        ('"repo:acme/train:pull_request"', "pull-requests"),
    ],
)
def test_a_ci_system_becomes_what_trusts_it(tmp_path, subject, scope):
    estate = estate_of(tmp_path, TRUSTS % (FORGE, subject))

    ci = "ci:token.actions.githubusercontent.com"
    assert edges(estate, "becomes") == [(ci, TRAINER, True)]
    identity = estate.find("identity", TRAINER)
    assert identity.fact("trust.ci.scope").value == scope


@pytest.mark.parametrize(
    ("expression", "scope"),
    [
        (
            "claims['sub'] matches 'repo:acme/train:ref:refs/heads/release-*'",
            "repository",
        ),
        ("claims['sub'] matches 'repo:acme/train:ref:refs/heads/*'", "repository"),
        ("claims['sub'] matches 'repo:acme/train:*'", "repository"),
        ("claims['sub'] matches 'repo:acme/*'", "organisation"),
        ("claims['sub'] matches '*'", "everyone"),
        ("claims['sub'] eq 'repo:acme/train:pull_request'", "pull-requests"),
        ("claims['job'] eq 'x'", "unknown"),
    ],
)
def test_a_flexible_credential_matches_patterns(tmp_path, expression, scope):
    estate = estate_of(
        tmp_path,
        f"""
        resource "azuread_application" "app" {{
          display_name = "app"
        }}
        resource "azuread_service_principal" "app" {{
          client_id = azuread_application.app.client_id
        }}
        resource "azurerm_role_assignment" "a" {{
          scope                = azurerm_storage_account.w.id
          role_definition_name = "Storage Blob Data Reader"
          principal_id         = azuread_service_principal.app.object_id
        }}
        resource "azuread_application_flexible_federated_identity_credential" "f" {{
          application_id             = azuread_application.app.id
          display_name               = "f"
          audience                   = "api://AzureADTokenExchange"
          issuer                     = "https://token.actions.githubusercontent.com"
          claims_matching_expression = "{expression}"
        }}
        """,
    )
    fact = estate.find("identity", "azuread_application.app").fact("trust.ci.scope")

    assert edges(estate, "may read") == [("azuread_application.app", STORE, True)]
    assert (fact.value if isinstance(fact.value, str) else "unknown") == scope


def test_a_service_account_of_the_cluster_that_issues_becomes_it(tmp_path):
    estate = estate_of(
        tmp_path,
        TRUSTS
        % (
            "azurerm_kubernetes_cluster.k.oidc_issuer_url",
            '"system:serviceaccount:ml:trainer"',
        ),
        """
        resource "azurerm_kubernetes_cluster" "k" {
          name = "k"
        }
        """,
    )

    assert edges(estate, "becomes") == [("ServiceAccount/ml/trainer", TRAINER, True)]
    fact = estate.find("identity", TRAINER).fact("trust.workload.scope")
    assert fact.value == "account"


VAULT = """
resource "azurerm_key_vault" "v" {
  name                       = "v"
  location                   = "westeurope"
  resource_group_name        = azurerm_resource_group.web.name
  tenant_id                  = "t"
  sku_name                   = "standard"
  rbac_authorization_enabled = ROLES
  access_policy {
    tenant_id          = "t"
    object_id          = "44444444-0000-0000-0000-000000000000"
    secret_permissions = ["Get"]
  }
  access_policy {
    tenant_id          = "t"
    object_id          = "55555555-0000-0000-0000-000000000000"
    secret_permissions = ["List"]
  }
}
resource "azurerm_key_vault_secret" "s" {
  name         = "s"
  key_vault_id = azurerm_key_vault.v.id
  value        = azurerm_storage_account.w.primary_access_key
}
resource "azurerm_role_assignment" "a" {
  scope                = azurerm_key_vault.v.id
  role_definition_name = "Key Vault Secrets User"
  principal_id         = azurerm_user_assigned_identity.t.principal_id
}
"""


@pytest.mark.parametrize(
    ("roles", "readers"),
    [
        ("true", [(TRAINER, STORE, True)]),
        ("false", [("principal:44444444-0000-0000-0000-000000000000", STORE, True)]),
    ],
)
def test_who_reads_a_secret_with_a_key_of_the_store_reads_the_store(
    tmp_path, roles, readers
):
    text = VAULT.replace("ROLES", roles)

    assert edges(estate_of(tmp_path, text, keys="true"), "may read") == readers


def test_a_key_that_opens_nothing_any_more_lets_nobody_read(tmp_path):
    text = VAULT.replace("ROLES", "true")

    assert edges(estate_of(tmp_path, text, keys="false"), "may read") == []


def test_everyone_reads_a_public_container(tmp_path):
    estate = estate_of(
        tmp_path,
        """
        resource "azurerm_storage_container" "p" {
          name                  = "p"
          storage_account_id    = azurerm_storage_account.w.id
          container_access_type = "blob"
        }
        """,
    )

    assert edges(estate, "may read") == [("everyone", STORE, True)]


def test_a_container_is_not_made_public_where_the_account_forbids_it(tmp_path):
    text = assignment("Storage Blob Data Contributor", "azurerm_storage_account.w.id")
    closed = BASE.replace("public = true", "public = false").replace("KEYS", "false")
    (tmp_path / "f0.tf").write_text(closed)
    (tmp_path / "f1.tf").write_text(dedent(text))

    assert edges(lowered(tmp_path), "may open") == []


def test_one_container_of_several_perhaps_holds_the_weights(tmp_path):
    estate = estate_of(
        tmp_path,
        assignment(
            "Storage Blob Data Reader",
            "azurerm_storage_container.c.resource_manager_id",
        ),
        """
        resource "azurerm_storage_container" "d" {
          name               = "data"
          storage_account_id = azurerm_storage_account.w.id
        }
        """,
    )

    assert edges(estate, "may read") == [(TRAINER, STORE, False)]


READS = """
resource "azurerm_role_assignment" "reads" {
  scope                = azurerm_storage_account.w.id
  role_definition_name = "Storage Blob Data Reader"
  principal_id         = azurerm_user_assigned_identity.t.principal_id
}
"""
SOMEBODY = "principal:66666666-0000-0000-0000-000000000000"


def given(name, role, scope):
    return f"""
    resource "azurerm_role_assignment" "{name}" {{
      scope                = {scope}
      role_definition_name = "{role}"
      principal_id         = "66666666-0000-0000-0000-000000000000"
    }}
    """


@pytest.mark.parametrize(
    ("roles", "certain"),
    [
        (["Managed Identity Operator"], False),
        (["Managed Identity Operator", "Virtual Machine Contributor"], True),
        (["Virtual Machine Contributor"], None),
        (["Contributor"], True),
    ],
)
def test_who_assigns_an_identity_and_creates_compute_acts_as_it(
    tmp_path, roles, certain
):
    texts = [
        given(f"r{number}", role, "azurerm_resource_group.ml.id")
        for number, role in enumerate(roles)
    ]
    estate = estate_of(tmp_path, READS, *texts)

    expected = [] if certain is None else [(SOMEBODY, TRAINER, certain)]
    assert edges(estate, "may launch as") == expected


def test_a_data_scientist_runs_code_as_the_compute(tmp_path):
    estate = estate_of(
        tmp_path,
        READS,
        """
        resource "azurerm_machine_learning_workspace" "m" {
          name                    = "m"
          location                = "westeurope"
          resource_group_name     = azurerm_resource_group.web.name
          application_insights_id = "i"
          key_vault_id            = "v"
          storage_account_id      = azurerm_storage_account.w.id
          identity {
            type = "SystemAssigned"
          }
        }
        resource "azurerm_machine_learning_compute_cluster" "gpu" {
          name                          = "gpu"
          location                      = "westeurope"
          machine_learning_workspace_id = azurerm_machine_learning_workspace.m.id
          vm_priority                   = "Dedicated"
          vm_size                       = "Standard_NC24ads_A100_v4"
          identity {
            type         = "UserAssigned"
            identity_ids = [azurerm_user_assigned_identity.t.id]
          }
        }
        """,
        given(
            "ds", "AzureML Data Scientist", "azurerm_machine_learning_workspace.m.id"
        ),
    )

    gpu = "azurerm_machine_learning_compute_cluster.gpu"
    assert (SOMEBODY, TRAINER, True) in edges(estate, "may launch as")
    assert (gpu, TRAINER, True) in edges(estate, "runs as")


def test_who_runs_commands_in_a_machine_enters_it(tmp_path):
    estate = estate_of(
        tmp_path,
        READS,
        """
        resource "azurerm_linux_virtual_machine" "vm" {
          name                  = "vm"
          resource_group_name   = azurerm_resource_group.ml.name
          location              = "westeurope"
          size                  = "Standard_NC24ads_A100_v4"
          network_interface_ids = []
          identity {
            type         = "UserAssigned"
            identity_ids = [azurerm_user_assigned_identity.t.id]
          }
        }
        """,
        given("vmc", "Virtual Machine Contributor", "azurerm_resource_group.ml.id"),
    )

    vm = "azurerm_linux_virtual_machine.vm"
    assert edges(estate, "may enter") == [(SOMEBODY, vm, True)]
    assert edges(estate, "runs as") == [(vm, TRAINER, True)]


def test_another_tenant_reads_by_an_offer_of_lighthouse(tmp_path):
    estate = estate_of(
        tmp_path,
        """
        resource "azurerm_lighthouse_definition" "d" {
          name               = "vendor"
          managing_tenant_id = "77777777-0000-0000-0000-000000000000"
          scope              = data.azurerm_subscription.current.id
          authorization {
            principal_id       = "88888888-0000-0000-0000-000000000000"
            role_definition_id = "b24988ac-6180-42a0-ab88-20f7382dd24c"
          }
        }
        resource "azurerm_lighthouse_assignment" "a" {
          scope                    = azurerm_resource_group.ml.id
          lighthouse_definition_id = azurerm_lighthouse_definition.d.id
        }
        """,
        keys="true",
    )

    tenant = "account:77777777-0000-0000-0000-000000000000"
    assert edges(estate, "may read") == [(tenant, STORE, True)]


def test_another_assignment_never_takes_a_reader(tmp_path):
    first = assignment("Storage Blob Data Reader", "azurerm_storage_account.w.id")
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    before = estate_of(tmp_path / "one", first)
    after = estate_of(
        tmp_path / "two", first, given("b", "Reader", "azurerm_resource_group.ml.id")
    )

    assert set(edges(before, "may read")) <= set(edges(after, "may read"))


USER = """
resource "azurerm_storage_account_local_user" "u" {
  name               = "u"
  storage_account_id = azurerm_storage_account.w.id
  permission_scope {
    service       = "blob"
    resource_name = "ckpt"
    permissions {
      read = READ
    }
  }
}
"""
LINK = """
data "azurerm_storage_account_sas" "l" {
  connection_string = azurerm_storage_account.w.primary_connection_string
  permissions {
    read  = true
    write = false
  }
}
"""


@pytest.mark.parametrize(
    ("sftp", "read", "certain"),
    [
        ("true", "true", True),
        ("false", "true", None),
        ("true", "false", None),
        ("var.x", "true", False),
        ("true", "var.x", False),
    ],
)
def test_a_local_user_reads_over_sftp(tmp_path, sftp, read, certain):
    user = "azurerm_storage_account_local_user.u"
    base = BASE.replace(
        "shared_access_key_enabled       = KEYS", f"sftp_enabled = {sftp}"
    )
    (tmp_path / "f0.tf").write_text(base)
    (tmp_path / "f1.tf").write_text(USER.replace("READ", read))
    estate = lowered(tmp_path)

    expected = [] if certain is None else [(user, STORE, certain)]
    assert edges(estate, "may read") == expected


@pytest.mark.parametrize(
    ("keys", "certain"), [("true", True), ("false", None), ("var.x", False)]
)
def test_a_signed_link_opens_the_account_while_keys_do(tmp_path, keys, certain):
    link = "data.azurerm_storage_account_sas.l"

    expected = [] if certain is None else [(link, STORE, certain)]
    assert edges(estate_of(tmp_path, LINK, keys=keys), "may read") == expected


def test_a_token_of_a_registry_reads_what_its_scope_map_names(tmp_path):
    estate = estate_of(
        tmp_path,
        """
        resource "azurerm_container_registry" "r" {
          name                = "acmemodels"
          resource_group_name = azurerm_resource_group.ml.name
          location            = "westeurope"
          sku                 = "Premium"
          tags                = { "mlsec-holds" = "weights" }
        }
        resource "azurerm_container_registry_scope_map" "m" {
          name                    = "m"
          container_registry_name = azurerm_container_registry.r.name
          resource_group_name     = azurerm_resource_group.ml.name
          actions                 = ["repositories/llm/content/read"]
        }
        resource "azurerm_container_registry_token" "t" {
          name                    = "t"
          container_registry_name = azurerm_container_registry.r.name
          resource_group_name     = azurerm_resource_group.ml.name
          scope_map_id            = azurerm_container_registry_scope_map.m.id
        }
        """,
    )

    token, registry = (
        "azurerm_container_registry_token.t",
        "azurerm_container_registry.r",
    )
    assert edges(estate, "may read") == [(token, registry, True)]
    assert edges(estate, "may write") == []


def test_an_identity_looked_up_in_another_root_is_the_declared_one(tmp_path):
    (tmp_path / "base").mkdir()
    (tmp_path / "app").mkdir()
    base = BASE.replace("KEYS", "false")
    (tmp_path / "base" / "main.tf").write_text(base)
    (tmp_path / "app" / "main.tf").write_text(
        """
        data "azurerm_user_assigned_identity" "t" {
          name                = "trainer"
          resource_group_name = "rg-ml"
        }
        data "azurerm_storage_account" "w" {
          name                = "acmew"
          resource_group_name = "rg-ml"
        }
        resource "azurerm_role_assignment" "a" {
          scope                = data.azurerm_storage_account.w.id
          role_definition_name = "Storage Blob Data Reader"
          principal_id         = data.azurerm_user_assigned_identity.t.principal_id
        }
        """
    )

    expected = [(f"base:{TRAINER}", f"base:{STORE}", True)]
    assert edges(lowered(tmp_path), "may read") == expected


@pytest.mark.parametrize("wrap", ["%s", "jsonencode(%s)"])
def test_a_role_that_azapi_assigns(tmp_path, wrap):
    body = (
        wrap
        % """{
      properties = {
        principalId      = azurerm_user_assigned_identity.t.principal_id
        roleDefinitionId = "/providers/Microsoft.Authorization/roleDefinitions/2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
      }
    }"""
    )
    estate = estate_of(
        tmp_path,
        f"""
        resource "azapi_resource" "a" {{
          type      = "Microsoft.Authorization/roleAssignments@2022-04-01"
          name      = "x"
          parent_id = azurerm_storage_account.w.id
          body      = {body}
        }}
        """,
    )

    assert edges(estate, "may read") == [(TRAINER, STORE, True)]


@pytest.mark.parametrize(
    ("attribute", "identity"),
    [
        ("identity[0].principal_id", "identity"),
        ("kubelet_identity[0].object_id", "kubelet_identity"),
        (
            "key_vault_secrets_provider[0].secret_identity[0].object_id",
            "key_vault_secrets_provider",
        ),
    ],
)
def test_the_identities_of_a_cluster_are_told_apart(tmp_path, attribute, identity):
    cluster = "azurerm_kubernetes_cluster.k"
    estate = estate_of(
        tmp_path,
        'resource "azurerm_kubernetes_cluster" "k" {\n name = "k"\n}\n',
        assignment(
            "Storage Blob Data Reader",
            "azurerm_storage_account.w.id",
            who=f"{cluster}.{attribute}",
        ),
    )

    assert edges(estate, "may read") == [(f"{cluster}.{identity}", STORE, True)]


def test_an_identity_of_another_tenant_is_told_as_one(tmp_path):
    estate = estate_of(
        tmp_path,
        assignment(
            "Storage Blob Data Reader",
            "azurerm_storage_account.w.id",
            more='delegated_managed_identity_resource_id = "/subscriptions/s/x"',
        ),
    )
    fact = estate.find("identity", TRAINER).fact("outside.account")

    assert not isinstance(fact.value, str)
    assert "tenant" in fact.value.why
