"""The outward forms of evaluated configuration: the JSON and text of `resources`.

Masks are those of the Terraform oracle: of the same shape as the value, `true` for all
of it, `false`, `{}` or a missing key for none. An unknown element of a sequence is
null in the value, an unknown attribute is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlsec_lint.terraform.errors import BoundExceededError
from mlsec_lint.terraform.number import Number, is_infinite
from mlsec_lint.terraform.plan_view import is_computed_set
from mlsec_lint.terraform.scope import kind_of
from mlsec_lint.terraform.types import type_of
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlsec_lint.source import Note
    from mlsec_lint.terraform.resource import Resource, Root
    from mlsec_lint.terraform.types import Type

MAX_PARTS = 200_000


class TooLargeError(Exception):
    """A value has more parts than anybody would read."""


class Writer:
    """Writes values and masks; shared parts count each time they are written."""

    def __init__(self) -> None:
        self.parts = 0

    def _count(self) -> None:
        self.parts += 1
        if self.parts > MAX_PARTS:
            raise TooLargeError

    def value(self, value: Value) -> Any:
        """The known part of a value as JSON; null for an unknown one."""
        self._count()
        data = value.data
        if data is None or isinstance(data, Unknown):
            return None
        if isinstance(data, dict):
            return {
                name: self.value(data[name])
                for name in sorted(data)
                if not isinstance(data[name].data, Unknown)
            }
        if isinstance(data, tuple):
            return [self.value(part) for part in data]
        return _scalar(data)

    def unknown(self, value: Value) -> Any:
        """The mask of what is not known."""
        self._count()
        data = value.data
        if isinstance(data, Unknown):
            return True
        if isinstance(data, dict):
            return self._named(data, self.unknown)
        if isinstance(data, tuple):
            return [self.unknown(part) for part in data]
        return False

    def sensitive(self, value: Value) -> Any:
        """The mask of what is sensitive."""
        self._count()
        if value.sensitive:
            return True
        data = value.data
        if isinstance(data, Unknown) or data is None:
            return _empty_mask(value)
        if isinstance(data, dict):
            return self._named(data, self.sensitive)
        if isinstance(data, tuple):
            return [self.sensitive(part) for part in data]
        return False

    def _named(self, data: dict[str, Value], mask: Any) -> dict[str, Any]:
        found = {name: mask(data[name]) for name in sorted(data)}
        return {name: m for name, m in found.items() if m is not False}


def _empty_mask(value: Value) -> Any:
    """The mask of a typed null or unknown in which nothing is sensitive."""
    if value.data is None:
        return False
    kind = kind_of(value)
    if kind in ("list", "set", "tuple"):
        return []
    return {} if kind in ("map", "object") else False


def _scalar(data: Any) -> Any:
    if isinstance(data, Number):
        if is_infinite(data):
            return str(data)
        text = str(data)
        return float(text) if "." in text else int(text)
    if isinstance(data, int) and not isinstance(data, bool):
        return int(data)
    return data


def value_json(value: Value) -> dict[str, Any]:
    """A value with its masks: `value`, `unknown`, `sensitive`, and its `type`.

    A value with more parts than anybody would read is wholly unknown.
    """
    writer = Writer()
    try:
        made = {
            "value": writer.value(value),
            "unknown": writer.unknown(value),
            "sensitive": writer.sensitive(value),
        }
        if not has_unknown(made["unknown"]):
            made["type"] = type_of(value).to_json()
    except (BoundExceededError, TooLargeError, RecursionError):
        return {"value": None, "unknown": True, "sensitive": value.sensitive}
    return made


def type_text(type_: Type, depth: int = 0) -> str:
    """A type as Terraform's console prints it, with unknown parts typed."""
    inner = "    " * (depth + 1)
    outer = "    " * depth
    match type_.kind:
        case "tuple":
            lines = [inner + type_text(e, depth + 1) for e in type_.elements]
            body = "".join(f"{line},\n" for line in lines)
            return f"tuple([\n{body}{outer}])" if lines else "tuple([])"
        case "object":
            lines = [
                f"{inner}{_quoted(name)}: {type_text(t, depth + 1)}"
                for name, t in type_.attributes.items()
            ]
            body = "".join(f"{line},\n" for line in lines)
            return f"object({{\n{body}{outer}}})" if lines else "object({})"
        case "list" | "set" | "map":
            element = type_text(type_.element, depth + 1)
            if "\n" not in element:
                return f"{type_.kind}({element})"
            return f"{type_.kind}(\n{inner}{element},\n{outer})"
        case _:
            return type_.kind


def _quoted(name: str) -> str:
    plain = name.replace("-", "_").replace(" ", "")
    return name if plain.isalnum() or plain.isidentifier() else f'"{name}"'


def has_unknown(mask: Any) -> bool:
    """Whether anything in a mask is true."""
    if isinstance(mask, dict):
        return any(map(has_unknown, mask.values()))
    if isinstance(mask, list):
        return any(map(has_unknown, mask))
    return mask is True


class RootResult:
    """A root evaluated on its own: see `mlsec_lint.terraform.evaluate_root`."""

    def __init__(self, root: Root, *, errors: bool = False) -> None:
        self.root = root
        self.errors = errors

    @property
    def notes(self) -> list[Note]:
        """All notes of the evaluation."""
        return self.root.notes

    def to_json(self) -> dict[str, Any]:
        """The JSON of `mlsec-lint resources`."""
        return resources_json(self.root)


