"""Evaluated Terraform resources made by hand, with real spans: for tests of lowerings.

    root(resource("aws_s3_bucket.w", bucket="b"), ...)

writes each resource as HCL-like text, so that every value has the span of its line.
`ref("aws_s3_bucket.w.id")` is what the evaluator gives for a computed attribute,
`var("x")` for a variable without a value, `text("arn:", var("x"))` for a template.
"""

from __future__ import annotations

import json
import re

from mlsec_lint.lower.inputs import Inputs
from mlsec_lint.source import Source, Span
from mlsec_lint.terraform.resource import ProviderUse, Resource, Root
from mlsec_lint.value import Symbol, Unknown, Value

_PATH = re.compile(
    r'((?:module\.\w+(?:\["[^"]*"\])?\.)*(?:data\.)?\w+\.\w+(?:\[(?:"[^"]*"|\d+|\*)\])?)\.?(.*)'
)


def ref(text: str) -> Unknown:
    address, steps = _PATH.fullmatch(text).groups()
    path = tuple(int(s) if s.isdigit() else s for s in steps.split(".") if s)
    return Unknown(
        "resource", f"{text} is known after apply", text, Symbol(address, path)
    )


def var(name: str, *possible) -> Unknown:
    values = tuple(Value(p) for p in possible) or None
    return Unknown(
        "variable", f"var.{name} has no value", f"var.{name}", possible=values
    )


def text(*parts) -> Unknown:
    return Unknown("template", "a part is not known", parts=parts)


class known:  # noqa: N801
    """A value that is known and was read through a reference."""

    def __init__(self, data, address):
        self.data, self.symbol = data, ref(address).symbol


class encoded:  # noqa: N801
    """A string that was encoded from a structure, as jsonencode gives it."""

    def __init__(self, tree):
        self.tree = tree


class _Writer:
    def __init__(self, path):
        self.source = Source(path, "")
        self.lines: list[str] = []
        self.size = 0

    def line(self, content, indent):
        start = self.size + indent
        self.lines.append(" " * indent + content)
        self.size += indent + len(content) + 1
        return start

    def span(self, start, length):
        return Span(self.source, start, start + length)

    def value(self, name, data, indent):
        shown = _shown(data)
        start = self.line(f"{name} = {shown}", indent)
        key = self.span(start, len(name))
        span = self.span(start + len(name) + 3, len(shown))
        if isinstance(data, dict | list) and not isinstance(data, Unknown):
            return self.nested(data, indent + 2, key)
        if isinstance(data, encoded):
            tree = self.nested(data.tree, indent + 2, key)
            return Value(json_of(data.tree), key, key=key, origin=("json", tree))
        if isinstance(data, known):
            return Value(data.data, span, key=key, symbol=data.symbol)
        return Value(data, span, key=key)

    def nested(self, data, indent, key):
        if isinstance(data, dict):
            inner = {k: self.value(k, v, indent) for k, v in data.items()}
            return Value(inner, key, key=key)
        if isinstance(data, list):
            return Value(tuple(self.nested(e, indent, key) for e in data), key, key=key)
        if isinstance(data, encoded | known):
            return self.value("-", data, indent)
        start = self.line(_shown(data), indent)
        return Value(data, self.span(start, len(_shown(data))))


def json_of(tree):
    try:
        return json.dumps(tree)
    except TypeError:
        return Unknown("function", "a part of the document is not known")


def _shown(data):
    if isinstance(data, Unknown):
        return data.name or "${...}"
    return (
        "{"
        if isinstance(data, dict | list | encoded)
        else json.dumps(data, default=repr)
    )


def resource(
    address, *, provider=None, file_path="main.tf", repeat_unknown=False, **values
):
    found = re.fullmatch(
        r'((?:module\.\w+(?:\["[^"]*"\])?\.)*)(data\.)?(\w+)\.(\w+)(?:\[("?)([^"\]]*)"?\])?',
        address,
    )
    module, data, kind, name, quoted, key = found.groups()
    writer = _Writer(file_path)
    header = writer.line(f'resource "{kind}" "{name}"', 0)
    made = {k: writer.value(k, v, 2) for k, v in values.items()}
    writer.source.text = "\n".join(writer.lines) + "\n"
    index = key if quoted or key in (None, "*") else int(key)
    span = writer.span(header, len(writer.lines[0]))
    return Resource(
        address,
        kind,
        name,
        "data" if data else "managed",
        module.rstrip("."),
        Value(made, span),
        span,
        writer.span(0, writer.size),
        provider or ProviderUse(_provider(kind)),
        index=None if index == "*" else index,
        repeat_unknown=repeat_unknown,
    )


def _provider(kind):
    return kind.split("_")[0]


def provider(name, alias="", version="", locked="", path="providers.tf", **values):
    writer = _Writer(path)
    header = writer.line(f'provider "{name}"', 0)
    made = {k: writer.value(k, v, 2) for k, v in values.items()}
    writer.source.text = "\n".join(writer.lines) + "\n"
    span = writer.span(header, len(writer.lines[0]))
    return ProviderUse(
        name, alias, Value(made, span), span, f"hashicorp/{name}", version, locked
    )


def root(*resources, path=""):
    return Root(path, list(resources))


def inputs(*roots):
    return Inputs(None, list(roots))


def estate(lowering, *resources_or_roots):
    """The estate that one lowering makes of some resources, or of some roots."""
    from mlsec_lint.estate import Estate

    made = Estate()
    whole = [r for r in resources_or_roots if isinstance(r, Root)]
    lowering(inputs(*(whole or [root(*resources_or_roots)])), made)
    return made
