"""Cloud KMS: which grants let more than named identities decrypt with a key.

A grant on a key ring holds for all its keys, one on the project for all keys of the
project: the key has no gate of its own then. Groups count as named. Does not model:
grants on the folder or organisation above a project, deny policies, conditions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.gcp.confidential_space import asks_for_attestation, attested_pools
from mlsec_lint.lower.gcp.keys import KEY, RING
from mlsec_lint.lower.reading import (
    each_possible,
    given,
    is_free_text,
    maybe_absent,
    put,
    put_also,
    reading,
    settled,
    unknown_because,
)
from mlsec_lint.lower.terraform_index import symbol_of, values_at
from mlsec_lint.lower.unsure import may_be_any, unsure_of
from mlsec_lint.source import Note
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Fact, Thing
    from mlsec_lint.lower.gcp.confidential_space import Attested
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

#: Roles with cloudkms.cryptoKeyVersions.useToDecrypt (IAM roles reference, 2026-11).
DECRYPTERS = (
    "roles/cloudkms.cryptoKeyDecrypter",
    "roles/cloudkms.cryptoKeyDecrypterViaDelegation",
    "roles/cloudkms.cryptoKeyEncrypterDecrypter",
    "roles/cloudkms.cryptoKeyEncrypterDecrypterViaDelegation",
    "roles/cloudkms.cryptoOperator",
)
_PERMISSION = "cloudkms.cryptoKeyVersions.useToDecrypt"
_CUSTOM = ("google_project_iam_custom_role", "google_organization_iam_custom_role")
_WIDE = (
    *("allUsers", "allAuthenticatedUsers"),
    *("domain:", "projectOwner:", "projectEditor:", "projectViewer:"),
    "principalSet://cloudresourcemanager.googleapis.com/",
    "principalSet://goog/",
)
_BROAD = "decrypt.broad"
_GRANTS = 100
#: In the count of keys by ring: those of which nobody can tell the ring.
_UNTOLD = 0
_SORTS = ("member", "binding", "policy")


class _Grant(NamedTuple):
    """One role and its members, as a resource grants them."""

    owner: Resource
    role: Value
    members: list[Value]


#: The project that a grant is on, as text, and the grant.
_ProjectGrant = tuple[str | Unknown | None, _Grant]


def lower_key_rights(index: TerraformIndex, estate: Estate) -> None:
    """State `decrypt.broad` and `confidential` of every declared key."""
    for here in index.roots:
        siblings = _keys_of_rings(here)
        above = _project_grants(here, estate)
        pools = attested_pools(here)
        for resource in here.of(KEY):
            key = estate.find("key", here.address(resource))
            if key is not None:
                _rights(index, here, key, resource, siblings, above, pools)


def _keys_of_rings(here: RootIndex) -> dict[int, int]:
    """How many keys of each declared ring the root declares, by the ring's identity."""
    count: dict[int, int] = {}
    for resource in here.of(KEY):
        value = given(resource.values, "key_ring")
        for ring in here.parents(value, (RING,)):
            count[id(ring)] = count.get(id(ring), 0) + 1
        if may_be_any(here, value):
            count[_UNTOLD] = count.get(_UNTOLD, 0) + 1
    return count


def _unsure(
    index: TerraformIndex, here: RootIndex, resource: Resource, rings: list[Resource]
) -> list[Fact]:
    """A grant that may be on this key or its ring, where nobody can tell."""
    found: list[Fact] = []
    for sort in _SORTS:
        kind = f"google_kms_crypto_key_iam_{sort}"
        grants = index.satellites(here, resource, kind, "crypto_key_id")
        found += unsure_of(here, grants, "crypto_key_id")
        kind = f"google_kms_key_ring_iam_{sort}"
        for ring in rings:
            grants = index.satellites(here, ring, kind, "key_ring_id")
            found += unsure_of(here, grants, "key_ring_id")
        value = given(resource.values, "key_ring")
        if any(True for _ in here.of(kind)) and may_be_any(here, value):
            why = "whether a grant on a ring is one on its ring is not known"
            found.append(unknown_because(resource, why))
    return found[:1]


def _rights(
    index: TerraformIndex,
    here: RootIndex,
    key: Thing,
    resource: Resource,
    siblings: dict[int, int],
    above: list[_ProjectGrant],
    pools: Attested,
) -> None:
    words = "no grant in the scan lets more than named identities decrypt"
    key.state(_BROAD, value=False, default=words)
    words = "no grant in the scan asks for an attested workload"
    key.state("confidential", value=False, default=words)
    stem = "google_kms_crypto_key_iam"
    own = list(_grants(index, here, resource, stem, "crypto_key_id"))
    rings = here.parents(given(resource.values, "key_ring"), (RING,))
    for ring in rings:
        stem = "google_kms_key_ring_iam"
        for grant in _grants(index, here, ring, stem, "key_ring_id"):
            if siblings.get(id(ring), 0) > 1:
                _scope(here, key, grant)
            elif siblings.get(_UNTOLD, 0) and _decrypts(here, grant.role) is not False:
                why = "whether its ring holds other keys too is not known"
                put_also(key, _BROAD, unknown_because(grant.owner, why))
            else:
                own.append(grant)
    for grant in own:
        _members(here, key, grant, pools)
    for unsure in _unsure(index, here, resource, rings):
        put_also(key, _BROAD, unsure)
        if key.facts["confidential"].value is False:
            put(key, "confidential", unsure)
    home = _project(here, resource, rings)
    for project, grant in above:
        if _same(home, project):
            _scope(here, key, grant)


