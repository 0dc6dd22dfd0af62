"""Configuration in JSON (`.tf.json`, `.tfvars.json`), read into the nodes of `tree.py`.

Follows the JSON profile of HCL (hashicorp/hcl, json/spec.md, read 2026-03). JSON has
no blocks: whether a property is an attribute or stands for blocks depends on what the
reader of the body expects. So `parse_config` gives a Body with `json` set in which
*every* property is an Attribute, and whoever knows the block types asks for them:

    body, notes = parse_config(source)
    body, notes = unpack(source, body, {"resource": 2, "variable": 1, "locals": 0})

`unpack` gives a Body as the native syntax would have given it: properties named in the
table became Blocks with that many labels, the others stayed Attributes. The blocks'
own bodies are JSON bodies again and can be unpacked with a table of their own. In
expressions the nodes are

    object            Object; keys are Templates (a key may be an interpolation)
    array             Tuple
    string            Template, as in the native syntax; in `.tfvars.json` plain text
    number, keyword   Literal; a negative number is a Literal too

Where Terraform wants a type, a reference or a call (`"type": "list(string)"`,
`"depends_on": ["aws_s3_bucket.w"]`), it reads the string as an expression:
`expression_in(source, node)` does. Spans are exact everywhere, escapes included.
Properties named `//` are comments and left out of bodies (not of objects).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.parse.hcl import tree
from mlsec_lint.parse.hcl.json_strings import decoded, expression_in
from mlsec_lint.parse.hcl.json_values import read
from mlsec_lint.parse.hcl.parser import notes as as_notes
from mlsec_lint.parse.hcl.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlsec_lint.source import Note, Source

__all__ = ["expression_in", "parse_config", "unpack"]

_WRONG = "Incorrect JSON value type"


def parse_config(source: Source) -> tuple[tree.Body, list[Note]]:
    """The body of a JSON text, all properties as attributes, and notes on its errors.

    After an error the properties before it are still there, and a missing or a spare
    comma costs nothing; what was not read is a note of kind `syntax-error`.
    """
    plain = source.path.endswith(".tfvars.json")
    value, problems = read(source.text, templates=not plain)
    if not isinstance(value, tree.Object | tree.Tuple):
        if not problems:
            summary = "Root value must be object"
            problems = [Problem(value.start, value.end, summary)]
        value = tree.Object(value.start, value.end, ())
    body = _body(source, value, problems)
    problems.sort(key=lambda problem: problem.start)
    return body, as_notes(source, problems)


def unpack(
    source: Source, body: tree.Body, labels: Mapping[str, int]
) -> tuple[tree.Body, list[Note]]:
    """The body with the properties that `labels` names as blocks.

    `labels` gives the number of labels by block type. A body that is not from JSON is
    given back as it is. Notes tell of values that cannot be blocks and of arguments
    set twice, with the summaries of Terraform.
    """
    if body.value is None:
        return body, []
    problems: list[Problem] = []
    result = tree.Body(body.start, body.end, {}, [], json=True, value=body.value)
    for key, name, value in _properties(source, body.value, problems):
        if name in labels:
            _blocks(source, name, key, value, labels[name], [], result, problems)
        elif name in result.attributes:
            detail = f"{name} is set above"
            problems.append(Problem(key.start, key.end, "Duplicate argument", detail))
        else:
            result.attributes[name] = _attribute(key, name, value)
    return result, as_notes(source, problems)


def _body(source: Source, value: tree.Expression, problems: list[Problem]) -> tree.Body:
    """All properties of an object, or of the objects of an array, as attributes."""
    attributes: dict[str, tree.Attribute] = {}
    for key, name, inner in _properties(source, value, problems):
        attributes.setdefault(name, _attribute(key, name, inner))
    return tree.Body(value.start, value.end, attributes, [], json=True, value=value)


def _attribute(
    key: tree.Expression, name: str, value: tree.Expression
) -> tree.Attribute:
    return tree.Attribute(key.start, value.end, name, key.end, value)


def _properties(
    source: Source,
    value: tree.Expression,
    problems: list[Problem],
    *,
    labels: bool = False,
) -> Iterator[tuple[tree.Expression, str, tree.Expression]]:
    """Key, name and value of each property, arrays of objects taken as one object."""
    if isinstance(value, tree.Object):
        for key, inner in value.items:
            name = decoded(source.text, key.start, key.end)
            if labels or name != "//":
                yield key, name, inner
    elif isinstance(value, tree.Tuple):
        for item in value.items:
            if isinstance(item, tree.Object):
                yield from _properties(source, item, problems, labels=labels)
            else:
                problems.append(_wrong(item, "an object is expected"))
    elif not _is_null(value):
        problems.append(_wrong(value, "an object is expected"))


def _blocks(
    source: Source,
    name: str,
    key: tree.Expression,
    value: tree.Expression,
    left: int,
    labels: list[tree.Label],
    result: tree.Body,
    problems: list[Problem],
) -> None:
    """Append the blocks that a value stands for, `left` labels still to be read."""
    if left:
        inner = list(_properties(source, value, problems, labels=True))
        if not inner:
            detail = f"a {name} block takes more labels"
            problems.append(
                Problem(value.start, value.end, "Missing block label", detail)
            )
        for sub, text, content in inner:
            label = tree.Label(sub.start, sub.end, text)
            _blocks(
                source, name, sub, content, left - 1, [*labels, label], result, problems
            )
        return
    if _is_null(value):
        return
    if isinstance(value, tree.Tuple):
        contents: tuple[tree.Expression, ...] = value.items
    elif isinstance(value, tree.Object):
        contents = (value,)
    else:
        problems.append(_wrong(value, "an object or array of objects is expected"))
        return
    for content in contents:
        body = _body(source, content, problems)
        # One of several in an array: its own brace is the narrowest header there is.
        start, header = key.start, key.end
        if len(contents) > 1:
            start, header = content.start, content.start + 1
        result.blocks.append(
            tree.Block(start, content.end, name, tuple(labels), header, body)
        )


def _is_null(value: tree.Expression) -> bool:
    return isinstance(value, tree.Literal) and value.value is None


def _wrong(value: tree.Expression, detail: str) -> Problem:
    return Problem(value.start, value.end, _WRONG, detail)
