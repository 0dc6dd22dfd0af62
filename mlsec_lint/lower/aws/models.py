"""SageMaker and Bedrock: models, endpoints and notebooks, and the weights they name.

A model's artifact URI is a reference: the bucket behind it holds weights.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.aws.keys import put_key
from mlsec_lint.lower.aws.place import put_place
from mlsec_lint.lower.aws.public import public_readings
from mlsec_lint.lower.aws.s3 import BUCKETS
from mlsec_lint.lower.declared import declared_store, store_of, thing_of
from mlsec_lint.lower.machines import sealed_by_hardware
from mlsec_lint.lower.reading import by_default, given, put, put_also, span_of
from mlsec_lint.lower.stores import referred_store
from mlsec_lint.lower.terraform_index import values_at

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

MODEL = "aws_sagemaker_model"
#: Where resources name weights: type, dotted argument, whether they read or write them.
ARTIFACTS = (
    (MODEL, "primary_container.model_data_url", "reads"),
    (MODEL, "primary_container.model_data_source.s3_data_source.s3_uri", "reads"),
    (MODEL, "container.model_data_url", "reads"),
    (MODEL, "container.model_data_source.s3_data_source.s3_uri", "reads"),
    ("aws_bedrock_custom_model", "output_data_config.s3_uri", "writes"),
)
#: Stores that a service holds: type, sort, argument with the key, its default's table.
HELD = (
    (
        "aws_sagemaker_endpoint_configuration",
        "kms_key_arn",
        "aws_sagemaker_endpoint_configuration",
        "kms_key_arn",
    ),
    (
        "aws_sagemaker_notebook_instance",
        "kms_key_id",
        "aws_sagemaker_notebook_instance",
        "kms_key_id",
    ),
    (
        "aws_sagemaker_domain",
        "kms_key_id",
        "aws_sagemaker_notebook_instance",
        "kms_key_id",
    ),
    (
        "aws_bedrock_custom_model",
        "custom_model_kms_key_id",
        "aws_sagemaker_endpoint_configuration",
        "kms_key_arn",
    ),
)
GROUP = "aws_sagemaker_model_package_group"
#: Stores of this kind hold a model by what they are.
_BY_NATURE = ("aws_sagemaker_endpoint_configuration", "aws_bedrock_custom_model", GROUP)


def lower_models(index: TerraformIndex, estate: Estate) -> None:
    """Models, endpoints and notebooks, and evidence for the buckets they name."""
    for here in index.roots:
        for kind, argument, table, attribute in HELD:
            for resource in here.of(kind):
                _held(here, resource, argument, (table, attribute), estate)
        for group in here.of(GROUP):
            _group(index, here, group, estate)
        for kind, argument, verb in ARTIFACTS:
            for resource in here.of(kind):
                for value in values_at(resource.values, argument):
                    _artifact(index, here, resource, value, verb, estate)


def _held(
    here: RootIndex,
    resource: Resource,
    argument: str,
    default: tuple[str, str],
    estate: Estate,
) -> None:
    store = declared_store(here, estate, resource, "ml-service", "aws")
    put_place(here, store, resource)
    key = given(resource.values, argument)
    if key is not None:
        put_key(here, estate, store, resource, key)
    elif not _sealed(here, resource):
        absent = by_default(resource, default[1], default[0])
        put(store, "encryption.key.managed_by", absent)
    _natural(store, resource)


def _sealed(here: RootIndex, resource: Resource) -> bool:
    """Whether each instance of an endpoint has disks that take no key."""
    machines = [
        here.text_of(value)
        for variants in ("production_variants", "shadow_production_variants")
        for value in values_at(resource.values, f"{variants}.instance_type")
    ]
    known = [text for text in machines if isinstance(text, str)]
    return len(known) == len(machines) > 0 and all(map(sealed_by_hardware, known))


def _natural(store: Thing, resource: Resource) -> None:
    if resource.type in _BY_NATURE:
        words = f"a resource of type {resource.type} holds a model"
        store.holds_weights("referenced", words, resource.span)


def _group(
    index: TerraformIndex, here: RootIndex, group: Resource, estate: Estate
) -> None:
    store = declared_store(here, estate, group, "ml-service", "aws")
    put_place(here, store, group)
    _natural(store, group)
    words = "no policy of the group in the scan names everyone"
    store.state("public.principal", value=False, default=words)
    kind = f"{GROUP}_policy"
    for owner in index.satellites(here, group, kind, "model_package_group_name").found:
        document = given(owner.values, "resource_policy")
        if document is not None:
            for found in public_readings(here, document, owner.span):
                put_also(store, "public.principal", found)


def _artifact(
    index: TerraformIndex,
    here: RootIndex,
    resource: Resource,
    value: Value,
    verb: str,
    estate: Estate,
) -> None:
    """A bucket that a resource reads model artifacts from, or writes them to."""
    span = span_of(value, resource)
    workload = estate.add(thing_of(here, resource, "workload", "aws"))
    workload.state("type", "managed")
    if "place.region" not in workload.facts:
        put_place(here, workload, resource)
    stores = _named(index, here, value, estate)
    for store in stores:
        words = f"{workload.name} {verb} model artifacts there"
        store.holds_weights("referenced", words, span)
        estate.link(workload, verb, store, span, f"{verb} model weights")
    role = given(resource.values, "execution_role_arn")
    for found in here.parents(role, ("aws_iam_role",)):
        identity = estate.find("identity", here.address(found))
        if identity is not None and role is not None:
            estate.link(workload, "runs as", identity, span_of(role, resource))


def _named(
    index: TerraformIndex, here: RootIndex, value: Value, estate: Estate
) -> list[Thing]:
    """Stores that an artifact's URI names: by its text, else by the references in it."""
    text = here.text_of(value)
    if isinstance(text, str):
        value = value.replace(data=text, symbol=None)
    elif value.unknown is not None:
        for part in value.unknown.parts:
            symbol = None if isinstance(part, str) else part.symbol
            found = here.resolve(symbol)
            if found is not None and found.type in BUCKETS:
                store = store_of(index, estate, found)
                return [store] if store is not None else []
    named = referred_store(estate, value, "aws")
    return named.stores if named is not None else []
