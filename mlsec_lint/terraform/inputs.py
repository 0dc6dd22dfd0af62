"""Where variables of a root get their values: files beside it, and what is given.

Precedence, weakest first: the environment, terraform.tfvars, terraform.tfvars.json,
*.auto.tfvars and *.auto.tfvars.json in lexical order, named files, given variables.
(Terraform documentation, "Variable Definition Precedence", 2025.)
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.parse.hcl.parser import parse_expression
from mlsec_lint.source import Source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlsec_lint.parse.hcl.tree import Expression
    from mlsec_lint.terraform.run import Files, Run
    from mlsec_lint.value import Value


class Given(NamedTuple):
    """What a variable is given: an expression, a text, or a value as it is.

    `node` is an expression of a file, `text` comes from outside and is read as the
    variable's type asks for, `value` was evaluated by somebody else. `words` say where
    it comes from.
    """

    source: Source
    node: Expression | None
    words: str
    text: str = ""
    value: Value | None = None


def root_inputs(
    run: Run,
    folder: str,
    variables: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
    named: Sequence[str | tuple[str, str]] = (),
    values: Mapping[str, Value] | None = None,
) -> dict[str, Given]:
    """The values that the variables of a root are given, by name."""
    found: dict[str, Given] = {}
    for name, text in (environment or {}).items():
        found[name] = _from_text(name, text, environment=True)
    files = run.files
    for entry in (*loaded_files(files, folder), *named):
        if isinstance(entry, str):
            _from_file(files, entry, found)
        else:
            found[entry[0]] = _from_text(*entry, environment=False)
    for name, text in (variables or {}).items():
        found[name] = _from_text(name, text, environment=False)
    for name, value in (values or {}).items():
        source = value.span.source if value.span is not None else Source("", "")
        found[name] = Given(source, None, f"in {source.path}", value=value)
    return found


def loaded_files(files: Files, folder: str) -> list[str]:
    """The variable files of a root that Terraform loads by itself, weakest first."""
    names = files.tree.listing(folder)
    first = [n for n in ("terraform.tfvars", "terraform.tfvars.json") if n in names]
    auto = [n for n in names if n.endswith((".auto.tfvars", ".auto.tfvars.json"))]
    return [posixpath.join(folder, name) for name in (*first, *sorted(auto))]


def _from_file(files: Files, path: str, into: dict[str, Given]) -> None:
    body = files.body(path)
    if body is None:
        return
    source = files.source_of(path)
    words = f"in {posixpath.basename(path)}"
    for name, attribute in body.attributes.items():
        into[name] = Given(source, attribute.expression, words)


def _from_text(name: str, text: str, *, environment: bool) -> Given:
    """What is given outside of the files; parsed when the type is known not to be text."""
    source = Source(f"<{'TF_VAR_' if environment else 'var.'}{name}>", text)
    return Given(source, None, "as given", text)


def parsed(given: Given) -> tuple[Source, Expression, bool]:
    """The expression of a text that is given, and whether it is well-formed."""
    node, notes = parse_expression(given.source)
    return given.source, node, not notes
