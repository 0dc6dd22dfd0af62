"""What AWS resources put outside of a region's data centres: outposts and local zones.

A subnet decides for whatever is put into it: its zone may be a local or wavelength zone,
in another country than the region, and a subnet of an outpost is in a room of the
customer's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate.places import edge_site
from mlsec_lint.lower.aws.place import put_place
from mlsec_lint.lower.aws.volumes import EBS, FSX
from mlsec_lint.lower.declared import declared_store
from mlsec_lint.lower.reading import blocks, given, span_of
from mlsec_lint.lower.terraform_index import values_at
from mlsec_lint.value import Step, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

OUTPOST_BUCKET = "aws_s3control_bucket"
INSTANCE = "aws_instance"
#: What is put into subnets: type and dotted argument.
IN_SUBNETS = (
    (INSTANCE, "subnet_id"),
    *((kind, "subnet_ids") for kind in FSX),
    ("aws_eks_node_group", "subnet_ids"),
    ("aws_sagemaker_notebook_instance", "subnet_id"),
    ("aws_sagemaker_domain", "subnet_ids"),
    ("aws_sagemaker_model", "vpc_config.subnets"),
    ("aws_batch_compute_environment", "compute_resources.subnets"),
)


def lower_edge(index: TerraformIndex, estate: Estate) -> None:
    """State `place.edge` of what lies on outposts, in local zones or in their subnets."""
    for here in index.roots:
        for bucket in here.of(OUTPOST_BUCKET):
            store = declared_store(here, estate, bucket, "object", "aws")
            put_place(here, store, bucket)
            _on_outpost(store, bucket, "outpost_id")
        for volume in here.of(EBS):
            disk = _thing(here, estate, volume)
            if disk is not None:
                _on_outpost(disk, volume, "outpost_arn")
        for bucket in here.of("aws_s3_directory_bucket"):
            _directory(here, estate, bucket)
        for kind, argument in IN_SUBNETS:
            for resource in here.of(kind):
                _in_subnets(here, estate, resource, argument)


def _thing(here: RootIndex, estate: Estate, resource: Resource) -> Thing | None:
    return estate.find("store", here.address(resource))


def _on_outpost(thing: Thing, resource: Resource, name: str) -> None:
    value = given(resource.values, name)
    if value is not None:
        thing.state("place.edge", value=True, span=span_of(value, resource))


def _directory(here: RootIndex, estate: Estate, bucket: Resource) -> None:
    store = _thing(here, estate, bucket)
    sort = given(bucket.values, "location", "type")
    if store is not None and sort is not None and sort.data == "LocalZone":
        store.state("place.edge", value=True, span=span_of(sort, bucket))


def _put_there(here: RootIndex, estate: Estate, resource: Resource) -> Iterator[Thing]:
    """What a resource was lowered to: a store, a workload, the disks of a machine."""
    address = here.address(resource)
    for kind in ("store", "workload"):
        thing = estate.find(kind, address)
        if thing is not None:
            yield thing
    for name in ("root_block_device", "ebs_block_device"):
        for number, _ in enumerate(blocks(resource.values, name)):
            disk = estate.find("store", f"{address}.{name}[{number}]")
            if disk is not None:
                yield disk


def _in_subnets(
    here: RootIndex, estate: Estate, resource: Resource, argument: str
) -> None:
    things = list(_put_there(here, estate, resource))
    for value in values_at(resource.values, argument) if things else ():
        for subnet in here.parents(value, ("aws_subnet",)):
            for thing in things:
                _by_subnet(here, thing, resource, value, subnet)


def _by_subnet(
    here: RootIndex, thing: Thing, resource: Resource, named: Value, subnet: Resource
) -> None:
    span = span_of(named, resource)
    outpost = given(subnet.values, "outpost_arn")
    if outpost is not None:
        step = Step(span_of(outpost, subnet), f"{subnet.address} is on an outpost")
        thing.state("place.edge", value=True, span=span, trail=(step,))
    zone = given(subnet.values, "availability_zone")
    text = here.text_of(zone)
    if zone is None or text is None or isinstance(text, Unknown):
        return
    if edge_site("aws", text):
        step = Step(span_of(zone, subnet), f"the zone of {subnet.address}")
        thing.state("place.edge", value=True, span=span, trail=(step,))
        thing.state("place.region", text, span, trail=(step, *zone.trail))
        thing.many.pop("place.region", None)