def _grants(
    index: TerraformIndex, here: RootIndex, parent: Resource, stem: str, attribute: str
) -> Iterator[_Grant]:
    for sort in _SORTS:
        kind = f"{stem}_{sort}"
        for owner in index.satellites(here, parent, kind, attribute).found:
            yield from _of_resource(here, owner, sort)


def _of_resource(here: RootIndex, owner: Resource, sort: str) -> Iterator[_Grant]:
    if sort != "policy":
        role = given(owner.values, "role")
        if role is not None:
            name = "member" if sort == "member" else "members"
            yield _Grant(owner, role, values_at(owner.values, name))
        return
    for binding in _bindings(here, given(owner.values, "policy_data")):
        role = given(binding, "role")
        if role is not None:
            yield _Grant(owner, role, values_at(binding, "members"))


def _bindings(here: RootIndex, data: Value | None) -> list[Value]:
    """The bindings of a policy: of a data source, or of JSON that was encoded."""
    if data is None:
        return []
    source = here.resolve(symbol_of(data))
    if source is not None and source.type == "google_iam_policy":
        return values_at(source.values, "binding")
    return [] if data.origin is None else values_at(data.origin[1], "bindings")


def _decrypts(here: RootIndex, role: Value) -> bool | Unknown:
    """Whether a role holds the right to decrypt; unknown where the role is."""
    for custom in here.parents(role, _CUSTOM):
        listed = [v.text() for v in values_at(custom.values, "permissions")]
        return any(isinstance(p, str) and p.startswith(_PERMISSION) for p in listed)
    text = here.text_of(role)
    if isinstance(text, Unknown):
        return each_possible(text, lambda option: _decrypts(here, option))
    return text in DECRYPTERS


def _members(here: RootIndex, key: Thing, grant: _Grant, pools: Attested) -> None:
    """A grant on the key itself is broad where a member is no identity in particular."""
    right = _decrypts(here, grant.role)
    for member in grant.members if right is not False else ():
        asked = asks_for_attestation(here, member, pools)
        if asked is not False:
            attested = maybe_absent(grant.owner, reading(member, grant.owner, asked))
            put_also(key, "confidential", attested)
        wide = _wide(here, member)
        if wide is not False:
            value = (
                right._replace(possible=None) if isinstance(right, Unknown) else wide
            )
            found = reading(member, grant.owner, value)
            put_also(key, _BROAD, maybe_absent(grant.owner, found))


def _wide(here: RootIndex, member: Value) -> bool | Unknown:
    text = here.text_of(member)
    if isinstance(text, Unknown):
        start = text.parts[0] if text.parts else ""
        if isinstance(start, str) and start:
            end = text.parts[-1]
            return start.startswith(_WIDE) or _whole_pool(start, end)
        if text.symbol is not None and not is_free_text(text.symbol.address):
            return False
        unsure = each_possible(text, lambda option: _wide(here, option))
        return False if settled(unsure) is False else unsure
    return text is not None and (text.startswith(_WIDE) or _whole_pool(text, text))


def _whole_pool(start: str, end: object) -> bool:
    """Every identity of a workload identity pool: `principalSet://.../POOL/*`."""
    return (
        start.startswith("principalSet://iam.googleapis.com/")
        and isinstance(end, str)
        and end.endswith("/*")
    )


def _scope(here: RootIndex, key: Thing, grant: _Grant) -> None:
    """A grant above the key is broad whoever its members are: it opens all keys there."""
    right = _decrypts(here, grant.role)
    if right is False:
        return
    found = reading(grant.role, grant.owner, right)
    put_also(key, _BROAD, maybe_absent(grant.owner, found))


def _project_grants(here: RootIndex, estate: Estate) -> list[_ProjectGrant]:
    """Grants of a right to decrypt on whole projects; the first of them, if many.

    Each is stated once more per key of the project.
    """
    found: list[_ProjectGrant] = []
    for sort in _SORTS:
        for owner in here.of(f"google_project_iam_{sort}"):
            value = given(owner.values, "project")
            project = here.text_of(value)
            if project is None:
                project = here.text_of(given(owner.provider.values, "project"))
            found += [
                (project, grant)
                for grant in _of_resource(here, owner, sort)
                if _decrypts(here, grant.role) is not False
            ]
    if len(found) > _GRANTS:
        rest = found[_GRANTS][1].owner.span
        text = f"{len(found) - _GRANTS} more grants on projects let somebody decrypt"
        estate.note([Note("bound", text, rest.path, rest)])
    return found[:_GRANTS]


def _project(
    here: RootIndex, resource: Resource, rings: list[Resource]
) -> str | Unknown | None:
    """The project of a key: its ring's, the ring's id, else the provider's."""
    ring = here.text_of(given(resource.values, "key_ring"))
    if isinstance(ring, str) and ring.startswith("projects/"):
        return ring.split("/")[1]
    for found in rings:
        value = given(found.values, "project")
        if value is not None:
            return here.text_of(value)
        return here.text_of(given(found.provider.values, "project"))
    return None


def _same(one: str | Unknown | None, other: str | Unknown | None) -> bool:
    """Whether two projects are certainly one: by text, or by the same reference."""
    if isinstance(one, Unknown) and isinstance(other, Unknown):
        if one.symbol is not None or other.symbol is not None:
            return one.symbol == other.symbol
        return bool(one.name) and one.name == other.name
    if isinstance(one, Unknown) or isinstance(other, Unknown):
        return False
    return one == other
