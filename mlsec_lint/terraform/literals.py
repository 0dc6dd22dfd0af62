"""Constants read straight from the syntax, where Terraform itself allows nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.parse.hcl import tree

if TYPE_CHECKING:
    from mlsec_lint.parse.hcl.tree import Expression
    from mlsec_lint.terraform.configuration import Content


def literal_text(node: Expression) -> str | None:
    """The text of a template without interpolation, else None."""
    if isinstance(node, tree.Parentheses):
        return literal_text(node.inner)
    if not isinstance(node, tree.Template):
        return None
    texts = [part.value for part in node.parts if isinstance(part, tree.Text)]
    return "".join(texts) if len(texts) == len(node.parts) else None


def literal_bool(node: Expression) -> bool | None:
    """The value of `true` or `false`, written bare or quoted; else None."""
    if isinstance(node, tree.Literal) and isinstance(node.value, bool):
        return node.value
    return {"true": True, "false": False}.get(literal_text(node) or "")


def keyword(node: Expression) -> str | None:
    """The bare name that an expression consists of, else None."""
    return node.name if isinstance(node, tree.Variable) else None


def reference_words(node: Expression) -> tuple[str, ...] | None:
    """The words of `a.b.c`, also quoted as in old configurations; None otherwise."""
    quoted = literal_text(node)
    if quoted is not None:
        return tuple(quoted.split("."))
    words: list[str] = []
    while isinstance(node, tree.GetAttr):
        words.append(node.name)
        node = node.target
    if not isinstance(node, tree.Variable):
        return None
    return (node.name, *reversed(words))


def flag(content: Content, name: str, *, default: bool = False) -> bool:
    """A literal boolean argument of a block."""
    item = content.attributes.get(name)
    found = literal_bool(item.node.expression) if item is not None else None
    return default if found is None else found
