"""kustomize's `replacements` and `vars`: values of one object written into others."""

from __future__ import annotations

from operator import is_
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.kubernetes.edit import change_at, with_field
from mlsec_lint.kubernetes.objects import words
from mlsec_lint.kubernetes.select import labelled, matches
from mlsec_lint.patterns import regex
from mlsec_lint.value import Step, Unknown, Value

if TYPE_CHECKING:
    import re
    from collections.abc import Callable

    from mlsec_lint.kubernetes.fieldspecs import FieldSpec
    from mlsec_lint.kubernetes.objects import Id, Item

_STEP = regex(r"\[([^\]=]+)=([^\]]*)\]")
_REFERENCE = regex(r"\$?\$\(([-\w.]+)\)")


def path_steps(path: str) -> tuple[str, ...]:
    """Segments of a field path: dots, `[name=x]`, and dots that brackets protect."""
    steps: list[str] = []
    held = ""
    for piece in path.replace("\\.", "\0").split("."):
        held = f"{held}.{piece}" if held else piece
        if held.count("[") > held.count("]"):
            continue
        while held:
            at = held.find("[")
            if at < 0:
                steps.append(held)
                break
            if at:
                steps.append(held[:at])
            end = held.find("]", at)
            end = len(held) - 1 if end < 0 else end
            inner = held[at : end + 1]
            steps.append(inner if "=" in inner or inner == "[]" else inner[1:-1])
            held = held[end + 1 :]
        held = ""
    if held:
        steps.append(held)
    return tuple(step.replace("\0", ".") for step in steps)


def look_up(value: Value, steps: tuple[str, ...]) -> Value | None:
    """The one value at a path, or None."""
    for step in steps:
        chosen = _STEP.fullmatch(step)
        if chosen is not None:
            name, wanted = chosen.groups()
            found = [e for e in value.elements() if words(e.get(name)) == wanted]
            if not found:
                return None
            value = found[0]
        elif value.elements():
            elements = value.elements()
            if not step.lstrip("-").isdecimal() or abs(int(step)) >= len(elements):
                return None
            value = elements[int(step)]
        else:
            child = value.get(step)
            if child is None:
                return None
            value = child
    return value


def write_at(
    value: Value,
    steps: tuple[str, ...],
    change: Callable[[Value | None], Value],
    *,
    create: bool,
) -> tuple[Value, bool]:
    """Change what stands at a path (`*` means every element), and whether any did."""
    if not steps:
        return change(value), True
    step, rest = steps[0], steps[1:]
    elements = value.elements()
    if step in ("*", "[]") and (elements or isinstance(value.data, dict)):
        return _write_every(value, rest, change, create=create)
    chosen = _STEP.fullmatch(step)
    if chosen is not None or elements:
        name, wanted = chosen.groups() if chosen is not None else ("", step)
        out: list[Value] = []
        done = False
        for index, one in enumerate(elements):
            hit = words(one.get(name)) == wanted if name else str(index) == wanted
            if hit:
                one, changed = write_at(one, rest, change, create=create)
                done = done or changed
            out.append(one)
        return (value.replace(data=tuple(out)) if done else value), done
    if not isinstance(value.data, dict):
        return value, False
    child = value.data.get(step)
    if child is None:
        if not create:
            return value, False
        if not rest:
            return with_field(value, step, change(None)), True
        child = Value({}, value.span, key=value.key)
    changed_child, done = write_at(child, rest, change, create=create)
    return (with_field(value, step, changed_child) if done else value), done


def _write_every(
    value: Value,
    rest: tuple[str, ...],
    change: Callable[[Value | None], Value],
    *,
    create: bool,
) -> tuple[Value, bool]:
    done = False
    if isinstance(value.data, dict):
        fields: dict[str, Value] = {}
        for name, child in value.data.items():
            fields[name], one = write_at(child, rest, change, create=create)
            done = done or one
        return value.replace(data=fields), done
    out: list[Value] = []
    for element in value.elements():
        changed, one = write_at(element, rest, change, create=create)
        out.append(changed)
        done = done or one
    return value.replace(data=tuple(out)), done


