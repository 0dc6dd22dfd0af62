"""A plan joined to the configuration it was made from.

The plan knows the values, the configuration knows where they are written and what they
refer to: an argument of the configuration keeps its place, trail and symbol, and takes
its value from the plan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.patterns import regex
from mlsec_lint.terraform import values
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlsec_lint.terraform.configuration import Folder
    from mlsec_lint.terraform.run import Files

_SHA1 = regex(r"[0-9a-f]{40}\Z")
EMPTY: tuple[object, ...] = (None, "", (), {})


def joined(written: Value, planned: Value) -> Value:
    """The planned value at the place of the written one."""
    mine, theirs = written.data, planned.data
    if isinstance(theirs, Unknown):
        return written if isinstance(mine, Unknown) else _known(written, planned)
    sensitive = written.sensitive or planned.sensitive
    if isinstance(mine, dict) and isinstance(theirs, dict):
        items = {
            name: joined(part, theirs[name]) if name in theirs else part
            for name, part in mine.items()
        }
        for name, part in theirs.items():
            if name not in items and not _is_computed(part):
                items[name] = part.replace(span=written.span, key=written.key)
        return written.replace(data=items, type=None, sensitive=sensitive)
    if isinstance(mine, tuple) and isinstance(theirs, tuple):
        parts = _elements(mine, theirs)
        return written.replace(data=parts, type=None, sensitive=sensitive)
    if isinstance(mine, Unknown):
        return written.replace(
            data=placed(planned, written).data,
            type=planned.type,
            sensitive=sensitive,
            symbol=mine.symbol or written.symbol,
        )
    if mine == theirs or _is_digest(theirs):
        return written
    if isinstance(mine, dict) and isinstance(theirs, tuple) and len(theirs) == 1:
        return joined(written, theirs[0])
    return written.replace(data=theirs, type=planned.type, sensitive=sensitive)


def _is_computed(part: Value) -> bool:
    """Whether a plan shows this only because the provider may compute it."""
    return isinstance(part.data, Unknown) or part.data in EMPTY


def _is_digest(data: object) -> bool:
    """Whether this is a SHA-1, which providers keep in place of a script's text."""
    return isinstance(data, str) and _SHA1.match(data) is not None


def _known(written: Value, planned: Value) -> Value:
    """Known here and unknown there: the plan may say less than what is written."""
    return (
        written
        if values.wholly_known(written)
        else planned.replace(span=written.span, key=written.key, trail=written.trail)
    )


def placed(planned: Value, place: Value) -> Value:
    """A planned value with all its parts at one place."""
    data = planned.data
    if isinstance(data, dict):
        data = {name: placed(part, place) for name, part in data.items()}
    elif isinstance(data, tuple):
        data = tuple(placed(part, place) for part in data)
    return planned.replace(data=data, span=place.span, key=place.key, trail=place.trail)


def _elements(mine: Sequence[Value], theirs: Sequence[Value]) -> tuple[Value, ...]:
    """Element by element; where the plan orders a set anew, by what fits best."""
    left = list(range(len(theirs)))
    found: list[Value] = []
    for position, part in enumerate(mine):
        best = max(
            left,
            key=lambda i: (_likeness(part, theirs[i]), -abs(i - position)),
            default=None,
        )
        if best is None:
            break
        left.remove(best)
        found.append(joined(part, theirs[best]))
    place = mine[-1] if mine else None
    rest = [theirs[i] for i in left]
    found.extend(rest if place is None else [placed(v, place) for v in rest])
    return tuple(found)


def _likeness(mine: Value, theirs: Value, depth: int = 0) -> int:
    """How much of a written element is the same in a planned one."""
    if isinstance(mine.data, Unknown) or isinstance(theirs.data, Unknown):
        return 0
    if isinstance(mine.data, dict) and isinstance(theirs.data, dict) and depth < 4:
        names = mine.data.keys() & theirs.data.keys()
        return sum(
            _likeness(mine.data[n], theirs.data[n], depth + 1) for n in sorted(names)
        )
    return 2 if values.identity(mine) == values.identity(theirs) else -1


def best_folder(
    files: Files, folders: list[str], names: set[str], near: str
) -> str | None:
    """The folder whose root module declares most of what the plan configures.

    A folder that declares less than half of it is not the plan's. The folder of the
    plan file wins where several fit.
    """
    scores = []
    for folder in folders:
        declared = declared_names(files.folder(folder))
        share = len(names & declared) / max(1, len(names | declared))
        scores.append((share, folder == near, folder))
    best = max(scores, key=lambda score: (score[0], score[1]), default=None)
    return best[2] if best is not None and best[0] >= 0.5 else None


def declared_names(folder: Folder) -> set[str]:
    """Addresses of resources, module calls and outputs of a folder."""
    names = {
        f"{'data.' if mode == 'data' else ''}{type_}.{name}"
        for mode, type_, name in folder.resources
    }
    names |= {f"module.{name}" for name in folder.calls}
    return names | {f"output.{name}" for name in folder.outputs}
