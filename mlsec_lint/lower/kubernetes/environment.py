"""The environment of a container: env, envFrom, ConfigMaps, Secrets and `$(VAR)`."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.shell_values import joined
from mlsec_lint.lower.scalars import given, name_of, settled, text_of
from mlsec_lint.lower.secrets import is_sample
from mlsec_lint.patterns import regex
from mlsec_lint.source import Span
from mlsec_lint.value import Step, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.kubernetes.index import Objects

_REFERENCE = regex(r"\$\$|\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)")
_MAX_VALUE = 32_768


def environment(
    container: Value, manifest: Manifest, objects: Objects
) -> dict[str, Value]:
    """Names and values as the container sees them; a Secret's values are sensitive.

    `key` of a value is the span of the name that it stands under: of the `env` entry,
    or in the ConfigMap that sets it (the way from there is its trail); for what comes
    from a Secret, of the entry that asks for it. Its own span is where the text stands.
    """
    found: dict[str, Value] = {}
    for source in _elements(container, "envFrom"):
        found.update(_from(source, manifest, objects))
    for entry in _elements(container, "env"):
        name = text_of(entry.get("name"))
        if name:
            value = _entry(entry, manifest, objects)
            found[name] = expand(value, found)
    return found


def _elements(container: Value, name: str) -> tuple[Value, ...]:
    value = given(container, name)
    return () if value is None else value.elements()


def _entry(entry: Value, manifest: Manifest, objects: Objects) -> Value:
    key = entry.at("name")
    assert key is not None
    name = text_of(key)
    value = given(entry, "value")
    if value is not None:
        return settled(value).replace(key=value.key or key.span)
    for kind, field in (("ConfigMap", "configMapKeyRef"), ("Secret", "secretKeyRef")):
        reference = given(entry, "valueFrom", field)
        if reference is not None:
            found = _key_of(kind, reference, manifest, objects)
            return found if _set_there(found) else found.replace(key=key.span)
    other = given(entry, "valueFrom")
    if other is not None:
        why = f"{name} is filled in when the pod starts"
        unknown = Unknown("environment", why, name, span=other.span)
        return Value(unknown, other.span, key=key.span)
    return Value("", key.span, key=key.span)


def _key_of(kind: str, reference: Value, manifest: Manifest, objects: Objects) -> Value:
    name = name_of(reference.get("name"))
    key = text_of(reference.get("key"))
    target = objects.find(kind, name, manifest) if name and key else None
    value = entries(target).get(key) if target is not None else None
    span = reference.span
    if value is None:
        why = f"it is the key {key or '?'} of the {kind} {name or '?'}"
        unknown = Unknown("environment", why, f"{kind}.{name}.{key}", span=span)
        return Value(unknown, span, sensitive=kind == "Secret")
    return _through(value, span, f"read from {kind} {name}")


def _from(source: Value, manifest: Manifest, objects: Objects) -> dict[str, Value]:
    prefix = text_of(source.get("prefix"))
    for kind, field in (("ConfigMap", "configMapRef"), ("Secret", "secretRef")):
        reference = given(source, field)
        if reference is None:
            continue
        name = name_of(reference.get("name"))
        target = objects.find(kind, name, manifest) if name else None
        if target is None:
            return {}
        span = reference.span
        found = {
            prefix + key: _through(
                value, span, f"the pod takes in all of {kind} {name}"
            )
            for key, value in entries(target).items()
        }
        entry = reference.entry() or span
        return {
            key: value if _set_there(value) else value.replace(key=entry)
            for key, value in found.items()
        }
    return {}


def _set_there(value: Value) -> bool:
    """Whether a value stands in a ConfigMap, whose line is then the one to point at.

    What a Secret holds is reported at the Secret; here only its use is.
    """
    return value.key is not None and not value.sensitive


def _through(value: Value, span: Span | None, words: str) -> Value:
    if span is None:
        return value
    return value.replace(trail=(*value.trail, Step(span, words)))


def entries(manifest: Manifest) -> dict[str, Value]:
    """Keys and texts of a ConfigMap or Secret; base64 is undone where it is valid."""
    found: dict[str, Value] = {}
    secret = manifest.kind == "Secret"
    data = given(manifest.value, "data")
    for name, value in data.items() if data is not None else ():
        value = settled(value)
        found[name] = _decoded(value) if secret else value
    text = given(manifest.value, "stringData")
    for name, value in text.items() if text is not None and secret else ():
        found[name] = settled(value).replace(sensitive=True)
    return found


def _decoded(value: Value) -> Value:
    if not isinstance(value.data, str):
        return value.replace(sensitive=True)
    try:
        raw = base64.b64decode("".join(value.data.split()), validate=True)
        text = raw.decode("utf-8")
    except (binascii.Error, ValueError):
        kind, why = "unsupported", "it is no base64 of a text"
        if is_sample(value.data):  # the API server refuses it as it stands
            kind, why = (
                "placeholder",
                "it is a placeholder that is filled in before use",
            )
        unknown = Unknown(kind, why, span=value.span)
        return value.replace(data=unknown, sensitive=True)
    return value.replace(data=text, sensitive=True)


def expand(value: Value, names: Mapping[str, Value]) -> Value:
    """`$(VAR)` in a text replaced by earlier variables, as the kubelet does."""
    text = value.data
    if not isinstance(text, str) or "$" not in text or len(text) > _MAX_VALUE:
        return value
    parts: list[Value] = []
    at = 0
    for match in _REFERENCE.finditer(text):
        name = match[1]
        if name is not None and name not in names:
            continue  # the kubelet leaves a reference to nothing as it is
        if match.start() > at:
            parts.append(_piece(value, at, match.start()))
        if name is None:
            parts.append(_piece(value, match.start(), match.start() + 1))
        else:
            known = names[name]
            step = Step(known.key or known.span, f"$({name})") if known.span else None
            trail = (*known.trail, step) if step is not None else known.trail
            parts.append(known.replace(trail=trail))
        at = match.end()
    if not parts:
        return value
    if at < len(text):
        parts.append(_piece(value, at, len(text)))
    whole = joined(parts, value.span)
    if isinstance(whole.data, str) and len(whole.data) > _MAX_VALUE:
        whole = Value(Unknown("bound", "the value is too long"), value.span)
    sensitive = value.sensitive or any(p.sensitive for p in parts)
    return whole.replace(key=value.key, sensitive=sensitive)


def _piece(value: Value, start: int, end: int) -> Value:
    """A slice of a one-line scalar with its own position, else with the whole one."""
    span = value.span
    text = value.data
    if span is not None:
        first = span.source.text.find(text, span.start, span.end)
        if first >= 0:
            span = Span(span.source, first + start, first + end)
    return Value(text[start:end], span, trail=value.trail)
