"""Module calls: which folder they read, their instances, and what refers to them."""

from __future__ import annotations

import json
import posixpath
from typing import TYPE_CHECKING

from mlsec_lint.terraform import values
from mlsec_lint.terraform.blocks import Bodies
from mlsec_lint.terraform.errors import EvaluationError
from mlsec_lint.terraform.literals import literal_text
from mlsec_lint.terraform.repetition import Repetition, note_doubt, repetition
from mlsec_lint.terraform.resource import ModuleCall
from mlsec_lint.terraform.run import MAX_MODULE_DEPTH, MAX_MODULES
from mlsec_lint.terraform.scope import Scope, Settled
from mlsec_lint.terraform.traversal import attribute, doubtful
from mlsec_lint.terraform.types import DYNAMIC
from mlsec_lint.value import Step, Symbol, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.source import Span
    from mlsec_lint.terraform.configuration import Declaration
    from mlsec_lint.terraform.module import Key, Module
    from mlsec_lint.terraform.repetition import Instance
    from mlsec_lint.terraform.run import Files

META = frozenset(
    ("source", "version", "providers", "count", "for_each", "depends_on", "lifecycle")
)


def instance_key(key: str | int | None) -> str:
    """An instance's key as addresses write it; `*` is the symbolic one."""
    if key is None:
        return ""
    if isinstance(key, int) or key == "*":
        return f"[{key}]"
    return f"[{values.quote(key).replace('${', '$${').replace('%{', '%%{')}]"


def address_key(instance: Instance) -> str:
    """An instance's key in its address: `[*]` where it is not certain."""
    return instance_key(instance.key if instance.certain else "*")


def source_of(declaration: Declaration) -> str | None:
    """The literal source of a module call, or None."""
    item = declaration.content.attributes.get("source")
    return literal_text(item.node.expression) if item is not None else None


def is_local(source: str) -> bool:
    """Whether a module source is a path relative to the calling folder."""
    return source.startswith(("./", "../", ".\\", "..\\")) or source in (".", "..")


def called_folder(folder: str, source: str) -> str:
    """The normalised path of a local module, relative to the scanned folder."""
    joined = posixpath.normpath(posixpath.join(folder, source.replace("\\", "/")))
    return "" if joined == "." else joined


def installed(files: Files, root: str) -> dict[str, str]:
    """Module keys (`a.b`) to folders, as `terraform init` left them in a root."""
    path = posixpath.join(root, ".terraform/modules/modules.json")
    if not files.tree.exists(path):
        return {}
    content = files.tree.bytes(path)
    try:
        listed = json.loads(content or b"{}").get("Modules") or []
    except (ValueError, AttributeError, RecursionError):
        return {}
    found: dict[str, str] = {}
    for entry in listed if isinstance(listed, list) else ():
        if isinstance(entry, dict):
            key, folder = entry.get("Key"), entry.get("Dir")
            if isinstance(key, str) and isinstance(folder, str) and key:
                found[key] = called_folder(root, folder)
    return found


