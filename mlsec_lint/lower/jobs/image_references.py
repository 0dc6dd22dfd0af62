"""References of container images: registry and path, and the store that they lie in.

A reference with parts that nobody can tell has them as `${name}`. Forms of the hosts:
Amazon ECR, Artifact Registry and Azure Container Registry documentation, read 2026-11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate import Thing
from mlsec_lint.estate.places import state_place
from mlsec_lint.patterns import regex

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.source import Span

_PART = r"(?:[a-z0-9-]|\$\{[^{}]{0,200}\}){1,200}?"
_ECR = regex(
    rf"(?P<account>{_PART})\.dkr\.ecr(?:-fips)?\.(?P<region>{_PART})\.amazonaws\.com(?:\.cn)?"
)
_ARTIFACT = regex(rf"(?P<region>{_PART})-docker\.pkg\.dev")
_AZURE = regex(rf"(?P<name>{_PART})\.azurecr\.(?:io|us|cn)")
_HUB = frozenset({"docker.io", "index.docker.io", "registry-1.docker.io"})
_TRANSPORT = regex(r"^(?:docker|docker-daemon|containers-storage|oci)(?:://|:)")
#: Longer texts are no references.
_MAX = 1_000


class Reference(NamedTuple):
    """An image's name without tag and digest: `host` is "" where none is written."""

    host: str
    path: str

    @property
    def name(self) -> str:
        """Host and path as one text, the same wherever the same image is meant."""
        return f"{self.host}/{self.path}" if self.host else self.path

    @property
    def local(self) -> bool:
        """Whether only the file that uses it can tell what it means."""
        return not self.host or "$" in self.name


class Place(NamedTuple):
    """Where a reference leads: stores, and whether they are certainly the ones."""

    stores: tuple[Thing, ...]
    certain: bool


def reference(text: str) -> Reference | None:
    """The reference in a word; None where it names no image."""
    word = _TRANSPORT.sub("", text.strip().strip("\"'").strip())
    if not word or len(word) > _MAX or any(c.isspace() for c in word):
        return None
    name = word.partition("@")[0].rstrip("/")
    head, slash, last = name.rpartition("/")
    bare = f"{head}{slash}{_untagged(last)}"
    host, slash, path = bare.partition("/")
    if not slash or not (set(host) & set(".:$") or host == "localhost"):
        return Reference("", bare) if bare else None
    return Reference("docker.io" if host in _HUB else host, path)


def same_image(one: Reference, other: Reference) -> bool:
    """Whether two references of ECR, unknown in account or region, may be one image."""
    first, second = _ECR.fullmatch(one.host), _ECR.fullmatch(other.host)
    if first is None or second is None or one.path != other.path:
        return False
    return all(
        first[part] == second[part] or "$" in first[part] + second[part]
        for part in ("account", "region")
    )


def _untagged(last: str) -> str:
    """The last part of a name up to its tag; a colon inside of `${...}` is none."""
    depth = 0
    for at, letter in enumerate(last):
        if letter == "{":
            depth += 1
        elif letter == "}":
            depth -= 1
        elif letter == ":" and depth <= 0:
            return last[:at]
    return last


def place_of(estate: Estate, found: Reference, span: Span) -> Place:
    """The stores that an image of that name is pushed to.

    The declared registry of that name where there is one; else, of a host that is
    known, a store that nothing declares. No store where nobody can tell the registry.
    """
    ecr, artifact = _ECR.fullmatch(found.host), _ARTIFACT.fullmatch(found.host)
    azure = _AZURE.fullmatch(found.host)
    if ecr is not None:
        stores = _declared(estate, found.path, "aws", ecr["region"])
        if stores:
            return Place(stores, certain=len(stores) == 1)
        return _undeclared(estate, found, found.name, "aws", span, ecr["region"])
    if artifact is not None:
        project, _, rest = found.path.partition("/")
        repository = rest.partition("/")[0]
        stores = _declared(estate, repository, "gcp", artifact["region"])
        if stores:
            return Place(stores, certain=len(stores) == 1)
        name = f"{found.host}/{project}/{repository}"
        return _undeclared(estate, found, name, "gcp", span, artifact["region"])
    if azure is not None:
        stores = _declared(estate, azure["name"], "azure", "")
        if stores:
            return Place(stores, certain=len(stores) == 1)
        return _undeclared(estate, found, found.host, "azure", span)
    if found.host.startswith("${"):
        # A login step or a variable gives the host; the path may still be one of ours.
        return Place(_declared(estate, found.path, "aws", ""), certain=False)
    host = found.host or "docker.io"
    return _undeclared(estate, found, f"{host}/{found.path}", "", span)


def _declared(
    estate: Estate, name: str, provider: str, region: str
) -> tuple[Thing, ...]:
    return tuple(
        store
        for store in (estate.named(name, "store") if name else ())
        if (sort := store.fact("type")) is not None
        and sort.value == "registry"
        and store.provider == provider
        and _lies_in(store, region)
    )


def _lies_in(store: Thing, region: str) -> bool:
    """Whether a store may lie in a region: where either is not known, it may."""
    fact = store.fact("place.region")
    if fact is None or not isinstance(fact.value, str) or not region or "$" in region:
        return True
    return fact.value.lower() == region.lower()


def _undeclared(
    estate: Estate,
    found: Reference,
    address: str,
    provider: str,
    span: Span,
    region: str = "",
) -> Place:
    if "$" in address or not found.path:
        return Place((), certain=False)
    made = Thing("store", address, address, span, provider, names={address})
    store = estate.add(made)
    if store is made:
        store.state("type", "registry", span)
        store.state("declared", value=False, span=span)
        if region:
            state_place(store, provider, region, span)
        if found.host == "public.ecr.aws":
            store.state("public.principal", value=True, span=span)
    return Place((store,), certain=True)