def replace(items: list[Item], replacement: Value) -> str:
    """Carry out one replacement; words about what could not be done, or "".

    kustomize refuses a replacement whose source is not there. What it would have
    written is unknown then: the text that stands in its place is none that is applied.
    """
    source = replacement.get("source")
    problem = ""
    if source is None:
        constant = replacement.get("sourceValue")
        if constant is None:
            return "a replacement without a source"
        found: Value = constant
    else:
        path = words(source.get("fieldPath")) or "metadata.name"
        looked, problem = _source(items, source, path)
        if looked is None:
            why = f"{path} of its source is not in the scan"
            unknown = Unknown("placeholder", why, path, span=source.span)
            looked = Value(unknown, source.span)
        found = _part(looked, source.get("options"))
    targets = replacement.get("targets")
    problems = [
        _write_target(items, found, target)
        for target in (targets.elements() if targets is not None else ())
    ]
    return problem or next((words for words in problems if words), "")


def _source(items: list[Item], source: Value, path: str) -> tuple[Value | None, str]:
    """The value that a replacement copies, else why there is none."""
    wanted = _identity(source)
    holders = [i for i in items if any(_is(one, wanted) for one in i.all_ids())]
    if len(holders) != 1:
        return None, f"{len(holders)} objects are the source of a replacement"
    looked = look_up(holders[0].value, path_steps(path))
    if looked is None:
        return None, f"the source of a replacement has no {path}"
    return looked, ""


class _Identity(NamedTuple):
    """What a selector wants of an object's identity; "" takes every one."""

    kind: str
    name: str
    namespace: str
    group: str
    version: str


def _identity(selector: Value) -> _Identity:
    return _Identity(*(words(selector.get(name)) for name in _Identity._fields))


def _is(one: Id, wanted: _Identity) -> bool:
    return (
        wanted.kind in ("", one.kind)
        and wanted.name in ("", one.name)
        and wanted.namespace in ("", one.namespace or "default")
        and wanted.group in ("", one.group)
        and wanted.version in ("", one.version)
    )


def _part(value: Value, options: Value | None) -> Value:
    """One piece of a text that a delimiter cuts."""
    delimiter = words(options.get("delimiter")) if options is not None else ""
    if not delimiter or not isinstance(value.data, str) or options is None:
        return value
    pieces = value.data.split(delimiter)
    index = words(options.get("index")) or "0"
    if not index.isdecimal() or int(index) >= len(pieces):
        return value.replace(data=Unknown("error", f"there is no piece {index}"))
    return value.replace(data=pieces[int(index)])


def _write_target(items: list[Item], found: Value, target: Value) -> str:
    select = target.get("select")
    if select is None:
        return "a target of a replacement selects nothing"
    rejects = target.get("reject")
    paths = target.get("fieldPaths")
    options = target.get("options")
    create = options is not None and words(options.get("create")) == "true"
    problem = ""
    wanted = _identity(select)
    for item in items:
        if not any(_selects(wanted, one) for one in item.all_ids()):
            continue
        if not labelled(item, select) or _rejected(item, rejects):
            continue
        for path in paths.elements() if paths is not None else ():
            item.value, done = write_at(
                item.value,
                path_steps(words(path)),
                lambda old: _written(old, found, options),
                create=create,
            )
            if not done:
                problem = f"{item.id().kind} {item.id().name} has no {words(path)}"
    return problem


def _selects(wanted: _Identity, one: Id) -> bool:
    """As `_is`, with patterns."""
    return (
        matches(wanted.kind, one.kind)
        and matches(wanted.name, one.name)
        and matches(wanted.namespace, one.namespace or "default")
        and matches(wanted.group, one.group)
        and matches(wanted.version, one.version)
    )


def _rejected(item: Item, rejects: Value | None) -> bool:
    for reject in rejects.elements() if rejects is not None else ():
        by_label = reject.get("labelSelector") or reject.get("annotationSelector")
        if by_label is not None:
            if labelled(item, reject):
                return True
        else:
            wanted = _identity(reject)
            if any(_selects(wanted, one) for one in item.all_ids()):
                return True
    return False


