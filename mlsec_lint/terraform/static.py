"""What Terraform refuses about a reference before it evaluates anything.

`try` and `can` do not help here: a name that is not declared is an error wherever it
stands. (Terraform 1.11, lang/langrefs and terraform/evaluate_valid.go.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.terraform.builtin import SCHEMAS
from mlsec_lint.terraform.errors import EvaluationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlsec_lint.terraform.configuration import Folder
    from mlsec_lint.terraform.scope import Reference


def check_reference(folder: Folder, reference: Reference) -> EvaluationError | None:
    """The error, or None when the reference is fine."""
    found = _problem(folder, reference)
    if found is None:
        return None
    return EvaluationError(found[0], found[1], reference.span)


def _problem(folder: Folder, reference: Reference) -> tuple[str, str] | None:
    kind, key = reference.kind, reference.key
    if kind == "var" and key not in folder.variables:
        words = f'An input variable with the name "{key}" has not been declared. This variable can be declared with a variable "{key}" {{}} block.'
        return "Reference to undeclared input variable", words
    if kind == "local" and key not in folder.locals:
        words = f'A local value with the name "{key}" has not been declared.'
        return "Reference to undeclared local value", words
    if kind == "module":
        return _module(folder, key)
    if kind == "resource":
        return _resource(folder, reference)
    if kind == "path" and key not in ("module", "root", "cwd"):
        words = f'The "path" object does not have an attribute named "{key}".'
        return 'Invalid "path" attribute', words
    if kind == "terraform" and key != "workspace":
        words = f'The "terraform" object does not have an attribute named "{key}".'
        return 'Invalid "terraform" attribute', words
    if kind == "bad":
        return _bad(str(key))
    return None


def _module(folder: Folder, key: str | tuple[str, ...]) -> tuple[str, str] | None:
    assert isinstance(key, tuple)
    if key[0] in folder.calls:
        return None
    words = f'No module call named "{key[0]}" is declared in this module.'
    return "Reference to undeclared module", words


def _resource(folder: Folder, reference: Reference) -> tuple[str, str] | None:
    assert isinstance(reference.key, tuple)
    mode, type_, name = reference.key
    declaration = folder.resources.get((mode, type_, name))
    if declaration is None:
        what = {"managed": "managed resource", "data": "data resource"}.get(mode, mode)
        words = f'A {what} "{type_}" "{name}" has not been declared in this module.'
        return "Reference to undeclared resource", words
    rest = reference.rest
    attributes = declaration.content.attributes
    repeated = "count" in attributes or "for_each" in attributes
    if not rest:
        return None
    if repeated:
        if isinstance(rest[0], str) and reference.span.text.find("[") < 0:
            if "for_each" not in attributes or len(rest) > 1:
                return _missing_key(reference, attributes)
        return None
    schema = SCHEMAS.get(type_)
    if schema is not None and isinstance(rest[0], str) and rest[0] not in schema:
        words = f'This object has no argument, nested block, or exported attribute named "{rest[0]}".'
        return "Unsupported attribute", words
    return None


def _missing_key(
    reference: Reference, attributes: Mapping[str, object]
) -> tuple[str, str]:
    how = "count" if "count" in attributes else "for_each"
    words = f'Because {".".join(reference.key[1:])} has "{how}" set, its attributes must be accessed on specific instances.'
    return "Missing resource instance key", words


def _bad(root: str) -> tuple[str, str]:
    if root in ("var", "local", "path", "terraform", "each", "count", "module"):
        words = f'The "{root}" object cannot be accessed directly. Instead, access one of its attributes.'
        return "Invalid reference", words
    words = "A reference to a resource type must be followed by at least one attribute access, specifying the resource name."
    return "Invalid reference", words
