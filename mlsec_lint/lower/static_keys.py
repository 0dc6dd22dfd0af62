"""Long-lived keys of clouds: of identities that Terraform declares, and in workloads.

A key of an identity is stated on the identity; a key that a workload with weights
carries (env names, entries of Secrets, settings of jobs) on the secret. Shared keys of
storage accounts are a switch of the store: `auth.identity_only`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.azure.grants.principals import declared
from mlsec_lint.lower.gcp.grants.people import declared_account
from mlsec_lint.lower.jobs.hosts import internal_host
from mlsec_lint.lower.reading import given, maybe_absent, put_also, reading, span_of
from mlsec_lint.lower.terraform_index import index_of
from mlsec_lint.lower.unsure import may_be_any
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_FACT = "static_key"
_NONE = "no key of it is declared in the scan"
_AWS_USER = "aws_iam_user"
#: Resources that make a key, with the arguments that name whose.
_KEYS = {
    "aws_iam_access_key": ("user",),
    "google_service_account_key": ("service_account_id",),
    "google_storage_hmac_key": ("service_account_email",),
    "azuread_application_password": ("application_id", "application_object_id"),
    "azuread_service_principal_password": ("service_principal_id",),
}
_AZURE = (
    *("azuread_application", "azuread_application_registration"),
    *("azuread_service_principal", "data.azuread_application"),
    "data.azuread_service_principal",
)
#: Sorts of secrets that are keys of clouds and stay good until somebody revokes them.
_SECRETS = (
    "aws-access-key",
    "aws-secret-key",
    "azure-account-key",
    "azure-client-secret",
)
_AMAZON = _SECRETS[:2]
_MOST = 100
#: Names of settings that point at a file, which may be a key or say how to get a token.
_FILES = ("GOOGLE_APPLICATION_CREDENTIALS",)
#: The same of files that a job takes along from somebody's home folder.
_TAKEN = tuple(f"{cloud}-credentials-file" for cloud in ("aws", "gcp", "azure", "oci"))


def lower_static_keys(inputs: Inputs, estate: Estate) -> None:
    """State `static_key` of identities and of secrets that workloads with weights carry."""
    index = index_of(inputs)
    for identity in estate.of("identity"):
        if identity.provider in ("aws", "gcp", "azure"):
            identity.state(_FACT, value=False, default=_NONE)
    for here in index.roots:
        for kind, arguments in _KEYS.items():
            for key in here.of(kind):
                _key(here, key, arguments, estate)
    for secret in estate.of("secret"):
        _carried(estate, secret)


def _key(
    here: RootIndex, key: Resource, arguments: tuple[str, ...], estate: Estate
) -> None:
    for argument in arguments:
        value = given(key.values, argument)
        if value is None:
            continue
        owners = list(_whose(here, value, estate))
        for identity in owners:
            found = maybe_absent(key, reading(value, key, data=True))
            put_also(identity, _FACT, found._replace(span=span_of(value, key)))
        if not owners and may_be_any(here, value):
            _anybodys(here, key, value, estate)


def _anybodys(here: RootIndex, key: Resource, value: Value, estate: Estate) -> None:
    """A key of which nobody can tell whose it is may be that of any of its cloud."""
    cloud = {"goog": "gcp", "azur": "azure"}.get(key.type[:4], "aws")
    why = f"whose key {key.address} is is not known"
    unknown = value.unknown
    unknown = Unknown("variable", why) if unknown is None else unknown
    for identity in estate.of("identity"):
        same = identity.provider == cloud and identity.root == here.root.path
        if same and identity.facts[_FACT].value is False:
            found = unknown._replace(why=why, possible=None, parts=())
            identity.state(_FACT, found, span_of(value, key))


def _whose(here: RootIndex, value: Value, estate: Estate) -> Iterator[Thing]:
    account = declared_account(here, value)
    if account is not None:
        yield from _found(estate, here.address(account))
        return
    for application in here.parents(value, _AZURE):
        yield declared(here, estate, application)
        return
    for user in here.parents(value, (_AWS_USER,)):
        yield from _found(estate, here.address(user))
        return
    text = here.text_of(value)
    if isinstance(text, str):
        for name in (text, text.rpartition("/")[2]):
            found = estate.named(name, "identity")
            if len(found) == 1:
                yield found[0]
                return


def _found(estate: Estate, address: str) -> Iterator[Thing]:
    thing = estate.find("identity", address)
    if thing is not None:
        yield thing


def _carried(estate: Estate, secret: Thing) -> None:
    """A key in a workload that has to do with weights; nothing for other secrets."""
    name = secret.address.rpartition("/secrets/")[2]
    sort = secret.fact("type")
    if sort is not None and sort.value in _SECRETS:
        value: bool | Unknown = True
    elif name in _FILES or (sort is not None and sort.value in _TAKEN):
        why = "whether that file is a key or says how to get a token is not known"
        value = Unknown("environment", why, name, span=secret.span)
    else:
        return
    holders = _holders(estate, secret)
    amazon = sort is not None and sort.value in _AMAZON
    elsewhere = _own_service(estate, holders) if amazon else False
    if elsewhere is True:
        return
    if isinstance(elsewhere, Unknown):
        value = elsewhere
    held = _held(holders)
    if held is True:
        secret.state(_FACT, value, secret.span)
    elif isinstance(held, Unknown) and value is True:
        secret.state(_FACT, held, secret.span)


def _holders(estate: Estate, secret: Thing) -> list[Thing]:
    """Those that carry a secret, and what they are parts of."""
    found: list[Thing] = []
    for edge in estate.edges_to(secret, "carries")[:_MOST]:
        found.append(edge.source)
        for verb in ("has", "runs"):
            found += [up.source for up in estate.edges_to(edge.source, verb)[:_MOST]]
    return found


def _own_service(estate: Estate, holders: list[Thing]) -> bool | Unknown:
    """Whether what they call S3 is a service of the lab's own: its keys are no cloud's."""
    doubt: bool | Unknown = False
    for holder in holders:
        for edge in estate.edges_from(holder, "is pointed at"):
            service, host = edge.target.fact("service"), edge.target.fact("host")
            if service is None or service.value != "s3" or host is None:
                continue
            if isinstance(host.value, Unknown):
                doubt = host.value
            elif internal_host(str(host.value)):
                return True
            elif holder.provider == "kubernetes" and str(host.value).count(".") == 1:
                why = f"whether {host.value} is a service of the cluster is not known"
                doubt = Unknown("environment", why, span=host.span)
    return doubt


def _held(holders: list[Thing]) -> bool | Unknown:
    """Whether one of them has to do with weights."""
    doubt: bool | Unknown = False
    for thing in holders:
        fact = thing.fact("weights.held")
        if fact is not None and fact.value is True:
            return True
        if fact is not None and isinstance(fact.value, Unknown):
            doubt = fact.value
    return doubt
