"""ECR pull-through caches: a registry whose images another registry fills.

The cache keeps what is pulled through it in its own region. Where its upstream is an
ECR registry of the scan, the repositories there are copied to the cache's region.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.aws.place import put_place, put_region, region_of
from mlsec_lint.lower.aws.registries import REPOSITORY
from mlsec_lint.lower.declared import add_copy, declared_store
from mlsec_lint.lower.reading import given, span_of
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource

CACHE = "aws_ecr_pull_through_cache_rule"
_UPSTREAM = regex(r"(?:https://)?(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.")


def lower_registry_caches(index: TerraformIndex, estate: Estate) -> None:
    """Every pull-through cache, and the repositories of the scan that it copies."""
    for here in index.roots:
        for cache in here.of(CACHE):
            store = declared_store(here, estate, cache, "registry", "aws")
            put_place(here, store, cache)
            _copies(index, here, cache, store, estate)


def _copies(
    index: TerraformIndex,
    here: RootIndex,
    cache: Resource,
    store: Thing,
    estate: Estate,
) -> None:
    url = given(cache.values, "upstream_registry_url")
    text = here.text_of(url)
    match = _UPSTREAM.match(text) if isinstance(text, str) else None
    if url is None or match is None:
        return
    span = span_of(url, cache)
    for origin in _upstream(index, estate, match[1], match[2]):
        address = f"{store.address}:{origin.address}"
        copy = add_copy(estate, origin, address, "ecr-pull-through", span, store)
        put_region(copy, region_of(here, cache)._replace(span=span))


def _upstream(
    index: TerraformIndex, estate: Estate, account: str, region: str
) -> Iterator[Thing]:
    """Declared repositories of an account and region."""
    for here in index.roots:
        for repository in here.of(REPOSITORY):
            owner = here.attribute(repository, "registry_id")
            lies = region_of(here, repository).value
            same = owner == account or isinstance(owner, Unknown)
            store = estate.find("store", here.address(repository))
            if store is not None and same and lies == region:
                yield store
