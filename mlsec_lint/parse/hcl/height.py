"""How high a tree is, measured without recursion."""

from __future__ import annotations

from mlsec_lint.parse.hcl.tree import Node

# No expression that the parser gives is higher, so that an evaluator which takes two
# frames a node stays within Python's own 1,000. Terraform's own limit is its memory.
MAX_HEIGHT = 320


def height(root: Node) -> int:
    """Nodes on the longest way from the root to a leaf, at most MAX_HEIGHT + 1."""
    level: list[Node] = [root]
    count = 0
    while level and count <= MAX_HEIGHT:
        count += 1
        level = [child for node in level for child in children(node)]
    return count


def children(node: Node) -> list[Node]:
    """The nodes directly below a node, in no particular order."""
    found: list[Node] = []
    for slot in type(node).__slots__:
        _gather(getattr(node, slot), found)
    return found


def _gather(value: object, found: list[Node]) -> None:
    if isinstance(value, Node):
        found.append(value)
    elif isinstance(value, tuple):
        for item in value:
            if isinstance(item, Node):
                found.append(item)
            elif isinstance(item, tuple):
                found.extend(part for part in item if isinstance(part, Node))
