"""`mlsec-lint policies check`: every policy file against its schema and its reader.

The strict readers are what a scan trusts; the schemas serve editors. Both see every
file here, so that they cannot drift apart. jsonschema is imported by nothing else.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlsec_lint.estate import tables
from mlsec_lint.patterns import regex
from mlsec_lint.rules.baseline import (
    DEFAULT,
    check_lists,
    open_strict,
    read_baseline,
)
from mlsec_lint.rules.config import load_config
from mlsec_lint.rules.read import read_policies
from mlsec_lint.rules.strict import PolicyError, is_list, is_mapping, is_scalar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jsonschema.protocols import Validator
    from yaml.nodes import Node

    from mlsec_lint.rules.grammar import Policies

SCHEMAS = ("rule", "baseline", "config")
#: Integers and booleans as YAML 1.2 writes them; the rest is text to the schemas.
_INTEGER = regex(r"[-+]?[0-9]{1,18}")


def check_policies(folders: Iterable[str | Path]) -> list[PolicyError]:
    """Everything that is wrong with the rules and baselines of some folders.

    A `.mlsec-lint.yaml` in a rule's test case is checked too. Nothing wrong: [].
    """
    shipped = tables.folder().parent
    paths = [Path(folder) for folder in folders]
    others = [path for path in paths if path.resolve() != shipped.resolve()]
    policies, errors = read_policies([shipped, *others])
    for folder in paths:
        for path in (*folder.glob("*/*/rule.yaml"), *folder.glob("*/rule.yaml")):
            errors += check_schema(path, "rule")
        for path in sorted(folder.glob("baselines/*.yaml")):
            errors += check_schema(path, "baseline")
            errors += _check_baseline(path.as_posix(), [folder, shipped], policies)
        for path in sorted(folder.glob("*/*/*/*/.mlsec-lint.yaml")):
            errors += [*load_config(path)[1], *check_schema(path, "config")]
    errors += _check_baseline(DEFAULT, [shipped], policies)
    return sorted(set(errors))


def _check_baseline(
    name: str, folders: list[Path], policies: Policies
) -> list[PolicyError]:
    baseline, errors = read_baseline(name, folders)
    return errors if baseline is None else check_lists(baseline, policies)


def check_schema(path: Path, schema: str) -> list[PolicyError]:
    """What a schema finds wrong with a file; [] too for one that is no strict YAML."""
    errors: list[PolicyError] = []
    strict = open_strict(path, errors)
    node = strict.document() if strict is not None else None
    if strict is None or node is None:
        return errors
    for wrong in _validator(schema).iter_errors(plain(node)):
        at = _node_at(node, list(wrong.absolute_path))
        strict.error(at, f"by the schema: {wrong.message[:300]}")
    return strict.errors


@cache
def _validator(name: str) -> Validator:
    """The validator of one schema, with the others at hand for references."""
    from jsonschema import Draft202012Validator
    from referencing import Registry, Resource

    folder = tables.folder().parent
    schemas = {name: _schema(folder / f"{name}.schema.json") for name in SCHEMAS}
    registry: Any = Registry().with_resources(
        (schema["$id"], Resource.from_contents(schema)) for schema in schemas.values()
    )
    Draft202012Validator.check_schema(schemas[name])
    validator: Validator = Draft202012Validator(schemas[name], registry=registry)
    return validator


def _schema(path: Path) -> dict[str, Any]:
    import json

    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def plain(node: Node) -> Any:
    """A node as the data that an editor's YAML 1.2 parser hands to a schema."""
    if is_mapping(node):
        return {key.value: plain(value) for key, value in node.value}
    if is_list(node):
        return [plain(item) for item in node.value]
    assert is_scalar(node)
    text = str(node.value)
    if node.style in ("'", '"', "|", ">"):
        return text
    if text in ("true", "false"):
        return text == "true"
    if text in ("", "null", "~"):
        return None
    return int(text) if _INTEGER.fullmatch(text) else text


def _node_at(node: Node, path: list[str | int]) -> Node:
    """The node at a path, or the innermost one on the way."""
    for step in path:
        if is_mapping(node):
            found = [value for key, value in node.value if key.value == step]
            node = found[0] if found else node
        elif is_list(node) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
    return node
