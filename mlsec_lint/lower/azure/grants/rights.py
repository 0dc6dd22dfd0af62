"""Which Azure operations give somebody the bytes of a weight store, or let it be opened.

Operations are those of Microsoft's resource provider reference, as far as the table of
roles watches them. A right of the control plane counts where it leads to bytes: account
keys open every container while they are not switched off, a disk is exported by a link.
"""

from __future__ import annotations

from typing import NamedTuple

from mlsec_lint.lower.azure.grants.roles import Operation

READ, WRITE, OPEN = "may read", "may write", "may open"

#: What a way needs of the store beside the right.
KEYS, ADMIN, EXPORT, SHARES = "keys", "admin", "export", "shares"
PUBLIC, ALWAYS = "public", ""


class Way(NamedTuple):
    """One operation that leads to a verb; `words` say how, `needs` what else it takes."""

    verb: str
    operation: Operation
    words: str
    needs: str = ALWAYS


def _data(name: str) -> Operation:
    return Operation(name, data=True)


_STORAGE = "Microsoft.Storage/storageAccounts"
_BLOBS = f"{_STORAGE}/blobServices/containers/blobs"
_FILES = f"{_STORAGE}/fileServices/fileshares/files"
_COMPUTE = "Microsoft.Compute"
_REGISTRY = "Microsoft.ContainerRegistry/registries"
_ML = "Microsoft.MachineLearningServices/workspaces"
ASSIGN_ROLES = Operation("Microsoft.Authorization/roleAssignments/write")
_GRANTING = Way(OPEN, ASSIGN_ROLES, "lets it give roles on it to anybody")

#: Rights that any part of an account gives, too: those on its containers.
PARTS = (
    Way(READ, _data(f"{_BLOBS}/read"), "lets it read blobs"),
    Way(WRITE, _data(f"{_BLOBS}/write"), "lets it write blobs"),
    Way(WRITE, _data(f"{_BLOBS}/add/action"), "lets it add blobs"),
    Way(
        OPEN,
        _data(f"{_BLOBS}/modifyPermissions/action"),
        "lets it change the access lists of blobs",
    ),
)

_ACCOUNT = (
    *PARTS,
    Way(READ, _data(f"{_FILES}/read"), "lets it read files", SHARES),
    Way(WRITE, _data(f"{_FILES}/write"), "lets it write files", SHARES),
    *(
        Way(verb, Operation(f"{_STORAGE}/{name}/action"), words, KEYS)
        for name, words in (
            ("listKeys", "lets it list the account's keys"),
            ("regeneratekey", "lets it make new account keys"),
            ("listAccountSas", "lets it sign links to all of the account"),
            ("listServiceSas", "lets it sign links to a container"),
        )
        for verb in (READ, WRITE, OPEN)
    ),
    Way(OPEN, Operation(f"{_STORAGE}/write"), "lets it change the account's doors"),
    Way(
        OPEN,
        Operation(f"{_STORAGE}/blobServices/containers/write"),
        "lets it make containers public",
        PUBLIC,
    ),
    Way(
        OPEN,
        Operation(f"{_STORAGE}/objectReplicationPolicies/write"),
        "lets it replicate blobs to another account",
    ),
    _GRANTING,
)


def _disk(kind: str) -> tuple[Way, ...]:
    what = f"{_COMPUTE}/{kind}"
    link = Operation(f"{what}/beginGetAccess/action")
    return (
        Way(READ, link, "lets it export it by a link", EXPORT),
        Way(OPEN, link, "lets it export it by a link", EXPORT),
        Way(OPEN, Operation(f"{what}/write"), "lets it change who may export it"),
        _GRANTING,
    )


_IMAGES = (
    Way(READ, Operation(f"{_REGISTRY}/pull/read"), "lets it pull images"),
    Way(
        READ, _data(f"{_REGISTRY}/repositories/content/read"), "lets it read artifacts"
    ),
    Way(WRITE, Operation(f"{_REGISTRY}/push/write"), "lets it push images"),
    Way(
        WRITE,
        _data(f"{_REGISTRY}/repositories/content/write"),
        "lets it write artifacts",
    ),
    *(
        Way(
            verb,
            Operation(f"{_REGISTRY}/listCredentials/action"),
            "lets it read the admin password",
            ADMIN,
        )
        for verb in (READ, WRITE)
    ),
    Way(OPEN, Operation(f"{_REGISTRY}/write"), "lets it open the registry's doors"),
    Way(
        OPEN,
        Operation(f"{_REGISTRY}/tokens/write"),
        "lets it make tokens for anybody",
    ),
    _GRANTING,
)

_WORKSPACE = (
    Way(
        READ,
        Operation(f"{_ML}/datastores/listSecrets/action"),
        "lets it read the keys of its datastores",
        KEYS,
    ),
    Way(
        READ,
        Operation(f"{_ML}/listStorageAccountKeys/action"),
        "lets it list the keys of its storage account",
        KEYS,
    ),
    Way(WRITE, Operation(f"{_ML}/models/versions/write"), "lets it register models"),
    Way(OPEN, Operation(f"{_ML}/write"), "lets it change the workspace's doors"),
    _GRANTING,
)

ACCOUNT, REGISTRY, DISK, SNAPSHOT, WORKSPACE = (
    "account",
    "registry",
    "disk",
    "snapshot",
    "workspace",
)
WAYS: dict[str, tuple[Way, ...]] = {
    ACCOUNT: _ACCOUNT,
    REGISTRY: _IMAGES,
    DISK: _disk("disks"),
    SNAPSHOT: _disk("snapshots"),
    WORKSPACE: _WORKSPACE,
}

#: What starts work that acts as a user-assigned identity: this, on the identity ...
ASSIGN_IDENTITY = Operation(
    "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action"
)
#: ... and one of these, anywhere.
CREATES = (
    Operation(f"{_COMPUTE}/virtualMachines/write"),
    Operation(f"{_COMPUTE}/virtualMachineScaleSets/write"),
    Operation("Microsoft.ContainerInstance/containerGroups/write"),
    Operation("Microsoft.App/containerApps/write"),
    Operation("Microsoft.App/jobs/write"),
    Operation("Microsoft.Web/sites/write"),
    Operation(f"{_ML}/computes/write"),
    Operation("Microsoft.Resources/deploymentScripts/write"),
)
TRUST_OTHERS = Operation(
    "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write"
)
#: Own code on a workspace runs with the identities of its computes and endpoints.
SUBMITS = (
    Operation(f"{_ML}/jobs/write"),
    Operation(f"{_ML}/onlineEndpoints/deployments/write"),
)
#: A shell on a machine, or code of one's own in it.
ENTERS = (
    (Operation(f"{_COMPUTE}/virtualMachines/runCommand/action"), "run commands in it"),
    (Operation(f"{_COMPUTE}/virtualMachines/extensions/write"), "put extensions in it"),
    (_data(f"{_COMPUTE}/virtualMachines/login/action"), "log in to it"),
    (_data(f"{_COMPUTE}/virtualMachines/loginAsAdmin/action"), "log in to it"),
)
READ_SECRETS = _data("Microsoft.KeyVault/vaults/secrets/getSecret/action")


def watched() -> tuple[Operation, ...]:
    """Every operation that is asked about: the table of roles has to know each."""
    asked = [way.operation for ways in WAYS.values() for way in ways]
    asked += [ASSIGN_IDENTITY, TRUST_OTHERS, READ_SECRETS, *CREATES, *SUBMITS]
    return (*asked, *(operation for operation, _ in ENTERS))
