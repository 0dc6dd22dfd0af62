"""HashiCorp's own parser (pygohcl) and python-hcl2 agree with ours where they can."""

from __future__ import annotations

from typing import Any

import pytest
from hcl_reading import authored, render
from hypothesis import given, settings
from hypothesis import strategies as st

from mlsec_lint.parse.hcl import tree
from mlsec_lint.parse.hcl.parser import parse_config
from mlsec_lint.source import Source

ACCEPTED = [case for case in authored() if case.accepted]
# Too large a number for its values, and a comment that it cannot take as UTF-8.
BEYOND_PYGOHCL = {"n_huge_exp", "u_invalid_utf8_comment"}
PIECES = [
    "  ", "\n", "x", '${"y"}', '${~ "y" ~}', '${"y"~}', "$", "%", "$${", "%%{", "\t",
    "%{ if true }", "%{ endif }", "%{~ if true ~}", "%{ endif ~}", "é", "\n\n", "    ",
    "\r\n", "e\u0301", "\\n", '\\"', "EOT", "\u00a0", "\n  ", "\n    x",
]  # fmt: skip


def test_hashicorps_parser_accepts_what_terraform_does():
    pygohcl = pytest.importorskip("pygohcl")
    refused = set()
    for case in ACCEPTED:
        assert parse_config(case.source)[1] == []
        if not accepts(pygohcl, case.source.text):
            refused.add(case.id)
    assert refused <= BEYOND_PYGOHCL


def accepts(pygohcl: Any, text: str) -> bool:
    try:
        pygohcl.loads(text)
    except pygohcl.HCLParseError as error:
        return not str(error).startswith("invalid HCL")
    except (pygohcl.HCLInternalError, UnicodeError):
        return False
    return True


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(["quoted", "<<EOT", "<<-EOT"]),
    st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
)
def test_template_values(form: str, content: str):
    pygohcl = pytest.importorskip("pygohcl")
    text = f"a = {form}\n{content}\n  EOT\n"
    if form == "quoted":
        content = content.replace("\n", "\\n").replace("\r", "")
        text = f'a = "{content}"\n'
    body, notes = parse_config(Source("x.tf", text))
    try:
        expected = pygohcl.loads(text)["a"]
    except pygohcl.HCLParseError:
        assert notes
        return
    assert notes == []
    template = body.attributes["a"].expression
    assert isinstance(template, tree.Template)
    assert render(template.parts) == expected


def test_python_hcl2_sees_the_same_attributes():
    hcl2 = pytest.importorskip("hcl2")
    compared = 0
    for case in ACCEPTED:
        try:
            theirs = hcl2.loads(case.source.text)
        except Exception:  # noqa: BLE001 - lark raises many kinds; it reads less than HCL
            continue
        body, _ = parse_config(case.source)
        compared += compare(body, theirs, case.id)
    assert compared >= 80


def compare(body: tree.Body, theirs: dict[str, Any], where: str) -> int:
    """Names of attributes and plain literals below `locals`; how many were equal."""
    found = 0
    blocks = [block for block in body.blocks if block.type == "locals"]
    for ours, other in zip(blocks, theirs.get("locals", []), strict=True):
        names = {name for name in other if not name.startswith("__")}
        nested = {block.type for block in ours.body.blocks}
        assert set(ours.body.attributes) | nested == names, where
        for name in ours.body.attributes:
            value = literal(ours.body.attributes[name].expression)
            if value is not None:
                assert value == plain(other[name]), (where, name)
            found += 1
    return found


def literal(node: tree.Expression) -> object:
    match node:
        case tree.Literal(value=bool() as value):
            return value
        case tree.Literal(value=tree.Number() as number):
            return float(number)
        case tree.Template(parts=(tree.Text(value=text),), heredoc=False):
            return text if text.isascii() and text.isalnum() else None
        case _:
            return None


def plain(value: object) -> object:
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return float(value)
    text = str(value).strip('"').removeprefix("${").removesuffix("}")
    try:
        return float(text) if not str(value).startswith('"') else text
    except ValueError:
        return text
