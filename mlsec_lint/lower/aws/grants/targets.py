"""Weight stores of AWS as policies name them, with the policies of their own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mlsec_lint.lower.aws.grants.match import OWN, hole, text_with_holes
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.aws.grants.clause import Clause
    from mlsec_lint.lower.aws.grants.holders import Documents
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.terraform.resource import Resource

#: Resource type -> service in its ARN, satellites that hold its policy (type, argument
#: that names it, argument of the document).
_TYPES: dict[str, tuple[str, tuple[tuple[str, str, str], ...]]] = {
    "aws_s3_bucket": ("s3", (("aws_s3_bucket_policy", "bucket", "policy"),)),
    "data.aws_s3_bucket": ("s3", (("aws_s3_bucket_policy", "bucket", "policy"),)),
    "aws_s3_directory_bucket": (
        "s3express",
        (("aws_s3_bucket_policy", "bucket", "policy"),),
    ),
    "aws_ecr_repository": (
        "ecr",
        (("aws_ecr_repository_policy", "repository", "policy"),),
    ),
    "aws_efs_file_system": (
        "elasticfilesystem",
        (("aws_efs_file_system_policy", "file_system_id", "policy"),),
    ),
    "aws_ebs_snapshot": ("ec2", ()),
    "aws_ebs_snapshot_copy": ("ec2", ()),
}
_S3 = "s3://"
_MOST = 5_000


@dataclass(slots=True, eq=False)
class Target:
    """A weight store.

    * `arn`: its name in policies, with holes; `account`: whose it is;
    * `policy`: the clauses of its own policy, None where it has none;
    * `here`: the root that declares it, None for one that only a URI names;
    * `access_points`: the clauses of each access point, as if they spoke of the bucket.
    """

    store: Thing
    service: str
    arn: str
    account: str
    policy: tuple[Clause, ...] | None
    here: RootIndex | None = None
    resource: Resource | None = None
    access_points: tuple[tuple[Clause, ...], ...] = ()

    def delegates(self) -> bool:
        """Whether its own policy leaves it to access points who may come."""
        return any(
            test.key.lower().startswith("s3:dataaccesspoint")
            for clause in self.policy or ()
            if clause.effect == "Allow"
            for test in clause.conditions
        )

    def naming(self) -> tuple[Clause, ...]:
        """Clauses by which its own policy, or an access point's, names identities.

        What an access point denies is denied there only.
        """
        points = (c for clauses in self.access_points for c in clauses)
        allows = tuple(c for c in points if c.effect == "Allow" and not c.doubt)
        return (*(self.policy or ()), *allows)

    def inner(self) -> str:
        """What lies in it: any object of the bucket."""
        return f"{self.arn}/{hole(f'a key of {self.store.address}')}"


def targets_of(documents: Documents, estate: Estate) -> list[Target]:
    """The stores of AWS that hold weights, or may hold them."""
    held = [store for store in estate.of("store") if _held(store)]
    if not held:
        return []
    declared = _declared(documents)
    found: list[Target] = []
    for store in held[:_MOST]:
        known = declared.get(store.address)
        if known is not None:
            found.append(_target(documents, store, *known))
        elif store.address.startswith(_S3):
            name = store.address.removeprefix(_S3)
            arn = f"arn:aws:s3:::{text_with_holes(name)}"
            found.append(Target(store, "s3", arn, OWN, None))
    return found


def _held(store: Thing) -> bool:
    fact = store.fact("weights.held")
    return fact is not None and fact.value is not False


def _declared(documents: Documents) -> dict[str, tuple[RootIndex, Resource, str]]:
    return {
        here.address(resource): (here, resource, kind)
        for here in documents.index.roots
        for kind in _TYPES
        for resource in here.of(kind)
    }


def _target(
    documents: Documents, store: Thing, here: RootIndex, resource: Resource, kind: str
) -> Target:
    service, satellites = _TYPES[kind]
    account = documents.accounts.of(resource)
    arn = text_with_holes(_arn_text(here, resource))
    if service == "s3express":
        arn = f"arn:aws:{service}:{hole('region')}:{account}:bucket/"
        name = text_with_holes(here.attribute(resource, "bucket"))
        arn += name or hole(f"{resource.address}.name")
    elif not arn.startswith("arn:"):
        arn = f"arn:aws:{service}:::{hole(f'{resource.address}.name')}"
    arn = _with_account(arn, account)
    clauses: list[Clause] = []
    owned = False
    owners = [(resource, "policy")]
    for satellite, argument, document in satellites:
        joined = documents.index.satellites(here, resource, satellite, argument)
        owners += [(owner, document) for owner in joined.found]
    for owner, document in owners:
        found = documents.of(owner, document)
        if found is not None:
            owned = True
            clauses.extend(found)
    policy = tuple(clauses) if owned else None
    points = tuple(_access_points(documents, here, resource)) if service == "s3" else ()
    return Target(store, service, arn, account, policy, here, resource, points)


def _arn_text(here: RootIndex, resource: Resource) -> str | Unknown | None:
    found = here.attribute(resource, "arn")
    if isinstance(found, Unknown) and not found.parts and found.symbol is None:
        return None
    return found


def _with_account(arn: str, account: str) -> str:
    """The ARN with the account of the resource where config does not name it."""
    fields = arn.split(":", 5)
    if len(fields) == 6 and fields[4] == OWN and account != OWN:
        fields[4] = account
    return ":".join(fields)


def _access_points(
    documents: Documents, here: RootIndex, resource: Resource
) -> Iterator[tuple[Clause, ...]]:
    """The policies of access points of a bucket: each opens its objects once more."""
    index = documents.index
    for point in index.satellites(here, resource, "aws_s3_access_point").found:
        found = list(documents.of(point, "policy") or ())
        joined = index.satellites(
            here, point, "aws_s3control_access_point_policy", "access_point_arn"
        )
        for owner in joined.found:
            found.extend(documents.of(owner, "policy") or ())
        yield tuple(replace(c, resources=(), not_resources=()) for c in found)
