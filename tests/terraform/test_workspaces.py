"""Workspaces that a root tells apart: each is a variant, none is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlsec_lint.discovery import discover
from mlsec_lint.terraform.roots import evaluate_roots

if TYPE_CHECKING:
    from pathlib import Path

    from mlsec_lint.terraform.resource import Root

OUTPUT = 'output "w" {\n  value = terraform.workspace\n}\n'


def roots(folder: Path, files: dict[str, str]) -> list[Root]:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return evaluate_roots(discover(str(folder), use_git=False))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", [""]),
        (
            'locals {\n  x = terraform.workspace == "prod" ? 1 : 0\n}\n',
            ["default", "prod"],
        ),
        ('locals {\n  x = "prod" != terraform.workspace\n}\n', ["default", "prod"]),
        (
            'locals {\n  e = terraform.workspace\n  x = local.e == "qa" || local.e == "a"\n}\n',
            ["a", "qa"],
        ),
        (
            (
                "locals {\n  sizes = {\n    dev  = 1\n    prod = 2\n  }\n"
                "  x = local.sizes[terraform.workspace]\n}\n"
            ),
            ["dev", "prod"],
        ),
        (
            (
                'locals {\n  e = terraform.workspace\n  m = {\n    "default" = 1\n'
                "    live = 2\n  }\n  x = lookup(local.m, local.e, 0)\n}\n"
            ),
            ["default", "live"],
        ),
        ('locals {\n  e = "prod"\n  x = local.e == "prod"\n}\n', [""]),
        ('locals {\n  x = "${terraform.workspace}-bucket"\n}\n', [""]),
    ],
)
def test_names_are_those_that_the_text_tells_apart(tmp_path, text, names):
    found = roots(tmp_path, {"main.tf": OUTPUT + text})
    assert [root.variant for root in found] == names
    told = [root.outputs["w"].data for root in found]
    assert told == [name or "default" for name in names]


def test_variable_files_are_given_in_the_workspace_of_their_name(tmp_path):
    files = {
        "main.tf": OUTPUT
        + 'variable "x" {}\nlocals {\n  p = terraform.workspace == "prod"\n}\n',
        "env/prod.tfvars": "x = 1\n",
        "env/other.tfvars": "x = 2\n",
    }
    found = roots(tmp_path, files)
    told = {root.variant: root.outputs["w"].data for root in found}
    assert told == {"other.tfvars": "default", "prod.tfvars": "prod"}
