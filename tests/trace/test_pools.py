"""Which groups of nodes a choice leaves."""

from __future__ import annotations

import pytest

from mlsec_lint.estate import Thing
from mlsec_lint.source import Source, Span
from mlsec_lint.trace.pools import choice_of, fitting
from mlsec_lint.value import Unknown

SPAN = Span(Source("nodes.tf", "x"), 0, 1)
WHY = Unknown("variable", "var.labels has no value")
OURS = "cloud.google.com/gke-nodepool"


def group(name, labels=None, accelerator=None):
    made = Thing("workload", name, name, SPAN)
    if labels is not None:
        made.state("nodes.labels", labels)
    if accelerator is not None:
        made.state("accelerator", accelerator)
    return made


@pytest.mark.parametrize(
    ("choice", "groups", "left"),
    [
        ("", {"a": ("pool=a",), "b": ("pool=b",)}, ["a", "b"]),
        (f"{OURS}=a", {"a": (f"{OURS}=a",), "b": (f"{OURS}=b",)}, ["a"]),
        # of a label that config never states, machines may have any value
        ("zone=c", {"a": (f"{OURS}=a",), "b": (f"{OURS}=b",)}, ["a", "b"]),
        ("tier=gpu", {"a": ("tier=gpu",), "b": ()}, ["a"]),
        ("tier=gpu", {"a": ("tier=*",), "b": ("tier=cpu",)}, ["a"]),
        ("tier=gpu", {"a": ("tier=gpu",), "b": WHY}, ["a", "b"]),
        ("tier=gpu", {"a": ("tier=gpu",), "b": None}, ["a", "b"]),
        ("tier=gpu, size=l", {"a": ("tier=gpu", "size=s"), "b": ("tier=gpu", "size=l")}, ["b"]),
        # a selector that no group meets says nothing
        ("tier=other", {"a": ("tier=gpu",), "b": ("tier=cpu",)}, ["a", "b"]),
        ("tier=a=b", {"a": ("tier=a=b",), "b": ("tier=a",)}, ["a"]),
    ],
)  # fmt: skip
def test_a_selector_leaves_the_groups_that_may_have_its_labels(choice, groups, left):
    found = fitting(choice, [group(name, labels) for name, labels in groups.items()])
    assert [one.address for one in found] == left


@pytest.mark.parametrize(
    ("accelerators", "left"),
    [
        ((True, False), [0]),
        ((False, False), [0, 1]),
        ((True, WHY), [0, 1]),
        ((True, None), [0, 1]),
        ((None, WHY), [0, 1]),
    ],
)
def test_a_pod_that_asks_for_accelerators_is_where_some_are(accelerators, left):
    groups = [group(str(n), None, value) for n, value in enumerate(accelerators)]
    assert [int(one.address) for one in fitting("accelerator; ", groups)] == left
    assert fitting("", groups) == groups


def test_the_choice_of_a_workload_is_its_selector_and_its_devices():
    pod = group("pod", None, accelerator=True)
    pod.state("nodes.chosen", "pool=a")
    assert choice_of(pod) == "accelerator; pool=a"
    assert choice_of(group("pod")) == ""
