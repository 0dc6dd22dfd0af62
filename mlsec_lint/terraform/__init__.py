"""Terraform configuration and plans as evaluated resources."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlsec_lint.discovery import Tree
    from mlsec_lint.terraform.forms import RootResult
    from mlsec_lint.terraform.resource import Root


def evaluate_roots(
    tree: Tree, variants: Mapping[str, Sequence[Sequence[str]]] | None = None
) -> list[Root]:
    """All Terraform roots of a scan: see `terraform.roots`."""
    from mlsec_lint.terraform import roots

    return roots.evaluate_roots(tree, variants)


def evaluate_root(
    directory: str,
    variables: Mapping[str, str] | None = None,
    workspace: str = "default",
    *,
    environment: Mapping[str, str] | None = None,
    given: Sequence[str | tuple[str, str]] = (),
    within: str = "",
) -> RootResult:
    """One folder evaluated as a root: `.root`, `.notes` and `to_json()`.

    `variables` maps names to HCL text as `-var` takes it, `environment` likewise as
    TF_VAR_ does (the weakest source); `given` are named tfvars files and (name, text)
    pairs in the order of the command line. `within` is the folder that may be read, the
    directory itself by default.
    """
    from mlsec_lint.terraform.forms import root_result

    return root_result(directory, variables, workspace, environment, given, within)
