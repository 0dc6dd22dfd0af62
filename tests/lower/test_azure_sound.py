"""What is not known of an Azure config never takes a reader or a way out from the answer.

One argument after the other is made unknown, or nonsense: nothing crashes, and what was
so for certain is still so, or perhaps so.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mlsec_lint.discovery import discover
from mlsec_lint.estate import Estate
from mlsec_lint.lower.azure import lower_azure
from mlsec_lint.lower.azure.grants import lower_azure_grants
from mlsec_lint.lower.azure.network import lower_azure_network
from mlsec_lint.lower.inputs import Inputs
from mlsec_lint.terraform import evaluate_roots
from mlsec_lint.trace import trace
from mlsec_lint.trace.reach import reaches

POLICIES = Path(__file__).resolve().parents[2] / "policies"
#: Configs in which somebody reads weights, and in which something leads out.
GRANTS = (
    "egress/egress-write-any-bucket/bad/azure-every-account",
    "access/access-no-wildcard/bad/azure-administrators",
    "access/access-ci-oidc-subject/bad/azure-pull-requests-and-patterns",
    "access/access-pass-role/bad/azure-operator-and-data-scientist",
    "access/access-cross-account/bad/azure-offer-to-a-vendor",
)
NETWORKS = (
    "egress/egress-no-internet-route/bad/azure-default-outbound",
    "egress/egress-no-internet-route/bad/azure-nat",
    "egress/egress-allow-list-proxy/bad/azure-everything",
    "egress/egress-no-public-ip/bad/azure-address-of-a-card",
    "egress/egress-endpoint-policy/bad/azure-no-policy",
    "access/access-ssh-open/bad/azure-any-source",
)
ARGUMENT = re.compile(r"^( +[\w-]+ += )(.+?)(?= #|$)", re.MULTILINE)
#: What says which resource it is, what holds weights, or that a switch is off: another
#: thing is meant then, and nothing follows.
_OTHER = ("tags", "name ", "shared_access_key_enabled", "data_actions", "workspace_id")
NONSENSE = ("null", "[]", "{}", '""', "[null]", '{ a = ["b"] }', "1.5", "[[var.x]]")


def estate_of(folder, text):
    (folder / "main.tf").write_text(f'variable "x" {{}}\n{text}', encoding="utf-8")
    tree = discover(str(folder))
    inputs = Inputs(tree, evaluate_roots(tree))
    estate = Estate()
    lower_azure(inputs, estate)

    def later():
        lower_azure_network(inputs, estate)
        lower_azure_grants(inputs, estate)

    trace(estate, between=later)
    return estate


def variants(case, values):
    """Texts of a case with one argument changed each, and the argument."""
    text = (POLICIES / case / "main.tf").read_text(encoding="utf-8")
    for match in ARGUMENT.finditer(text):
        for value in values:
            changed = text[: match.start(2)] + value + text[match.end(2) :]
            yield match[1], changed


def readers(estate):
    """How many may read each weight store."""
    found: dict[str, int] = {}
    for edge in estate.edges():
        if edge.verb == "may read":
            found[edge.target.address] = found.get(edge.target.address, 0) + 1
    return found


def sinks(estate):
    """The sorts of ways out of every workload."""
    return {
        (workload.address, out.sink)
        for workload in estate.of("workload")
        for out in reaches(estate, workload)
    }


@pytest.mark.parametrize("case", GRANTS)
def test_an_unknown_argument_takes_no_reader(tmp_path, case):
    before = readers(estate_of(tmp_path, (POLICIES / case / "main.tf").read_text()))
    assert before

    for argument, text in variants(case, ("var.x",)):
        if any(name in argument for name in _OTHER):
            continue
        after = readers(estate_of(tmp_path, text))
        for store, count in before.items():
            assert after.get(store, 0) >= count, argument


@pytest.mark.parametrize("case", NETWORKS)
def test_an_unknown_argument_closes_no_way_out(tmp_path, case):
    before = sinks(estate_of(tmp_path, (POLICIES / case / "main.tf").read_text()))
    assert before

    for argument, text in variants(case, ("var.x",)):
        if "machine_learning_workspace_id" in argument or "tags" in argument:
            continue
        after = sinks(estate_of(tmp_path, text))
        lost = {one for one in before - after if (one[0], "internet") not in after}
        assert not lost, argument


@pytest.mark.parametrize("case", [*GRANTS, *NETWORKS])
def test_nonsense_is_no_crash(tmp_path, case):
    for number, (_, text) in enumerate(variants(case, NONSENSE)):
        if number % 3 == 0:
            readers(estate_of(tmp_path, text))
            sinks(estate_of(tmp_path, text))
