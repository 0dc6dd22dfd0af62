"""Secrets that come into a pod as files or variables: which ones, and who carries them.

Volumes of the sorts `secret` and `projected` name Secrets (and audiences of tokens of the
service account); those of the Secrets Store CSI driver a SecretProviderClass, which names
the entries of a cloud's secret manager. Kubernetes 1.34; secrets-store-csi-driver 1.5 with
the providers of AWS, Azure, Google Cloud and Vault, 2026-11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.jobs.configs import inner_documents
from mlsec_lint.lower.kubernetes.environment import entries
from mlsec_lint.lower.kubernetes.index import namespace_of
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.lower.secrets import Found, credential_name, state_secret
from mlsec_lint.lower.stores import written
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.kubernetes.index import Objects
    from mlsec_lint.source import Span
    from mlsec_lint.value import Value

_MOST = 200
#: Parameters of a SecretProviderClass whose text lists what is fetched.
_LISTS = ("secrets", "objects")
#: In an element of such a list, what names the secret: Google Cloud, AWS and Azure, Vault.
_NAMES = ("resourceName", "objectName", "secretPath")


class Brought(NamedTuple):
    """A secret that a volume or a variable brings into a container.

    `name` of the Secret, or of the entry of a secret manager (`object` is then None);
    `keys` of it that are taken, () for all; `span` of the entry that names it.
    """

    name: str
    span: Span
    object: Manifest | None = None
    keys: tuple[str, ...] = ()


def of_volume(volume: Value, objects: Objects, near: Manifest) -> list[Brought]:
    """The secrets that a volume of a pod brings."""
    found = [
        *_secret(given(volume, "secret"), "secretName", objects, near),
        *_provided(given(volume, "csi"), objects, near),
    ]
    for source in _elements(given(volume, "projected"), "sources"):
        found.extend(_secret(given(source, "secret"), "name", objects, near))
    return found[:_MOST]


def of_environment(container: Value, objects: Objects, near: Manifest) -> list[Brought]:
    """The Secrets whose keys a container takes as variables."""
    found: list[Brought] = []
    for entry in _elements(container, "env"):
        reference = given(entry, "valueFrom", "secretKeyRef")
        found.extend(_secret(reference, "name", objects, near))
    for source in _elements(container, "envFrom"):
        found.extend(_secret(given(source, "secretRef"), "name", objects, near))
    return found[:_MOST]


def state_volume(mount: Thing, volume: Value, secrets: Iterable[Brought]) -> None:
    """State the secrets, the class and the audiences of a volume on its mount."""
    state_names(mount, secrets)
    named = given(volume, "csi", "volumeAttributes", "secretProviderClass")
    if named is not None:
        text = settled(named).text()
        mount.state(
            "secrets.class", "" if text is None else text, named.entry() or mount.span
        )
    for source in _elements(given(volume, "projected"), "sources"):
        token = given(source, "serviceAccountToken")
        if token is not None:
            audience = given(token, "audience")
            text = settled(audience).text() if audience is not None else ""
            said = audience if audience is not None else token
            mount.also(
                "token.audience",
                "" if text is None else text,
                said.entry() or mount.span,
            )


def state_names(thing: Thing, secrets: Iterable[Brought]) -> None:
    """State the names of secrets on a mount or container, each once."""
    found = {one.name: one for one in reversed(list(secrets))}
    if found and thing.fact("secrets") is None:
        first = next(reversed(found.values()))
        thing.state("secrets", tuple(sorted(found)), first.span)


def carry(estate: Estate, holder: Thing, secrets: Iterable[Brought]) -> None:
    """The holder carries what the volumes bring: credentials of Secrets, and others."""
    for one in secrets:
        carry_committed(estate, holder, one)
        if one.object is not None:
            continue
        names = [key for key in one.keys if credential_name(key)] or [one.name]
        for name in names:
            kind = credential_name(name) or credential_name(one.name) or "token"
            shown = one.name if name == one.name else f"{one.name}/{name}"
            found = Found(kind, plain=False, span=one.span)
            state_secret(estate, holder, found, holder.address, shown)


def carry_committed(estate: Estate, holder: Thing, one: Brought) -> None:
    """The holder carries the credentials that stand in a Secret of the scan."""
    for key, thing in _committed(estate, one):
        if not one.keys or key in one.keys:
            estate.link(holder, "carries", thing, one.span)


def _committed(estate: Estate, one: Brought) -> Iterator[tuple[str, Thing]]:
    """Credentials that stand in the Secret itself, by key."""
    secret = one.object
    if secret is None:
        return
    owner = secret.address or f"Secret/{namespace_of(secret)}/{secret.name}"
    for key in entries(secret):
        thing = estate.find("secret", f"{owner}/secrets/{key}")
        if thing is not None and thing.span.path == secret.span.path:
            yield key, thing


def _secret(
    reference: Value | None, field: str, objects: Objects, near: Manifest
) -> Iterator[Brought]:
    value = given(reference, field)
    if reference is None or value is None:
        return
    text = settled(value).text()
    span = value.entry() or near.span
    name = written(text) if isinstance(text, Unknown) else (text or "").strip()
    if not name:
        return
    known = objects.find("Secret", name, near) if isinstance(text, str) else None
    keys = [given(item, "key") for item in _elements(reference, "items")]
    keys.append(given(reference, "key"))
    taken = tuple(text_of(key) for key in keys if text_of(key))
    yield Brought(name, span, known, taken)


def _provided(csi: Value | None, objects: Objects, near: Manifest) -> Iterator[Brought]:
    """What the SecretProviderClass of a volume fetches, where the scan holds it."""
    value = given(csi, "volumeAttributes", "secretProviderClass")
    text = settled(value).text() if value is not None else None
    if value is None or not isinstance(text, str):
        return
    provider = objects.find("SecretProviderClass", text, near)
    span = value.entry() or near.span
    if provider is None:
        return
    for field in _LISTS:
        listed = given(provider.value, "spec", "parameters", field)
        for element in _listed(listed):
            for name in _NAMES:
                said = given(element, name)
                shown = settled(said).text() if said is not None else None
                full = written(shown) if isinstance(shown, Unknown) else shown
                if full:
                    yield Brought(full, span)


def _listed(value: Value | None) -> Iterator[Value]:
    """Elements of a list in a scalar; Azure's are scalars themselves, in `array`."""
    if value is None:
        return
    for document in inner_documents(value):
        array = given(document, "array")
        for element in (array or document).elements():
            inner = inner_documents(element) if isinstance(element.data, str) else ()
            yield from inner or (element,)


def _elements(value: Value | None, name: str) -> tuple[Value, ...]:
    listed = given(value, name)
    return () if listed is None else listed.elements()
