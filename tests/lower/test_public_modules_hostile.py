"""Calls of public modules with inputs of any shape, in any number."""

from __future__ import annotations

import time

import pytest

from mlsec_lint.lower.modules import MODULES, expand
from mlsec_lint.lower.modules.building import Builder
from mlsec_lint.source import Source, Span
from mlsec_lint.terraform.resource import ModuleCall, Root
from mlsec_lint.value import Unknown, Value

SPAN = Span(Source("main.tf", 'module "m" {}'), 0, 6)


def value(data):
    if isinstance(data, dict):
        return Value({k: value(v) for k, v in data.items()}, SPAN)
    if isinstance(data, list):
        return Value(tuple(value(v) for v in data), SPAN)
    return Value(data, SPAN)


UNKNOWN = Unknown("variable", "var.x has no default", "var.x")
SHAPES = [
    None,
    True,
    False,
    7,
    "text",
    'a]"[b,\n',
    [],
    {},
    ["a", None, 1, ["b"], {"c": "d"}],
    {"a": "b", 'x]"\n': {"name": "n"}, "": None, "l": [1]},
    {"a": {"name": UNKNOWN, "principals": [{"type": UNKNOWN, "identifiers": "*"}]}},
    [{"name": "n", "conditions": [{"test": 1}], "principals": "x"}, UNKNOWN],
    UNKNOWN,
]


def call_of(module, arguments):
    source, version = module.sources[0], ""
    given = value(arguments)
    return ModuleCall("module.m", source, version, given, SPAN, SPAN)


def inputs_of(module, monkeypatch):
    """Every input that a module's reading asks for, found by asking it."""
    asked = set()
    real = Builder.input

    def recording(self, name, *path):
        asked.add(name)
        return real(self, name, *path)

    monkeypatch.setattr(Builder, "input", recording)
    for data in (None, True, {"a": {"name": "n"}}, ["a"]):
        known = dict.fromkeys(asked, data)
        expand(call_of(module, known), Root("."))
    monkeypatch.setattr(Builder, "input", real)
    return sorted(asked)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.sources[0])
def test_inputs_of_any_shape(module, monkeypatch):
    names = inputs_of(module, monkeypatch)

    assert names
    for data in SHAPES:
        made = expand(call_of(module, dict.fromkeys(names, data)), Root("."))
        assert made is not None
        for name in names:
            assert expand(call_of(module, {name: data}), Root(".")) is not None


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.sources[0])
def test_inputs_of_many_entries_cost_little(module, monkeypatch):
    names = inputs_of(module, monkeypatch)
    many = [f"n{number}" for number in range(20_000)]
    start = time.perf_counter()

    for data in (many, {key: {"name": "n"} for key in many}):
        for name in names:
            made = expand(call_of(module, {name: data}), Root("."))
            assert len(made.resources) < 2_000

    assert time.perf_counter() - start < 20
