"""Disks that a storage class of AWS makes for claims: which backups choose them by tag.

Tags of the disk: the class's `tagSpecification_N: key=value`, and those that the driver
sets by itself (aws-ebs-csi-driver, docs/tagging.md, 2026-11). What the driver is told at
its start (`extraVolumeTags`) no class shows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.aws.backups import back_up
from mlsec_lint.lower.aws.selection import Kept
from mlsec_lint.lower.aws.volumes import EBS
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.lower.terraform_index import index_of
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.kubernetes.index import Objects
    from mlsec_lint.value import Value

_DRIVERS = frozenset({"ebs.csi.aws.com", "ebs.csi.eks.amazonaws.com"})
_TAG = regex(r"tagSpecification_\d{1,3}")
#: Before the claim is there nobody knows its region and the disk's name.
_NO_REGION = Unknown("resource", "the region of the claim's cluster is not known")
_PART = Unknown("resource", "the disk gets its name when it is made")
_NO_NAME = _PART._replace(
    parts=("arn:aws:ec2:", _NO_REGION, ":", _PART, ":volume/", _PART)
)


def lower_claim_disks(inputs: Inputs, estate: Estate) -> None:
    """Copies of the disks of claims, by AWS Backup and Data Lifecycle Manager."""
    objects = inputs.objects
    if objects is None:
        return
    kept = [
        entry
        for claim in objects.of("PersistentVolumeClaim")
        for entry in _kept(claim, objects, estate)
    ]
    if kept:
        back_up(index_of(inputs), kept, estate)


def _kept(claim: Manifest, objects: Objects, estate: Estate) -> Iterator[Kept]:
    spec = given(claim.value, "spec")
    name = text_of(given(spec, "storageClassName"))
    found = objects.find("StorageClass", name, claim, cluster=True) if name else None
    own = f"{claim.kind}/{claim.namespace or 'default'}/{claim.name}"
    store = estate.find("store", claim.address or own)
    if found is None or store is None:
        return
    if text_of(given(found.value, "provisioner")) not in _DRIVERS:
        return
    parameters = given(found.value, "parameters")
    tags: dict[str, str | Unknown] = {
        "ebs.csi.aws.com/cluster": "true",
        "kubernetes.io/created-for/pvc/name": claim.name,
        "kubernetes.io/created-for/pvc/namespace": claim.namespace or "default",
    }
    more: Unknown | None = None
    for key, value in parameters.items() if parameters is not None else ():
        if key.startswith("{{"):
            found_unknown = settled(value).unknown
            more = more if found_unknown is None else found_unknown
        elif _TAG.fullmatch(key):
            unsure = _add(tags, value)
            more = more if unsure is None else unsure
    yield Kept(None, EBS, store.address, (store,), _NO_REGION, _NO_NAME, tags, more)


def _add(tags: dict[str, str | Unknown], value: Value) -> Unknown | None:
    """Add one tag; why there may be another one, where its name is not known."""
    text = settled(value).text()
    if not isinstance(text, str):
        return text
    key, _, wanted = text.partition("=")
    filled_in = Unknown("template", f"the driver fills in {text}", span=value.span)
    if "{{" in key:
        return filled_in
    tags[key] = filled_in if "{{" in wanted else wanted
    return None