def _written(old: Value | None, found: Value, options: Value | None) -> Value:
    """The value put in place; with a delimiter only one piece of the text changes."""
    data = found.data
    delimiter = words(options.get("delimiter")) if options is not None else ""
    if delimiter and options is not None and old is not None:
        if isinstance(old.data, str) and isinstance(data, str):
            pieces = old.data.split(delimiter)
            index = words(options.get("index")) or "0"
            number = int(index) if index.lstrip("-").isdecimal() else 0
            if number < 0:
                pieces.insert(0, data)
            elif number >= len(pieces):
                pieces.append(data)
            else:
                pieces[number] = data
            data = delimiter.join(pieces)
        else:
            why = "a piece of a text that is not known"
            data = Unknown("template", why, span=old.span)
    steps = found.trail
    before = old.entry() if old is not None else None
    if before is not None:
        steps = (Step(before, "overridden by a replacement"), *steps)
    return found.replace(data=data, trail=steps)


def bind_variables(items: list[Item], variables: tuple[Value, ...]) -> None:
    """Remember which object each var means, by the names that objects have by now."""
    for one in variables:
        reference = one.get("objref")
        if reference is None:
            continue
        holders = [i for i in items if any(_names(e, reference) for e in i.all_ids())]
        if len(holders) == 1:
            holders[0].variables.append(words(one.get("name")))


def fill_variables(
    items: list[Item], variables: list[Value], specs: list[FieldSpec]
) -> list[str]:
    """Write the values of `vars` where `$(NAME)` stands; words about those not found."""
    values: dict[str, Value] = {}
    problems: list[str] = []
    holders = {name: item for item in reversed(items) for name in item.variables}
    for one in variables:
        name = words(one.get("name"))
        path = words(one.at("fieldref", "fieldpath") or one.at("fieldref", "fieldPath"))
        holder = holders.get(name)
        found = None
        if holder is not None:
            found = look_up(holder.value, path_steps(path or "metadata.name"))
        if found is None:
            problems.append(f"the var {name} leads to no value")
        else:
            values[name] = found
    if values:
        for item in items:
            first = item.original()
            for spec in specs:
                if spec.selects(first):
                    item.value = change_at(
                        item.value, spec.path, lambda old: _filled(old, values)
                    )
    return problems


def _names(one: Id, reference: Value) -> bool:
    version = words(reference.get("apiVersion"))
    namespace = words(reference.get("namespace"))
    return (
        words(reference.get("kind")) in ("", one.kind)
        and words(reference.get("name")) == one.name
        and version in ("", one.api_version)
        and namespace in ("", one.namespace or "default")
    )


def _filled(old: Value, values: dict[str, Value]) -> Value:
    if isinstance(old.data, dict):
        fields = {name: _filled(child, values) for name, child in old.data.items()}
        same = all(map(is_, fields.values(), old.data.values()))
        return old if same else old.replace(data=fields)
    elements = old.elements()
    if elements:
        parts = tuple([_filled(one, values) for one in elements])
        return old if all(map(is_, parts, elements)) else old.replace(data=parts)
    if not isinstance(old.data, str) or "$(" not in old.data:
        return old
    used = [m for m in _REFERENCE.findall(old.data) if m in values]
    if not used:
        return old
    steps = tuple(
        Step(at, f"the var {name}")
        for name in dict.fromkeys(used)
        if (at := values[name].entry()) is not None
    )
    unknown = next(
        (v for n in used if isinstance((v := values[n].data), Unknown)), None
    )
    if unknown is not None:
        return old.replace(data=unknown, trail=(*steps, *old.trail))

    def text(match: re.Match[str]) -> str:
        if match.group().startswith("$$") or match.group(1) not in values:
            return match.group()
        return words(values[match.group(1)])

    return old.replace(data=_REFERENCE.sub(text, old.data), trail=(*steps, *old.trail))
