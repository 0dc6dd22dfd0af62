"""Where nodes and links of a picture lie: layers from left to right, pure arithmetic.

Runs of nodes with one way in and one way out stand below each other as one block, where
the layers would otherwise be too many to be read. Links over several layers get a lane
through each of those between, which those that end at one node share. The same input gives the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

WIDTH, HEIGHT = 172, 54
#: Between columns, blocks and the nodes of one block; a lane's height; the rim.
GAP, SPACE, STEP, LANE, RIM = 32, 18, 18, 10, 8
#: Between columns where many links cross and need room to be told apart: more than so
#: many, and for each node.
WIDE_GAP, _MANY, _DENSE = 72, 40, 1.3
#: More columns are not seen at once on a page of 1280 pixels.
MOST_COLUMNS = 6
_TALLEST, _SWEEPS = 6, 8

Link = tuple[int, int]
Point = tuple[float, float]


@dataclass(slots=True)
class Layout:
    """Left upper corners of nodes, and the points that links go through, left to right."""

    nodes: dict[int, Point] = field(default_factory=dict)
    links: dict[Link, tuple[Point, ...]] = field(default_factory=dict)
    width: float = 0
    height: float = 0


@dataclass(slots=True)
class _Block:
    """What moves as one: nodes below each other, or a lane for a link (no nodes)."""

    nodes: list[int]
    layer: int = 0
    centre: float = 0
    before: list[int] = field(default_factory=list)
    after: list[int] = field(default_factory=list)

    @property
    def height(self) -> float:
        """Of all of it."""
        count = len(self.nodes)
        return count * HEIGHT + (count - 1) * STEP if count else LANE


def laid_out(links: Sequence[Link], sinks: Iterable[int]) -> Layout:
    """The layout of a graph. `sinks` go to the last column where nothing leaves them."""
    forward, backward = _acyclic(links)
    ends = set(sinks)
    tried = []
    for tallest in range(1, _TALLEST + 1):
        blocks, home = _blocks(forward, ends, tallest)
        columns = _layers(blocks, forward, home, ends)
        tried.append((columns > MOST_COLUMNS and columns, tallest, blocks, home))
        if columns <= MOST_COLUMNS:
            break
    _, _, blocks, home = min(tried, key=lambda one: one[:2])
    lanes = _lanes(blocks, forward, home)
    columns_of = _ordered(blocks)
    _placed(blocks, columns_of)
    dense = len(links) > max(_MANY, _DENSE * len(home))
    return _drawn(blocks, lanes, backward, WIDE_GAP if dense else GAP)


def _acyclic(links: Sequence[Link]) -> tuple[list[Link], list[Link]]:
    """The links without those that close a circle, and those; depth first, no recursion."""
    after: dict[int, list[int]] = {}
    for source, target in links:
        after.setdefault(source, []).append(target)
    entered = {target for _, target in links}
    starts = [node for node in after if node not in entered]
    state: dict[int, int] = {}
    back: set[Link] = set()
    for start in (*starts, *after):
        if start in state:
            continue
        stack = [(start, iter(after.get(start, ())))]
        state[start] = 1
        while stack:
            node, rest = stack[-1]
            following = next(rest, None)
            if following is None:
                state[node] = 2
                stack.pop()
            elif state.get(following) == 1:
                back.add((node, following))
            elif following not in state:
                state[following] = 1
                stack.append((following, iter(after.get(following, ()))))
    return [k for k in links if k not in back], [k for k in links if k in back]


def _blocks(
    links: Sequence[Link], sinks: set[int], tallest: int
) -> tuple[list[_Block], dict[int, int]]:
    """Runs of at most `tallest` nodes, and the block of each node."""
    after: dict[int, list[int]] = {}
    before: dict[int, list[int]] = {}
    for source, target in links:
        after.setdefault(source, []).append(target)
        before.setdefault(target, []).append(source)
    order = list(dict.fromkeys(node for link in links for node in link))

    def continues(node: int) -> bool:
        """Whether a node may stand below the one before it."""
        ways = before.get(node, ())
        if len(ways) != 1 or (node in sinks and not after.get(node)):
            return False
        return len(after[ways[0]]) == 1 and ways[0] in before

    home: dict[int, int] = {}
    blocks: list[_Block] = []
    for start in order:
        if start in home or continues(start):
            continue
        run = [start]
        while len(after.get(run[-1], ())) == 1 and continues(after[run[-1]][0]):
            run.append(after[run[-1]][0])
        pieces = -(-len(run) // tallest)
        size = -(-len(run) // pieces)
        for at in range(0, len(run), size):
            piece = run[at : at + size]
            home.update(dict.fromkeys(piece, len(blocks)))
            blocks.append(_Block(piece))
    return blocks, home


def _layers(
    blocks: list[_Block],
    links: Sequence[Link],
    home: Mapping[int, int],
    sinks: set[int],
) -> int:
    """Give each block its layer, the longest way to it; how many layers there are."""
    before: list[set[int]] = [set() for _ in blocks]
    after: list[set[int]] = [set() for _ in blocks]
    for source, target in links:
        one, other = home[source], home[target]
        if one != other:
            after[one].add(other)
            before[other].add(one)
    missing = [len(ways) for ways in before]
    ready = [at for at, count in enumerate(missing) if not count]
    for at in ready:
        for other in sorted(after[at]):
            blocks[other].layer = max(blocks[other].layer, blocks[at].layer + 1)
            missing[other] -= 1
            if not missing[other]:
                ready.append(other)
    last = max((block.layer for block in blocks), default=0)
    for at, block in enumerate(blocks):
        if not after[at] and block.nodes[-1] in sinks:
            block.layer = last
    return last + 1


def _lanes(
    blocks: list[_Block], links: Sequence[Link], home: Mapping[int, int]
) -> dict[Link, list[int]]:
    """The blocks that each link goes through, with a lane in every layer between."""
    lanes: dict[Link, list[int]] = {}
    shared: dict[tuple[int, int], int] = {}
    for link in links:
        one, other = home[link[0]], home[link[1]]
        if one == other:
            continue
        way = [one]
        for layer in range(blocks[one].layer + 1, blocks[other].layer):
            lane = shared.setdefault((other, layer), len(blocks))
            if lane == len(blocks):
                blocks.append(_Block([], layer))
            way.append(lane)
        way.append(other)
        lanes[link] = way
        for here, there in pairwise(way):
            if there not in blocks[here].after:
                blocks[here].after.append(there)
                blocks[there].before.append(here)
    return lanes


def _ordered(blocks: list[_Block]) -> list[list[int]]:
    """The blocks of each layer from top to bottom, so that few links cross."""
    last = max((block.layer for block in blocks), default=0)
    layers: list[list[int]] = [[] for _ in range(last + 1)]
    for at, block in enumerate(blocks):
        layers[block.layer].append(at)
    for sweep in range(_SWEEPS):
        rank = {at: n for layer in layers for n, at in enumerate(layer)}
        down = sweep % 2 == 0
        for layer in layers if down else reversed(layers):

            def middle(at: int, down: bool = down) -> float:
                near = blocks[at].before if down else blocks[at].after
                if not near:
                    return float(rank[at])  # noqa: B023
                return sum(rank[other] for other in near) / len(near)  # noqa: B023

            layer.sort(key=middle)
            rank.update({at: n for n, at in enumerate(layer)})
    return layers


def _placed(blocks: list[_Block], layers: Sequence[Sequence[int]]) -> None:
    """Give each block its height on the page, near to what it is linked with."""
    for layer in layers:
        _pack(blocks, layer, [0.0] * len(layer))
    for sweep in range(2 * _SWEEPS):
        down = sweep % 2 == 0
        for layer in layers if down else reversed(layers):
            wished = []
            for at in layer:
                block = blocks[at]
                near = (block.before if down else block.after) or block.before
                near = near or block.after
                centres = [blocks[other].centre for other in near]
                wished.append(sum(centres) / len(centres) if centres else block.centre)
            _pack(blocks, layer, wished)


def _pack(blocks: list[_Block], layer: Sequence[int], wished: Sequence[float]) -> None:
    """As near to the wishes as can be without overlap, in the given order.

    Least squares under an order: neighbours that would overlap are pooled, and the pool
    lies at the mean of what its members wish.
    """
    offsets: list[float] = []
    at = 0.0
    for number, index in enumerate(layer):
        half = blocks[index].height / 2
        at += half + (SPACE if number else 0)
        offsets.append(at)
        at += half
    pools: list[tuple[float, int]] = []
    for wish, offset in zip(wished, offsets, strict=True):
        total, count = wish - offset, 1
        while pools and pools[-1][0] / pools[-1][1] > total / count:
            more, others = pools.pop()
            total, count = total + more, count + others
        pools.append((total, count))
    shifts = [total / count for total, count in pools for _ in range(count)]
    for index, shift, offset in zip(layer, shifts, offsets, strict=True):
        blocks[index].centre = shift + offset


def _drawn(
    blocks: list[_Block],
    lanes: Mapping[Link, list[int]],
    backward: Sequence[Link],
    gap: int,
) -> Layout:
    top = min((b.centre - b.height / 2 for b in blocks), default=0) - RIM
    found = Layout()
    for block in blocks:
        x = float(RIM + block.layer * (WIDTH + gap))
        y = block.centre - block.height / 2 - top
        for number, node in enumerate(block.nodes):
            found.nodes[node] = (x, round(y + number * (HEIGHT + STEP), 1))
        found.width = max(found.width, x + WIDTH + RIM)
        found.height = max(found.height, round(y + block.height + RIM, 1))
    for link, way in lanes.items():
        points = [_port(found, link[0], WIDTH)]
        for at in way[1:-1]:
            x = float(RIM + blocks[at].layer * (WIDTH + gap))
            y = round(blocks[at].centre - top, 1)
            points += [(x, y), (x + WIDTH, y)]
        found.links[link] = (*points, _port(found, link[1], 0))
    for block in blocks:
        for upper, lower in pairwise(block.nodes):
            x, y = found.nodes[upper]
            middle = x + WIDTH / 2
            found.links[upper, lower] = (
                (middle, y + HEIGHT),
                (middle, y + HEIGHT + STEP),
            )
    for link in backward:
        found.links[link] = (_port(found, link[0], WIDTH), _port(found, link[1], 0))
    return found


def _port(found: Layout, node: int, side: float) -> Point:
    x, y = found.nodes[node]
    return x + side, y + HEIGHT / 2
