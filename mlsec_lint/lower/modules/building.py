"""Resources of a public module, made from the inputs of a call that was not read.

The address is the one the module gives (`module.x.aws_s3_bucket.this[0]`); a value
that an input gives keeps its span; one that the module's own default gives stands at
the call, with a step in its trail that says so.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.defaults import majors_of
from mlsec_lint.patterns import regex
from mlsec_lint.terraform.resource import ProviderUse, Resource
from mlsec_lint.value import Step, Symbol, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsec_lint.terraform.resource import ModuleCall, Root

_GIT = regex(
    r"(?:git::)?(?:https?://|ssh://git@|git@)?github\.com[/:]([\w.-]{1,99}/[\w.-]{1,99}?)(?:\.git)?(?=$|//|\?)"
)
_REF = regex(r"[?&]ref=v?([0-9][\w.]{0,20})")


class Expansion(NamedTuple):
    """What a call makes: resources, and which attribute of which an output is.

    An output that is a map has an entry for each of its names, `output.name`; an empty
    attribute stands for the resource itself.
    """

    resources: tuple[Resource, ...]
    outputs: dict[str, tuple[Resource, str]]


class Module(NamedTuple):
    """A public module that is known by its inputs.

    * `sources`: its registry source and its GitHub repository, with `//folder`;
    * `versions`: the range whose inputs were read, for people;
    * `newest`: the newest major thought of where a call has no upper bound.
    """

    sources: tuple[str, ...]
    versions: str
    newest: int
    expand: Callable[[Builder], Expansion]


def source_of(call: ModuleCall) -> tuple[str, str]:
    """The registry or GitHub name of a call's source with its folder, and the version."""
    source = call.source
    git = _GIT.match(source)
    if git is None:
        return source.removeprefix("registry.terraform.io/"), call.version
    ref = _REF.search(source)
    folder = re.search(r"//([^?]{1,200})", source[git.end() :])
    name = git[1] + (f"//{folder[1]}" if folder is not None else "")
    return name, ref[1] if ref is not None else ""


class Builder:
    """Makes the resources of one call."""

    def __init__(self, module: Module, call: ModuleCall, root: Root) -> None:
        self.call = call
        self.module = module
        self.root = root
        _, version = source_of(call)
        self.majors = majors_of(version, "", module.newest)

    def input(self, name: str, *path: str) -> Value | None:
        """An input of the call, or a value in it; None where it is absent or null."""
        found = self.call.arguments.at(name, *path)
        return None if found is None or found.is_null else found

    def or_default(self, name: str, data: object) -> Value:
        """An input of the call, else the module's default."""
        given = self.input(name)
        return self.default(name, data) if given is None else given

    def default(self, name: str, data: object) -> Value:
        """A value that only the module's default states."""
        words = f"default of input {name} of {self.module.sources[0]}"
        return Value(data, self.call.span, trail=(Step(self.call.span, words),))

    def unknown(self, why: str) -> Value:
        """A value that this reading of the module cannot tell."""
        reason = Unknown("module", why, self.call.address, span=self.call.span)
        return Value(reason, self.call.span)

    def fixed(self, data: object) -> Value:
        """A value that the module sets, whatever the inputs."""
        return Value(data, self.call.span)

    def blocks(self, **values: Value | None) -> Value:
        """A nested block with those of its arguments that are given."""
        inner = {name: v for name, v in values.items() if v is not None}
        return self.fixed((Value(inner, self.call.span),))

    def reference(self, resource: Resource, attribute: str) -> Value:
        """A reference to an attribute of a resource of this call."""
        symbol = Symbol(resource.address, (attribute,))
        why = f"{resource.address} is not created yet"
        return self.fixed(Unknown("resource", why, symbol=symbol))

    def resource(
        self,
        address: str,
        provider: str,
        exists: Value | None = None,
        **values: Value | None,
    ) -> Resource:
        """A resource at an address inside the module; absent arguments are left out."""
        within, kind, name, key = _split(address)
        inner = {n: v for n, v in values.items() if v is not None}
        span = self.call.span
        unsure = exists is not None and exists.unknown is not None
        return Resource(
            f"{self.call.address}.{address}",
            kind,
            name,
            "managed",
            self.call.address + within,
            Value(inner, span),
            span,
            self.call.block,
            self.provider(provider),
            index=int(key) if key.isdigit() else None,
            calls=self.call.calls,
            repeat_unknown=unsure or "[*]" in self.call.address + address,
            library=self.root.library,
        )

    def provider(self, name: str) -> ProviderUse:
        """The provider configuration that the call hands on, else the default one."""
        handed = self.call.provider_uses.get(name)
        if handed is not None:
            return handed
        for use in self.root.providers:
            if use.name == name and not use.alias:
                return use
        return ProviderUse(name)


_INSTANCE = r"(?:\[(\"(?:[^\"\\]|\\.)*\"|\d+|\*)\])?"
_ADDRESS = regex(rf"((?:module\.\w+{_INSTANCE}\.)?)(\w+)\.(\w+){_INSTANCE}", re.DOTALL)


def quoted(name: str) -> str:
    """A name as the key of an instance, in quotes."""
    inner = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inner}"'


def _split(address: str) -> tuple[str, str, str, str]:
    """The modules within the module (`.module.keys["a"]`), type, name and key."""
    found = _ADDRESS.fullmatch(address)
    assert found is not None, "addresses are written in this folder"
    within = f".{found[1].rstrip('.')}" if found[1] else ""
    return within, found[3], found[4], found[5] or ""


#: So many entries of an input are made into resources; the rest is one unknown entry.
_MOST = 500


def entries_of(value: Value | None) -> tuple[Value, ...]:
    """The elements of a list that an input gives; of an unknown one itself, once."""
    if value is None or value.is_null:
        return ()
    if value.unknown is not None:
        return (value,)
    found = value.elements()
    return found if len(found) <= _MOST else (*found[:_MOST], _rest(value))


def members_of(value: Value | None) -> list[tuple[str, Value]]:
    """The entries of a map that an input gives; of an unknown map none."""
    if value is None:
        return []
    found = list(value.items())
    return found if len(found) <= _MOST else [*found[:_MOST], ("*", _rest(value))]


def _rest(value: Value) -> Value:
    why = f"there are more than {_MOST} entries"
    return value.replace(data=Unknown("bound", why, span=value.span))


def switched_off(value: Value | None) -> bool:
    """Whether a switch is certainly off."""
    return value is not None and value.boolean() is False


def switched_on(value: Value | None) -> bool:
    """Whether a switch is on, or may be."""
    return value is not None and value.boolean() is not False


def is_empty(value: Value | None) -> bool:
    """Whether a collection or text is certainly empty, absent or null."""
    if value is None or value.is_null:
        return True
    return value.unknown is None and value.data in ((), {}, "")
