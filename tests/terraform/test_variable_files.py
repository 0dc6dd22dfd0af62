"""Variable files beside a root: which of them are variants, and what is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlsec_lint.discovery import discover
from mlsec_lint.terraform.roots import evaluate_roots
from mlsec_lint.terraform.variable_files import MAX_VARIANTS

if TYPE_CHECKING:
    from pathlib import Path

    from mlsec_lint.terraform.resource import Root

NEEDS = 'variable "env" {\n  type = string\n}\n'
HAS = 'variable "env" {\n  default = "none"\n}\n'
TWO = NEEDS + 'variable "team" {\n  type = string\n}\n'


def roots(folder: Path, files: dict[str, str]) -> list[Root]:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return evaluate_roots(discover(str(folder), use_git=False))


def told(found: list[Root]) -> dict[str, object]:
    return {root.variant: root.variables["env"].text() for root in found}


@pytest.mark.parametrize(
    "places",
    [
        ("live/dev.tfvars", "live/prod.tfvars"),
        ("live/env/dev.tfvars", "live/env/prod.tfvars"),
        ("vars/dev.tfvars", "vars/prod.tfvars"),
    ],
)
@pytest.mark.parametrize("main", [NEEDS, HAS])
def test_each_environment_is_a_variant(tmp_path, places, main):
    if main == HAS and places[0].startswith("vars/"):
        main = NEEDS  # files in another tree count only for what has no value
    files = {"live/main.tf": main}
    files |= {place: f'env = "{n}"\n' for n, place in enumerate(places)}
    found = told(roots(tmp_path, files))
    assert found == {"dev.tfvars": "0", "prod.tfvars": "1"}


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path):
    files = {
        "main.tf": NEEDS,
        "env/a/terraform.tfvars": 'env = "a"\n',
        "env/b/terraform.tfvars": 'env = "b"\n',
    }
    assert told(roots(tmp_path, files)) == {
        "env/a/terraform.tfvars": "a",
        "env/b/terraform.tfvars": "b",
    }


def test_a_single_file_is_no_variant_beside_others(tmp_path):
    files = {"main.tf": NEEDS, "lab.tfvars": 'env = "lab"\n'}
    assert told(roots(tmp_path, files)) == {"": "lab"}


def test_shared_files_go_with_each_and_samples_only_alone(tmp_path):
    files = {
        "main.tf": TWO,
        "common.tfvars": 'team = "t"\nenv = "common"\n',
        "a.tfvars": 'env = "a"\n',
        "example.tfvars": 'env = "x"\n',
    }
    (root,) = roots(tmp_path, files)
    assert root.variables["env"].text() == "a"
    assert root.variables["team"].text() == "t"


@pytest.mark.parametrize(
    "files",
    [
        {"main.tf": HAS, "spark.tfvars": 'env = "s"\n'},  # nobody needs it
        {"main.tf": NEEDS, "prod.tfvars": 'other = "x"\n'},  # does not give it
        {"main.tf": TWO, "prod.tfvars": 'env = "x"\n'},  # gives one of two
        {"main.tf": NEEDS, "prod.tfvars": "env = \n"},
    ],
)
def test_what_does_not_settle_a_root_is_no_variant(tmp_path, files):
    (root,) = roots(tmp_path, files)
    assert root.variant == ""
    assert root.variables["env"].text() != "x"
    assert root.variables["env"].text() != "s"


def test_files_of_another_root_stay_there(tmp_path):
    files = {
        "main.tf": NEEDS,
        "sub/main.tf": NEEDS,
        "sub/prod.tfvars": 'env = "p"\n',
    }
    outer, inner = roots(tmp_path, files)
    assert (outer.path, outer.variables["env"].unknown is None) == ("", False)
    assert inner.variables["env"].text() == "p"


def test_too_many_are_bounded_and_said(tmp_path):
    files = {"main.tf": NEEDS}
    files |= {f"env/{n:02}.tfvars": f'env = "{n}"\n' for n in range(MAX_VARIANTS + 3)}
    found = roots(tmp_path, files)
    assert len(found) == MAX_VARIANTS
    (note,) = [n for root in found for n in root.notes if n.kind == "bound"]
    assert "3 of 9" in note.text
    assert note.incomplete
