"""Nested and dynamic blocks: as if written by hand, and as Trivy's evaluator sees them."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlsec_lint.terraform import evaluate_root


def values_of(text, **variables):
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "main.tf").write_text(text, encoding="utf-8")
        made = evaluate_root(folder, variables).to_json()
    assert made["notes"] == []
    return {a: (r["values"], r["unknown"]) for a, r in made["resources"].items()}


NAMES = st.sampled_from(["alpha", "beta", "gamma", "delta"])
LEAVES = st.one_of(
    st.integers(-5, 5), st.booleans(), st.sampled_from(["a", "b c", "x-y", ""])
)
RULES = st.lists(
    st.fixed_dictionaries(
        {"id": LEAVES, "ports": st.lists(st.integers(1, 9), max_size=3)}
    ),
    max_size=4,
)


def hcl(value):
    return json.dumps(value)


@settings(max_examples=60, deadline=None)
@given(RULES, st.booleans(), st.booleans())
def test_dynamic_blocks_are_as_written_by_hand(rules, with_iterator, after):
    iterator = "it" if with_iterator else "rule"
    static = 'rule {\n    id = "static"\n  }'
    dynamic = f"""dynamic "rule" {{
    for_each = {hcl(rules)}
    {"iterator = it" if with_iterator else ""}
    content {{
      id    = {iterator}.value.id
      index = {iterator}.key
      dynamic "port" {{
        for_each = {iterator}.value.ports
        content {{
          number = port.value
          of     = {iterator}.value.id
        }}
      }}
    }}
  }}"""
    blocks = [static, dynamic] if after else [dynamic, static]
    by_hand = []
    for index, rule in enumerate(rules):
        ports = "\n".join(
            f"port {{\n number = {p}\n of = {hcl(rule['id'])}\n }}"
            for p in rule["ports"]
        )
        by_hand.append(
            f"rule {{\n id = {hcl(rule['id'])}\n index = {index}\n {ports}\n }}"
        )
    written = [static, *by_hand] if after else [*by_hand, static]
    ours = values_of('resource "x" "y" {\n  ' + "\n  ".join(blocks) + "\n}\n")
    theirs = values_of('resource "x" "y" {\n  ' + "\n  ".join(written) + "\n}\n")
    # A port list that is empty is there for a dynamic block and absent otherwise.
    assert _without_empty(ours) == _without_empty(theirs)


def _without_empty(value):
    if isinstance(value, dict):
        found = {k: _without_empty(v) for k, v in value.items()}
        return {k: v for k, v in found.items() if v not in ([], {})}
    if isinstance(value, list | tuple):
        return [_without_empty(v) for v in value]
    return value


def test_a_map_and_a_set_in_for_each():
    made = values_of(
        'resource "x" "y" {\n'
        '  dynamic "m" {\n    for_each = { b = 2, a = 1 }\n'
        "    content {\n      k = m.key\n      v = m.value\n    }\n  }\n"
        '  dynamic "s" {\n    for_each = toset(["q", "p"])\n'
        "    content {\n      k = s.key\n      v = s.value\n    }\n  }\n}\n"
    )
    values, _ = made["x.y"]
    assert values["m"] == [{"k": "a", "v": 1}, {"k": "b", "v": 2}]
    assert values["s"] == [{"k": "p", "v": "p"}, {"k": "q", "v": "q"}]


def test_an_unknown_for_each_may_be_nothing_or_a_block(root):
    made = root(
        """\
        variable "rules" {
          type = list(object({ port = number }))
        }
        resource "aws_security_group" "s" {
          ingress {
            from_port = 22
          }
          dynamic "ingress" {
            for_each = var.rules
            content {
              from_port   = ingress.value.port
              cidr_blocks = ["0.0.0.0/0"]
            }
          }
        }
        """
    )
    ingress = made.resources[0].values.get("ingress")
    certain, more = ingress.unknown.possible
    assert ingress.unknown.name == "var.rules"
    assert len(certain.elements()) == 1
    symbolic = more.elements()[1]
    assert symbolic.at("cidr_blocks", 0).data == "0.0.0.0/0"
    assert symbolic.get("from_port").unknown.name == "var.rules"


def test_a_null_for_each_is_refused(root):
    made = root(
        'resource "x" "y" {\n  a = 1\n  dynamic "b" {\n    for_each = null\n'
        "    content {}\n  }\n}\n"
    )
    (note,) = made.notes
    assert note.text.startswith("Invalid dynamic for_each value")
    assert made.resources[0].values.get("a").data == 1


def test_a_block_points_at_itself_and_at_its_for_each(root):
    made = root(
        'resource "x" "y" {\n  dynamic "b" {\n    for_each = [1]\n'
        "    content {\n      v = b.value\n    }\n  }\n}\n"
    )
    block = made.resources[0].values.get("b").elements()[0]
    assert block.key.line == 4
    assert [(s.words, s.span.line) for s in block.trail] == [
        ('for_each of dynamic "b"', 3)
    ]
    value = block.get("v")
    assert (value.data, value.span.text) == (1, "b.value")
    assert [(s.words, s.span.line) for s in value.trail] == [("b in a loop", 3)]


WITNESSED = {
    "literals": 'resource "aws_x" "y" {\n  a = "s"\n  b = 3\n  c = true\n  d = ["p", "q"]\n}\n',
    "locals": 'locals {\n  n = "w-${var.e}"\n}\nvariable "e" {\n  default = "p"\n}\n'
    'resource "aws_x" "y" {\n  a = local.n\n  b = upper(local.n)\n}\n',
    "dynamic": 'resource "aws_x" "y" {\n  dynamic "rule" {\n    for_each = [1, 2]\n'
    "    content {\n      n = rule.value\n      k = rule.key\n    }\n  }\n}\n",
    "dynamic over a map": 'resource "aws_x" "y" {\n  dynamic "rule" {\n'
    '    for_each = { a = "x", b = "y" }\n'
    '    content {\n      n = "${rule.key}-${rule.value}"\n    }\n  }\n}\n',
    "dynamic with iterator": 'resource "aws_x" "y" {\n  dynamic "rule" {\n'
    '    for_each = ["p"]\n    iterator = it\n'
    "    content {\n      n = it.value\n    }\n  }\n}\n",
    "blocks": 'resource "aws_x" "y" {\n  v {\n    e = true\n  }\n  v {\n    e = false\n  }\n}\n',
    "count": 'resource "aws_x" "y" {\n  count = 2\n  a = "n-${count.index}"\n}\n',
    "for_each": 'resource "aws_x" "y" {\n  for_each = toset(["p", "q"])\n  a = each.key\n}\n',
    "module": None,
}
MODULE = {
    "main.tf": 'module "m" {\n  source = "./m"\n  name = "n"\n}\n',
    "m/main.tf": 'variable "name" {}\nresource "aws_x" "y" {\n  a = var.name\n}\n',
}


def flattened(value, path=()):
    """Scalars by path; single blocks and lists of one look the same."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from flattened(part, (*path, name))
    elif isinstance(value, list):
        for i, part in enumerate(value):
            yield from flattened(part, (*path, i) if len(value) > 1 else path)
    elif value is not None:
        yield path, value


@pytest.mark.skipif(sys.platform != "linux", reason="tfparse has wheels for Linux only")
@pytest.mark.parametrize("name", WITNESSED)
def test_trivys_evaluator_sees_the_same(name, write):
    tfparse = pytest.importorskip("tfparse")
    text = WITNESSED[name]
    folder = write(**(MODULE if text is None else {"main.tf": text}))
    seen = tfparse.load_from_path(str(folder))
    theirs = sorted(_witnessed(r) for r in seen["aws_x"])
    made = evaluate_root(str(folder)).to_json()["resources"]
    ours = sorted(
        (address, sorted(map(repr, flattened(r["values"]))))
        for address, r in made.items()
    )
    assert ours == theirs


def _witnessed(resource):
    meta = ("id", "count", "for_each")
    plain = {
        name: value
        for name, value in _plain(resource).items()
        if name not in meta and not name.startswith("__tfmeta")
    }
    return resource["__tfmeta"]["path"], sorted(map(repr, flattened(plain)))


def _plain(value):
    if isinstance(value, dict):
        return {
            k: _plain(v)
            for k, v in value.items()
            if k != "__tfmeta" and not (k == "id" and "__tfmeta" in value)
        }
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return value