class Children:
    """The module calls of one module instance, expanded when they are needed."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.repetitions: dict[str, Repetition] = {}
        self.made: dict[str, dict[str | int | None, Module]] = {}
        self._unread: list[str] = []

    def needed(self, key: tuple[str, ...]) -> Iterator[tuple[Module, Key]]:
        """What a reference to a module needs to be settled."""
        call, output = key[0], key[1]
        if call not in self.module.folder.calls:
            return
        yield self.module, ("call", call)
        for child in self.made.get(call, {}).values():
            outputs = child.folder.outputs
            if output and key[2]:
                if output in outputs:
                    yield child, ("output", output)
            else:
                for name in outputs:
                    yield child, ("output", name)

    def expand(self, name: str) -> None:
        """Make the instances of a call, if it can be read."""
        module = self.module
        declaration = module.folder.calls[name]
        scope = Scope(module)
        repeated = repetition(module.run.files, declaration.content, scope)
        module.report(scope, declaration.header)
        note_doubt(module.run, f"module.{name}", repeated)
        self.repetitions[name] = repeated
        self.made[name] = {}
        folder = self._folder(name, declaration)
        if folder is None:
            self._unread.append(name)
            return
        for instance in repeated.instances:
            if module.run.modules >= MAX_MODULES:
                text = (
                    "There are too many module instances; the rest was not evaluated."
                )
                module.run.note("bound", text, declaration.header, incomplete=True)
                return
            module.run.modules += 1
            child = module.child(name, declaration, instance, folder)
            child.instances.uncertain = (
                module.instances.uncertain or not instance.certain
            )
            self.made[name][instance.key] = child
            _check_arguments(child, declaration)

    def _folder(self, name: str, declaration: Declaration) -> str | None:
        """The folder that the call reads, or None with a note."""
        module = self.module
        run = module.run
        source = source_of(declaration)
        header = declaration.header
        if source is None:
            item = declaration.content.attributes.get("source")
            if item is None:
                words = (
                    'The argument "source" is required, but no definition was found.'
                )
                error = EvaluationError("Missing required argument", words, header)
            else:
                words = "Variables may not be used here."
                error = EvaluationError("Variables not allowed", words, item.span)
            run.problem(error)
            return None
        folder = run.installed.get(".".join((*module.names, name)))
        if folder is None and is_local(source):
            folder = called_folder(module.folder.path, source)
        if folder is None:
            text = f'module "{name}" ({source}) was not read: it is not in this folder'
            run.note("module-not-read", text, header, strict_only=True)
            return None
        if run.files.tree.realpath(folder) is None:
            text = f'module "{name}" ({source}) lies outside the scanned folder'
            run.note("module-not-read", text, header, strict_only=True)
            return None
        if not run.files.folder(folder).files:
            text = f'module "{name}": there is no configuration in {source}'
            run.note("module-not-found", text, header, incomplete=True)
            return None
        if module.depth >= MAX_MODULE_DEPTH or module.calls_itself(folder):
            text = f'module "{name}" ({source}) is nested too deeply or calls itself'
            run.note("bound", text, header, incomplete=True)
            return None
        return folder

    def unread(self) -> Iterator[ModuleCall]:
        """The calls that were not read, with their arguments.

        For when all calls are expanded: two such calls may each use an output of the
        other, which is no cycle.
        """
        for name in self._unread:
            yield from self._arguments(name)

    def _arguments(self, name: str) -> Iterator[ModuleCall]:
        module = self.module
        declaration = module.folder.calls[name]
        version = declaration.content.attributes.get("version")
        for instance in self.repetitions[name].instances:
            scope = Scope(module, each=instance.each, count=instance.number)
            data = Bodies(module.run.files).evaluate(
                declaration.content, scope, None, META
            )
            module.report(scope, declaration.header)
            yield ModuleCall(
                module.within(f"module.{name}") + address_key(instance),
                source_of(declaration) or "",
                (literal_text(version.node.expression) or "") if version else "",
                Value(data, declaration.block, key=declaration.header),
                declaration.header,
                declaration.block,
                module.providers.passed(declaration),
                module.trail,
            )

    def resolve(self, key: tuple[str, ...], span: Span) -> Settled:
        """A module's output, or its outputs as an object, or all its instances."""
        name, output, how = key
        self.module.settled(("call", name), span)
        repeated = self.repetitions[name]
        children = self.made[name]
        address = self.module.within(f"module.{name}")
        wanted = output if how else ""
        if not children:
            return self._without_children(name, repeated, address, output, how)
        if repeated.mode == "":
            child = children[None]
            if how == "direct":
                return _output(child, output, span)
            return Settled(_outputs(child, wanted))
        made = {key: _outputs(child, wanted) for key, child in children.items()}
        if repeated.doubt is not None:
            ((only_key, found),) = made.items()
            only = found if repeated.at_most_one else None
            symbol = Symbol(f"{address}[*]")
            unknown = doubtful(
                repeated.doubt, symbol, repeated.mode, only, str(only_key)
            )
            value = Value(unknown, span)
        elif repeated.mode == "count":
            value = Value(tuple(made.values()))
        else:
            value = Value({str(key): outputs for key, outputs in made.items()})
        if how == "direct":
            value = attribute(value, output, span)
        return Settled(value)

    def _without_children(
        self, name: str, repeated: Repetition, address: str, output: str, how: str
    ) -> Settled:
        """The outputs of a call that was not read, or that has no instance."""
        declaration = self.module.folder.calls[name]
        if not repeated.instances:
            return Settled(Value(() if repeated.mode == "count" else {}))
        unknown = Unknown(
            "module",
            f"{address} was not read",
            address,
            Symbol(address, (output,) if how == "direct" else ()),
            span=declaration.header,
        )
        value = Value(unknown, declaration.header, type=DYNAMIC)
        return Settled(value, f"call of {address}")

    def instances(self) -> Iterator[Module]:
        """All instances of all calls, in order of declaration."""
        for name in self.module.folder.calls:
            yield from self.made.get(name, {}).values()


def _check_arguments(child: Module, declaration: Declaration) -> None:
    for name, item in declaration.content.attributes.items():
        if name not in META and name not in child.folder.variables:
            words = f'An argument named "{name}" is not expected here.'
            error = EvaluationError("Unsupported argument", words, item.key)
            child.run.problem(error)


def _output(child: Module, name: str, span: Span) -> Settled:
    if name not in child.folder.outputs:
        words = f'This object does not have an attribute named "{name}".'
        raise EvaluationError("Unsupported attribute", words, span)
    return child.settled(("output", name), span)


def _outputs(child: Module, only: str) -> Value:
    """The outputs as an object (just one of them where only that is asked for)."""
    names = [n for n in child.folder.outputs if not only or n == only]
    data = {}
    for name in names:
        settled = child.settled(("output", name))
        value = settled.value
        if value.span is not None:
            step = Step(value.span, settled.words)
            value = value.replace(trail=(step, *value.trail))
        data[name] = value
    return Value(data)
