"""A module instance: its variables, locals, outputs and resources, each settled once.

What an object depends on is settled before the object itself, on an explicit stack, as
in Terraform's own graph: long chains of references cost no recursion, and a cycle is
found where it closes and costs only the objects on it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mlsec_lint.terraform import checks, ephemeral, variables
from mlsec_lint.terraform.blocks import NOTHING, Bodies, references_in
from mlsec_lint.terraform.children import Children, address_key
from mlsec_lint.terraform.configuration import Item
from mlsec_lint.terraform.errors import EvaluationError
from mlsec_lint.terraform.files import ModuleFiles
from mlsec_lint.terraform.instances import ORDER_ONLY, Instances
from mlsec_lint.terraform.providers import Providers
from mlsec_lint.terraform.scope import Scope, Settled, refused
from mlsec_lint.terraform.static import check_reference
from mlsec_lint.terraform.types import STRING
from mlsec_lint.value import Step, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from mlsec_lint.source import Span
    from mlsec_lint.terraform.configuration import Declaration, Folder
    from mlsec_lint.terraform.inputs import Given
    from mlsec_lint.terraform.repetition import Instance
    from mlsec_lint.terraform.run import Run
    from mlsec_lint.terraform.scope import Reference

Key = tuple[str, "str | tuple[str, ...]"]


class Call:
    """The call that made a module instance, as the child sees it."""

    __slots__ = ("declaration", "instance", "parent")

    def __init__(
        self, parent: Module, declaration: Declaration, instance: Instance
    ) -> None:
        self.parent = parent
        self.declaration = declaration
        self.instance = instance

    def scope(self) -> Scope:
        """The scope in which the call's arguments are evaluated."""
        return Scope(self.parent, each=self.instance.each, count=self.instance.number)