def resources_json(root: Root) -> dict[str, Any]:
    """Resources, outputs and notes of a root as JSON."""
    return {
        "resources": {r.address: _resource_json(r) for r in root.resources},
        "outputs": {
            name: _output_json(root, name, value)
            for name, value in root.outputs.items()
        },
        "notes": [note_json(note) for note in root.notes],
    }


def _output_json(root: Root, name: str, value: Value) -> dict[str, Any]:
    """An output as a plan has it: masks are whole unless a part is unknown."""
    made = value_json(value)
    if not has_unknown(made["unknown"]):
        made["unknown"] = False
    made["sensitive"] = name in root.sensitive_outputs
    if made["sensitive"] and made["unknown"] is not False:
        made["value"] = None
    return made


def _resource_json(resource: Resource) -> dict[str, Any]:
    made = value_json(resource.values)
    _as_planned(resource.type, made)
    known: dict[str, Any] = {
        "type": resource.type,
        "name": resource.name,
        "mode": resource.mode,
        "file": resource.span.path,
        "line": resource.span.line,
        "values": made["value"] or {},
        "unknown": made["unknown"],
        "sensitive": made["sensitive"],
        "reasons": reasons(resource.values),
        "lines": {
            name: entry.line
            for name, value in resource.values.items()
            if (entry := value.entry()) is not None
        },
    }
    if resource.module:
        known["module_address"] = resource.module
    if resource.index is not None:
        known["index"] = resource.index
    if resource.repeat_unknown:
        known["repeat_unknown"] = True
    if resource.library:
        known["library"] = True
    return known


def _as_planned(type_: str, made: dict[str, Any]) -> None:
    """Hide the elements of sets that a plan hides."""
    mask = made["unknown"]
    for name in list(mask) if isinstance(mask, dict) else ():
        if has_unknown(mask[name]) and is_computed_set(type_, name):
            mask[name] = True
            made["value"].pop(name, None)


def note_json(note: Note) -> dict[str, Any]:
    """A note as JSON."""
    made: dict[str, Any] = {"kind": note.kind, "text": note.text, "file": note.path}
    if note.span is not None:
        made["line"] = note.span.line
        made["column"] = note.span.column
    return made


def reasons(value: Value, limit: int = 200) -> dict[str, str]:
    """Why the unknown parts of a value are unknown, by dotted path."""
    found: dict[str, str] = {}
    waiting: list[tuple[str, Value]] = [("", value)]
    looked = 0
    while waiting and len(found) < limit and looked < MAX_PARTS:
        looked += 1
        path, here = waiting.pop()
        data = here.data
        if isinstance(data, Unknown):
            found[path] = f"{data.kind}: {data.why}"
        elif isinstance(data, dict):
            prefix = f"{path}." if path else ""
            waiting.extend((prefix + name, data[name]) for name in data)
        elif isinstance(data, tuple):
            waiting.extend((f"{path}[{i}]", part) for i, part in enumerate(data))
    return dict(sorted(found.items()))


def root_result(
    directory: str,
    variables: Mapping[str, str] | None,
    workspace: str,
    environment: Mapping[str, str] | None,
    given: Sequence[str | tuple[str, str]],
    within: str = "",
) -> RootResult:
    """Evaluate a folder of the file system as a root."""
    from mlsec_lint.terraform import roots

    module = roots.module_of(
        directory, variables, workspace, environment, given, within
    )
    root = roots.collect(module)
    refused = ("evaluation-error", "syntax-error")
    errors = bool(module.run.errors) or any(n.kind in refused for n in root.notes)
    return RootResult(root, errors=errors)


def resources_lines(root: Root) -> list[str]:
    """Resources of a root for people: address, place, arguments, reasons.

    Not cleaned: names and values are as the files have them, line ends among them.
    """
    lines: list[str] = []
    for resource in root.resources:
        lines.append(f"{resource.address}  {resource.span.path}:{resource.span.line}")
        for name, value in resource.values.items():
            lines.append(f"    {name} = {text_of(value)}")
    for name, value in root.outputs.items():
        lines.append(f"output {name} = {text_of(value)}")
    for note in root.notes:
        where = f"{note.path}:{note.span.line}: " if note.span else ""
        lines.append(f"note: {where}{note.kind}: {note.text}")
    return lines


def text_of(value: Value, depth: int = 0) -> str:
    """A value on one line for people; what is sensitive or unknown is said so."""
    import json

    if value.sensitive:
        return "(sensitive)"
    data = value.data
    if isinstance(data, Unknown):
        return f"(unknown: {data.why})"
    if depth > 6:
        return "..."
    if isinstance(data, dict):
        inner = ", ".join(f"{k} = {text_of(v, depth + 1)}" for k, v in data.items())
        return f"{{{inner}}}"
    if isinstance(data, tuple):
        return f"[{', '.join(text_of(v, depth + 1) for v in data)}]"
    if isinstance(data, str):
        return json.dumps(data, ensure_ascii=False)
    return (
        "null"
        if data is None
        else str(_scalar(data)).replace("True", "true").replace("False", "false")
    )
