"""Which thing of one estate is which of the other.

By the same address; else, for what is left, by where its file or root was moved to, by
`moved` blocks, by the names that the world knows it by, and by what it is: the same kind,
facts and neighbours. Each step takes only pairs that are the one and only on both
sides. What the world knows under two different names is never the same by likeness.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.patterns import regex
from mlsec_lint.trace.behind import sort_of
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator

    from mlsec_lint.compare.files import Files
    from mlsec_lint.estate import Estate, Fact, Thing

#: Rounds of matching by likeness: each knows the neighbours that the last one matched.
_ROUNDS = 4
#: Where an address of a part begins behind that of the whole.
_PART = regex(r"[/#~:]|\[|\.")
#: Identities whose address is the name by which the world knows them.
_OUTSIDE = frozenset(
    {"user", "group", "account", "ci", "everyone", "service", "unknown"}
    | {"kubernetes-subject"}
)
#: Kinds of which a name in the world is what they are.
_NAMED = frozenset({"store", "identity", "cluster", "key", "destination"})
#: Addresses are looked at so far: longer ones are no people's.
_LONGEST, _MOST_PARTS = 2_000, 40
#: Marks the address of somebody else who had the same label.
_FORMER = " (before)"
_UNKNOWN_OWNER = "unknown("


class Same:
    """The pairing of two estates. `moves` as of `files.moves` of the state after.

    `sides` are the estates, before and after, `own` the things of each by address.
    """

    def __init__(
        self,
        before: Estate,
        after: Estate,
        files: Files,
        moves: tuple[tuple[str, str], ...] = (),
    ) -> None:
        self._files = files
        self._to: dict[int, Thing] = {}
        self._from: dict[int, Thing] = {}
        self._by_address: dict[str, str] = {}
        self.own = (_addresses(before), _addresses(after))
        self.sides = (before, after)
        self._old = list(before.things.values())
        self._new = list(after.things.values())
        for thing in self._old:
            other = after.find(thing.kind, thing.address)
            if other is not None and self._is_somebody_else(thing, other):
                self._by_address[thing.address] = thing.address + _FORMER
            elif other is not None:
                self._pair(thing, other)
        self._by(self._moved, _bare_key, self._are_named_apart)
        self._moved_blocks(moves)
        self._by(_stem_key, _stem_key, self._are_named_apart)
        self._parts()
        self._by_names()
        self._by_likeness()

    def after(self, thing: Thing) -> Thing | None:
        """What a thing of the state before is in the state after."""
        return self._to.get(id(thing))

    def before(self, thing: Thing) -> Thing | None:
        """What a thing of the state after was in the state before."""
        return self._from.get(id(thing))

    def renamed(self) -> Iterator[tuple[str, str]]:
        """Addresses that changed, of things that did not."""
        for old, new in self._by_address.items():
            if new not in (old, old + _FORMER):
                yield old, new

    def address(self, old: str) -> str:
        """An address of the state before as the state after has it."""
        known = self._by_address.get(old)
        if known is not None:
            return known
        owner, mark, store = old.partition(_UNKNOWN_OWNER)
        if mark:
            return f"{owner}{mark}{self.address(store[:-1])})"
        for whole in _wholes(old):
            known = self._by_address.get(whole)
            if known is not None:
                return known + old[len(whole) :]
        path, mark, rest = old.partition("#")
        return f"{self._files.moved(path)}{mark}{rest}" if mark else old

    def _pair(self, old: Thing, new: Thing) -> None:
        if id(old) not in self._to and id(new) not in self._from:
            self._to[id(old)] = new
            self._from[id(new)] = old
            self._by_address.setdefault(old.address, new.address)

    def _left(self) -> tuple[list[Thing], list[Thing]]:
        self._old = [t for t in self._old if id(t) not in self._to]
        self._new = [t for t in self._new if id(t) not in self._from]
        return self._old, self._new

    def _by(
        self,
        old_key: Callable[[Thing], Hashable],
        new_key: Callable[[Thing], Hashable],
        are_apart: Callable[[Thing, Thing], bool] = lambda *_: False,
    ) -> bool:
        """Pair what alone has a key on both sides; whether there was any."""
        left, right = self._left()
        olds, news = _unique(left, old_key), _unique(right, new_key)
        pairs = [(olds[key], news[key]) for key in olds if key in news]
        pairs = [pair for pair in pairs if not are_apart(*pair)]
        for old, new in pairs:
            self._pair(old, new)
        return bool(pairs)

    def _moved(self, thing: Thing) -> Hashable:
        """Kind, root and address in it, as they would be after files were moved."""
        kind, root, bare = _bare_key(thing)
        path, mark, name = bare.partition("#")
        moved = f"{self._files.moved(path)}{mark}{name}" if mark else bare
        return kind, self._files.moved(root), moved

    def _moved_blocks(self, moves: tuple[tuple[str, str], ...]) -> None:
        if not moves:
            return
        left, right = self._left()
        news = {_bare_key(thing): thing for thing in right}
        targets = dict(moves)
        for thing in left:
            kind, root, bare = _bare_key(thing)
            for moved in _moved_address(bare, targets):
                new = news.get((kind, self._files.moved(root), moved))
                if new is not None:
                    self._pair(thing, new)

    def _parts(self) -> None:
        """Parts of things that were renamed: the same part of the new name."""
        left, _ = self._left()
        after = self.sides[1]
        for thing in left:
            moved = self.address(thing.address)
            if moved != thing.address:
                new = after.find(thing.kind, moved)
                if new is not None:
                    self._pair(thing, new)

    def _by_names(self) -> None:
        """Things that share a name in the world, unique both ways."""
        left, right = self._left()
        olds = _holders(left, self.own[0])
        news = _holders(right, self.own[1])
        partners: dict[int, dict[int, Thing]] = {}
        back: dict[int, set[int]] = {}
        for key, things in olds.items():
            others = news.get(key, ())
            if len(things) == 1 and len(others) == 1:
                old, new = things[0], others[0]
                partners.setdefault(id(old), {})[id(new)] = new
                back.setdefault(id(new), set()).add(id(old))
        for thing in left:
            found = list(partners.get(id(thing), {}).values())
            if len(found) == 1 and len(back[id(found[0])]) == 1:
                self._pair(thing, found[0])
        self._parts()

    def _by_likeness(self) -> None:
        for _ in range(_ROUNDS):
            if not all(self._left()):
                return
            looks = (_Look(self, 0), _Look(self, 1))
            found = self._by(looks[0].of, looks[1].of, self._are_apart)
            self._parts()
            if not found:
                return

    def _is_somebody_else(self, old: Thing, new: Thing) -> bool:
        """Whether one label stands for two people, or others that the world knows."""
        is_outside = old.kind == "identity" and sort_of(old) in _OUTSIDE
        return is_outside and self._are_named_apart(old, new)

    def _are_apart(self, old: Thing, new: Thing) -> bool:
        """Whether likeness says nothing: the world knows the two by their names."""
        if old.kind == "identity" and sort_of(old) in _OUTSIDE:
            return True
        return self._are_named_apart(old, new)

    def _are_named_apart(self, old: Thing, new: Thing) -> bool:
        """Whether the world knows the two by different names."""
        if old.kind not in _NAMED:
            return False
        names, names_ = _real(old, self.own[0]), _real(new, self.own[1])
        return bool(names and names_) and not names & names_


class _Look:
    """What a thing looks like from one side, its name left out."""

    def __init__(self, same: Same, side: int) -> None:
        self._same = same
        self._side = side
        self._estate = same.sides[side]
        self._own = same.own[side]

    def of(self, thing: Thing) -> Hashable:
        facts = tuple(
            (name, tuple(map(self._value, thing.all_facts(name))))
            for name in sorted(thing.facts)
        )
        edges = [
            (edge.verb, "out", edge.certain, self._far(edge.target))
            for edge in self._estate.edges_from(thing)
        ]
        edges += [
            (edge.verb, "in", edge.certain, self._far(edge.source))
            for edge in self._estate.edges_to(thing)
        ]
        return thing.kind, thing.provider, facts, tuple(sorted(edges))

    def _far(self, thing: Thing) -> str:
        """A neighbour: as the state after calls it where it is known, else its kind."""
        other = self._same.after(thing) if self._side == 0 else thing
        if other is None or (self._side and self._same.before(thing) is None):
            return f"?{thing.kind}"
        return f"{other.kind} {other.address}"

    def _value(self, fact: Fact) -> Hashable:
        value = fact.value
        if isinstance(value, Unknown):
            return ("unknown", value.kind)
        if isinstance(value, tuple):
            return tuple(sorted(map(self._text, value)))
        return self._text(value) if isinstance(value, str) else value

    def _text(self, text: str) -> str:
        """A text that is an address: as the state after has it, or only that it is one."""
        things = self._own.get(text)
        return text if things is None else self._far(things[0])


def _addresses(estate: Estate) -> dict[str, list[Thing]]:
    found: dict[str, list[Thing]] = {}
    for thing in estate.things.values():
        found.setdefault(thing.address, []).append(thing)
    return found


def _unique(
    things: Iterable[Thing], key: Callable[[Thing], Hashable]
) -> dict[Hashable, Thing]:
    """Things by key, those left out that share one."""
    found: dict[Hashable, Thing | None] = {}
    for thing in things:
        name = key(thing)
        found[name] = None if name in found else thing
    return {name: thing for name, thing in found.items() if thing is not None}


def _bare_key(thing: Thing) -> tuple[str, str, str]:
    """Kind, root, and the address without the prefix of several roots."""
    address, root = thing.address, thing.root
    if root and address.startswith((f"{root}:", f"{root}[")):
        rest = address[len(root) :]
        address = rest[1:] if rest[0] == ":" else rest
    return thing.kind, root, address


def _stem_key(thing: Thing) -> tuple[str, str, str]:
    """Kind, and the address without root and cluster: for what is alone with it."""
    kind, _, bare = _bare_key(thing)
    for start in ("User/", "Group/"):
        at = bare.rfind(f":{start}")
        if kind == "identity" and at >= 0:
            return kind, "", bare[at + 1 :]
    return kind, "", bare


def _wholes(address: str) -> Iterator[str]:
    """What an address may be a part of, the longest first."""
    for mark in reversed(list(_PART.finditer(address[:_LONGEST]))):
        yield address[: mark.start()]


def _moved_address(bare: str, targets: dict[str, str]) -> Iterator[str]:
    """Where `moved` blocks of its module, or of one above, put an address."""
    parts = bare.split(".")[:_MOST_PARTS]
    for start in range(len(parts)):
        for end in range(len(parts), start, -1):
            name = ".".join(parts[start:end])
            rest = parts[end:]
            for old, key in ((name, ""), _without_key(name)):
                if old in targets and not (key and targets[old].endswith("]")):
                    yield ".".join([*parts[:start], targets[old] + key, *rest])


def _without_key(name: str) -> tuple[str, str]:
    at = name.rfind("[") if name.endswith("]") else -1
    return (name[:at], name[at:]) if at > 0 else ("", "")


def _real(thing: Thing, own: dict[str, list[Thing]]) -> set[str]:
    """Names that the world knows it by: those that are no addresses of the config."""
    bare = _bare_key(thing)[2]
    return {name for name in thing.names if name not in own and name != bare}


def _holders(
    things: Iterable[Thing], own: dict[str, list[Thing]]
) -> dict[tuple[str, str], list[Thing]]:
    found: dict[tuple[str, str], list[Thing]] = {}
    for thing in things:
        for name in _real(thing, own):
            found.setdefault((thing.kind, name), []).append(thing)
    return found
