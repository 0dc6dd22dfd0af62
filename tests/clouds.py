"""Estates out of Terraform text, evaluated, lowered and traced: for tests of meaning."""

from __future__ import annotations

from textwrap import dedent

from mlsec_lint.discovery import discover
from mlsec_lint.estate import Estate
from mlsec_lint.lower.aws import lower_aws
from mlsec_lint.lower.azure import lower_azure
from mlsec_lint.lower.gcp import lower_gcp
from mlsec_lint.lower.gcp.storage_transfers import lower_storage_transfers
from mlsec_lint.lower.gpu_clouds import lower_gpu_clouds
from mlsec_lint.lower.inputs import Inputs
from mlsec_lint.lower.oci import lower_oci
from mlsec_lint.lower.receivers import lower_receivers
from mlsec_lint.terraform import evaluate_roots
from mlsec_lint.trace import trace
from mlsec_lint.value import Unknown

CLOUDS = (
    lower_aws,
    lower_gcp,
    lower_azure,
    lower_oci,
    lower_gpu_clouds,
    lower_storage_transfers,
    lower_receivers,
)


def estate_of(folder, files, assume="inferred", assets=(), traced=True):
    """The estate of some Terraform: one text (main.tf), or texts by path."""
    texts = {"main.tf": files} if isinstance(files, str) else files
    for path, text in texts.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(dedent(text), encoding="utf-8")
    tree = discover(str(folder))
    inputs = Inputs(tree, evaluate_roots(tree))
    estate = Estate()
    for lowering in CLOUDS:
        lowering(inputs, estate)
    if traced:
        trace(estate, assume=assume, assets=assets)
    return estate


def thing(estate, address, kind="store"):
    found = estate.find(kind, address)
    assert found is not None, f"no {kind} {address} in {sorted(estate.things)}"
    return found


def told(estate, address, fact, kind="store"):
    """Every value of a fact, with `unknown` for an Unknown."""
    return [
        "unknown" if isinstance(f.value, Unknown) else f.value
        for f in thing(estate, address, kind).all_facts(fact)
    ]


def shown(estate, address, fact, kind="store"):
    """The text that each statement of a fact points at."""
    return [
        f.span.resolved().text for f in thing(estate, address, kind).all_facts(fact)
    ]


def why(estate, address, fact, kind="store"):
    """The Unknown of a fact that is not known."""
    found = thing(estate, address, kind).fact(fact).value
    assert isinstance(found, Unknown), found
    return found