class Module:
    """One instance of a folder's configuration.

    `address` is "" for the root; `given` are a root's inputs, `call` a child's.
    """

    def __init__(
        self,
        run: Run,
        folder: Folder,
        address: str,
        *,
        call: Call | None = None,
        given: dict[str, Given] | None = None,
        names: tuple[str, ...] = (),
    ) -> None:
        self.run = run
        self.folder = folder
        self.address = address
        self.call = call
        self.given = given or {}
        self.names = names
        self.seen: dict[int, Value] = {}
        self.sound = run.files.sound.setdefault(folder.path, {})
        self.functions = ModuleFiles(run)
        self.instances = Instances(self)
        self.children = Children(self)
        self.providers = Providers(self)
        self._memo: dict[Key, Settled] = {}
        self._busy: set[Key] = set()
        run.visited.setdefault(folder.path)

    @property
    def depth(self) -> int:
        """How many module calls lie above this one."""
        return len(self.names)

    @property
    def trail(self) -> tuple[Step, ...]:
        """The module calls it came through, innermost first."""
        if self.call is None:
            return ()
        step = Step(self.call.declaration.header, f"call of {self.address}")
        return (step, *self.call.parent.trail)

    def child(
        self, name: str, declaration: Declaration, instance: Instance, folder: str
    ) -> Module:
        """An instance of a module that this one calls."""
        return Module(
            self.run,
            self.run.files.folder(folder),
            self.within(f"module.{name}") + address_key(instance),
            call=Call(self, declaration, instance),
            names=(*self.names, name),
        )

    def calls_itself(self, folder: str) -> bool:
        """Whether this module or one above it is that folder."""
        here: Module | None = self
        while here is not None:
            if here.folder.path == folder:
                return True
            here = here.call.parent if here.call is not None else None
        return False

    def within(self, name: str) -> str:
        """The full address of something that is called `name` in this module."""
        return f"{self.address}.{name}" if self.address else name

    # What expressions ask for

    def spend(self, parts: int) -> None:
        """Count work of this evaluation."""
        self.run.spend(parts)

    def declares_provider(self, name: str) -> bool:
        """Whether required_providers has an entry of that name."""
        return name in self.folder.requirements

    def is_ephemeral(self, reference: Reference) -> bool:
        """Whether the reference carries an ephemeral value."""
        return ephemeral.is_ephemeral(self, reference)

    def check(self, reference: Reference) -> EvaluationError | None:
        """What Terraform would refuse about the reference before evaluating anything."""
        return check_reference(self.folder, reference)

    def resolve(self, reference: Reference) -> Settled:
        """The object that the reference names. Raises EvaluationError."""
        if id(reference) not in self.sound:
            error = self.check(reference)
            if error is not None:
                raise error
            self.sound[id(reference)] = reference
        kind, key = reference.kind, reference.key
        if kind == "path":
            return Settled(self._path(str(key)))
        if kind == "terraform":
            return Settled(Value(self.run.workspace, type=STRING))
        if kind == "module":
            assert isinstance(key, tuple)
            return self.children.resolve(key, reference.span)
        settled = self.settled((kind, key), reference.span)
        if kind == "resource":
            return Settled(settled.value)
        return settled

    def _path(self, name: str) -> Value:
        run = self.run
        if name == "cwd":
            known = self.run.working_folder
            return Value(known or self._working_folder(), type=STRING)
        text = "." if name == "root" else run.relative(self.folder.path)
        return Value(text, type=STRING)

    def _working_folder(self) -> Unknown:
        """Where Terraform runs: the root's folder, wherever the scanned one lies."""
        why = "where the scanned folder lies is not known"
        unknown = Unknown("environment", why, "path.cwd")
        if not self.run.root:
            return unknown
        return replace(unknown, parts=(unknown, f"/{self.run.root}"))

    def settled(self, key: Key, span: Span | None = None) -> Settled:
        """The value of an object of this module, settling what it needs first."""
        known = self._memo.get(key)
        if known is not None:
            return known
        if key in self._busy:
            if key[0] == "resource":
                words = "Configuration for a resource may not refer to itself."
                raise EvaluationError("Self-referential block", words, span)
            words = f"{key[0]} {'.'.join(key[1]) if isinstance(key[1], tuple) else key[1]} depends on itself."
            raise EvaluationError("Cycle", words, span)
        settle(self, key)
        return self._memo[key]

    # The graph

    def dependencies(self, key: Key) -> Iterator[tuple[Module, Key]]:
        """What has to be settled before the object."""
        kind, name = key
        folder = self.folder
        if kind == "var":
            if self.call is not None:
                item = self.call.declaration.content.attributes.get(str(name))
                if item is not None:
                    parent = self.call.parent
                    yield from parent.needed(parent.referred(item, key))
        elif kind == "local":
            yield from self.needed(self.referred(folder.locals[str(name)], key))
        elif kind == "output":
            yield from self.needed(self.referred(folder.outputs[str(name)], key))
        elif kind == "resource":
            declaration = folder.resources[name]  # type: ignore[index]
            yield from self.needed(self.referred(declaration, key))
        elif kind == "call":
            items = folder.calls[str(name)].content.attributes
            for argument in ("count", "for_each"):
                if argument in items:
                    yield from self.needed(self.referred(items[argument], key))
        elif kind == "provider":
            declaration = folder.providers[name]  # type: ignore[index]
            yield from self.needed(self.referred(declaration, key))

    def needed(self, keys: Iterable[Key]) -> Iterator[tuple[Module, Key]]:
        """The named objects that are not settled, in this module and its children."""
        for key in keys:
            if key[0] == "module":
                yield from self.children.needed(key[1])  # type: ignore[arg-type]
            elif key not in self._memo:
                yield self, key

    def referred(self, stated: Item | Declaration, origin: Key) -> tuple[Key, ...]:
        """What an attribute or block names, found out once for all instances."""
        known = self.run.files.named.get((id(stated), origin))
        if known is None:
            known = self.declared(self._references(stated, origin[0]), origin)
            self.run.files.named[id(stated), origin] = known
        return known

    def declared(
        self, references: list[Reference], origin: Key = ("", "")
    ) -> tuple[Key, ...]:
        """The objects that references name, those of this folder and calls, each once."""
        folder = self.folder
        tables: dict[str, Container[object]] = {
            "var": folder.variables,
            "local": folder.locals,
            "resource": folder.resources,
        }
        keys: dict[Key, None] = dict.fromkeys((r.kind, r.key) for r in references)
        return tuple(
            key
            for key in keys
            if key[0] == "module"
            or (key != origin and key[1] in tables.get(key[0], ()))
        )

    def _references(self, stated: Item | Declaration, kind: str) -> list[Reference]:
        files = self.run.files
        if isinstance(stated, Item):
            return files.expression(stated.source, stated.node.expression).references
        skip = ORDER_ONLY if kind == "resource" else NOTHING
        return references_in(files, stated.content, skip)

    def begin(self, key: Key) -> bool:
        """Whether the object is still to be settled; it is busy from now on."""
        if key in self._memo or key in self._busy:
            return False
        self._busy.add(key)
        return True

    def is_busy(self, key: Key) -> bool:
        """Whether the object is being settled."""
        return key in self._busy

    def is_settled(self, key: Key) -> bool:
        """Whether the object has its value."""
        return key in self._memo

    def reached_resources(self) -> bool:
        """Whether any resource was evaluated, here or in a module that was read."""
        return bool(self.instances.made) or any(
            child.reached_resources() for child in self.children.instances()
        )

    def finish(self, key: Key) -> None:
        """Settle the object, whatever it needs being settled."""
        self._memo[key] = self._compute(key)
        self._busy.discard(key)

    def _compute(self, key: Key) -> Settled:
        kind, name = key
        if kind == "var":
            return variables.settle(self, str(name))
        if kind == "local":
            item = self.folder.locals[str(name)]
            return Settled(self.evaluate(item), f"local.{name}")
        if kind == "output":
            return self._output(str(name))
        if kind == "call":
            self.children.expand(str(name))
            return Settled(Value(None))
        if kind == "provider":
            return Settled(self.providers.evaluate(name))  # type: ignore[arg-type]
        return Settled(self.instances.evaluate(name))  # type: ignore[arg-type]

    def _output(self, name: str) -> Settled:
        declaration = self.folder.outputs[name]
        item = declaration.content.attributes.get("value")
        words = f"output {name} of {self.address or 'the root'}"
        if item is None:
            text = 'The argument "value" is required, but no definition was found.'
            at = declaration.header
            error = EvaluationError("Missing required argument", text, at)
            self.run.problem(error)
            return Settled(refused(error), words)
        value = self.evaluate(item).replace(key=item.key)
        checks.of_output(self, declaration, value)
        return Settled(value, words)

    def evaluate(self, item: Item, scope: Scope | None = None) -> Value:
        """The value of an attribute; what Terraform would refuse becomes a note."""
        scope = scope or Scope(self)
        names = frozenset(scope.names)
        expression = self.run.files.expression(item.source, item.node.expression, names)
        value = expression.evaluate(scope)
        if scope.problems:
            self.report(scope, item.span)
        return value

    def report(self, scope: Scope, span: Span | None = None) -> None:
        """Turn the problems of an evaluation into notes."""
        for error in scope.problems:
            self.run.problem(error, span)
        scope.problems.clear()

    def body(self, declaration: Declaration, skip: frozenset[str]) -> Value:
        """A block that nothing refers to, as an object."""
        scope = Scope(self)
        data = Bodies(self.run.files).evaluate(declaration.content, scope, None, skip)
        self.report(scope, declaration.header)
        return Value(data, declaration.block, key=declaration.header)


def settle(module: Module, key: Key) -> None:
    """Settle an object and all it depends on, dependencies first."""
    if not module.begin(key):
        return
    stack = [(module, key, module.dependencies(key))]
    while stack:
        here, name, waiting = stack[-1]
        for other, needed in waiting:
            if other.begin(needed):
                stack.append((other, needed, other.dependencies(needed)))
                break
            if other.is_busy(needed):
                other.run.cycle(other.address, needed)
        else:
            here.finish(name)
            stack.pop()
