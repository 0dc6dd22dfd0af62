"""Configurations of strangers: bounded time and memory, no read outside the folder."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlsec_lint.discovery import discover
from mlsec_lint.terraform import console, evaluate_root, evaluate_roots
from mlsec_lint.terraform.forms import RootResult

DOUBLED = "locals {\n  a0 = { x = 1 }\n" + "".join(
    f"  a{i} = {{ l = local.a{i - 1}, r = local.a{i - 1} }}\n" for i in range(1, 40)
)
ATTACKS = {
    "doubling objects": DOUBLED
    + "  all = [jsonencode(local.a39), length(local.a39), local.a39 == local.a38,"
    " merge(local.a39, {}), values(local.a39), try(local.a39, 1)]\n}\n"
    'output "o" {\n  value = local.all\n}\n',
    "doubling texts": 'locals {\n  a0 = "xxxxxxxxxxxxxxxx"\n'
    + "".join(
        f'  a{i} = "${{local.a{i - 1}}}${{local.a{i - 1}}}"\n' for i in range(1, 60)
    )
    + '}\noutput "o" {\n  value = local.a59\n}\n',
    "a long chain": "locals {\n  a0 = 1\n"
    + "".join(f"  a{i} = local.a{i - 1}\n" for i in range(1, 5000))
    + '}\noutput "o" {\n  value = local.a4999\n}\n',
    "a long cycle": "locals {\n  a0 = local.a1999\n"
    + "".join(f"  a{i} = local.a{i - 1}\n" for i in range(1, 2000))
    + '}\noutput "o" {\n  value = local.a0\n}\n',
    "a billion instances": 'resource "x" "y" {\n  count = 1000000000\n}\n',
    "a tower of loops": 'output "o" {\n  value = '
    + "[for x in [1, 2] : " * 50
    + "x"
    + "]" * 50
    + "\n}\n",
    "a table of a million": "locals {\n  r = [for i in range(1024) :"
    ' [for j in range(1024) : i * j]]\n}\noutput "o" {\n  value = local.r\n}\n',
    "nested dynamic blocks": 'resource "x" "y" {\n'
    + "".join(
        f'dynamic "b{i}" {{\n for_each = [1, 2, 3, 4, 5, 6, 7, 8, 9]\n content {{\n'
        for i in range(8)
    )
    + "x = 1\n"
    + "}\n}\n" * 8
    + "}\n",
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_ends_soon(name, write):
    folder = write(**{"main.tf": ATTACKS[name]})
    started = time.perf_counter()
    made = evaluate_root(str(folder))
    json.dumps(made.to_json())
    # A busy machine takes several times what an idle one does (below a second).
    assert time.perf_counter() - started < 10


@pytest.mark.parametrize("depth", [50, 130, 600])
@pytest.mark.parametrize("form", ["[local.a{}]", "{{ x = local.a{} }}"])
def test_deep_values_are_given_up_not_followed(form, depth, root):
    chain = "".join(f"  a{i} = {form.format(i - 1)}\n" for i in range(1, depth))
    last = f"local.a{depth - 1}"
    uses = (
        last,
        f"jsonencode({last})",
        f"{last} == {last}",
        f"try({last}, 1)",
        f"flatten([{last}])",
    )
    made = root(
        f"locals {{\n  a0 = 1\n{chain}}}\n"
        + "".join(
            f'output "o{i}" {{\n  value = {use}\n}}\n' for i, use in enumerate(uses)
        )
    )
    assert len(made.outputs) == len(uses)
    json.dumps(RootResult(made).to_json())


def test_modules_that_multiply_end_in_a_note(roots):
    files = {
        "main.tf": "".join(
            f'module "m{i}" {{\n  source = "./a0"\n}}\n' for i in range(9)
        )
    }
    for level in range(9):
        files[f"a{level}/main.tf"] = "".join(
            f'module "m{i}" {{\n  source = "../a{level + 1}"\n}}\n' for i in range(9)
        )
    files["a9/main.tf"] = 'resource "x" "y" {}\n'
    made = roots(**files)[""]
    assert "bound" in {note.kind for note in made.notes}
    assert any(note.incomplete for note in made.notes)


def test_templates_that_render_themselves_end_in_a_note(root):
    made = root(
        'output "o" {\n  value = templatefile("t.tpl", {})\n}\n',
        **{"t.tpl": '${templatefile("t.tpl", {})}${templatefile("t.tpl", {})}'},
    )
    assert made.outputs["o"].unknown is not None
    assert made.notes


def test_nothing_outside_of_the_folder_is_read(tmp_path, write):
    secret = tmp_path.parent / "secret.txt"
    secret.write_text("s3cr3t")
    folder = write(
        **{
            "main.tf": f"""\
            locals {{
              a = file("../secret.txt")
              b = try(file("{secret}"), "fallback")
              c = fileexists("../secret.txt")
              d = templatefile("../secret.txt", {{}})
            }}
            output "o" {{
              value = [local.a, local.b, local.c, local.d, fileset("..", "*")]
            }}
            module "m" {{
              source = "../../"
            }}
            """
        }
    )
    (folder / "link.txt").symlink_to(secret)
    (folder / "more.tf").write_text('output "l" {\n  value = file("link.txt")\n}\n')
    (made,) = evaluate_roots(discover(str(folder), use_git=False))
    assert "s3cr3t" not in repr(made)
    assert all(v.unknown is not None for v in made.outputs["o"].elements())
    assert made.outputs["l"].unknown is not None
    secret.unlink()


PIECES = st.sampled_from(
    [
        "var.x",
        "local.y",
        "aws_x.y.z",
        "[",
        "]",
        "{",
        "}",
        "(",
        ")",
        "=",
        ",",
        ":",
        "?",
        ".",
        "...",
        "for",
        "in",
        "if",
        "=>",
        '"',
        "${",
        "%{",
        "}",
        "\n",
        "1",
        "true",
        "null",
        "each.key",
        "count.index",
        "module.m.o",
        "upper",
        "try",
        "can",
        "jsonencode",
        "[*]",
        ".*",
        "+",
        "-",
        "*",
        "/",
        "==",
        "!",
        "&&",
        "<<EOT",
        "EOT",
        "resource",
        "variable",
        "locals",
        "output",
        "module",
        "dynamic",
        "content",
        "for_each",
        "a",
        "b",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=25))
def test_no_expression_raises(tmp_path_factory, pieces):
    folder = tmp_path_factory.mktemp("any")
    (folder / "main.tf").write_text(
        'variable "x" {}\nlocals {\n  y = { a = [1] }\n}\nresource "aws_x" "y" {}\n'
    )
    made = console.evaluate(str(folder), " ".join(pieces)).to_json()
    json.dumps(made)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=40))
def test_no_file_raises(tmp_path_factory, pieces):
    folder = tmp_path_factory.mktemp("any")
    (folder / "main.tf").write_text(" ".join(pieces), encoding="utf-8")
    json.dumps(evaluate_root(str(folder)).to_json())


JSONS = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-2, 2),
        st.sampled_from(["", "a", "${var.x}", "${"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                [
                    "resource",
                    "aws_x",
                    "y",
                    "variable",
                    "x",
                    "default",
                    "type",
                    "locals",
                    "dynamic",
                    "content",
                    "for_each",
                    "module",
                    "source",
                    "provider",
                    "terraform",
                    "output",
                    "value",
                ]
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=14,
)


@settings(max_examples=150, deadline=None)
@given(JSONS)
def test_no_json_file_raises(tmp_path_factory, value):
    folder = tmp_path_factory.mktemp("any")
    (folder / "main.tf.json").write_text(json.dumps(value), encoding="utf-8")
    json.dumps(evaluate_root(str(folder)).to_json())
