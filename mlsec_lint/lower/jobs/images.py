"""Image references as facts: reference, registry, pinned by digest or not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlsec_lint.lower.stores import written
from mlsec_lint.parse.placeholder import placeholder
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Thing
    from mlsec_lint.source import Span
    from mlsec_lint.value import Value

_DIGEST = regex(r"@sha(?:256|512):[0-9a-f]{6,}$")


def state_image(thing: Thing, image: Value, span: Span | None = None) -> None:
    """State the image facts of a container from the value that names its image.

    Where the reference has unknown parts, what is written around them still tells
    whether it is pinned (`...@sha256:${D}`) and from which registry it comes.
    """
    where = span or image.entry() or thing.span
    unknown = placeholder(image)
    unknown = _unfinished(image) if unknown is None else unknown
    text = written(unknown) if unknown is not None else image.text()
    if not isinstance(text, str) or not text.strip():
        return
    text = text.strip()
    trail = image.trail
    reference = text if unknown is None else unknown
    thing.state("image.reference", reference, where, trail=trail)
    host = registry(text)
    if unknown is not None:
        pinned = True if re.search(r"@sha(?:256|512):", text) else unknown
        thing.state("image.pinned", pinned, where, trail=trail)
        clear = "/" in text and not set(host) & set("${}<>")
        thing.state("image.registry", host if clear else unknown, where, trail=trail)
        return
    thing.state("image.pinned", pinned_by_digest(text), where, trail=trail)
    thing.state("image.registry", host, where, trail=trail)


def _unfinished(image: Value) -> Unknown | None:
    """Why a reference as written runs nothing: something is filled in before use.

    Names of images have no capital letters (`PROJECT_ID`), and no empty part (`:1.0`
    of a chart whose `image.repository` each release gives).
    """
    data = image.data
    if not isinstance(data, str):
        return None
    name = data.strip().partition("@")[0]
    tag = name.rpartition(":")
    name = tag[0] if tag[1] and "/" not in tag[2] else name
    parts = name.removeprefix("docker://").split("/")
    if not all(parts) and not name.startswith("/"):  # /x.sqsh: Enroot takes files, too
        why = f"{data.strip()} lacks a part of the image's name"
    elif name != name.lower():
        why = f"{name} is a placeholder: names of images have no capital letters"
    else:
        return None
    return Unknown("placeholder", why, name, parts=(data.strip(),), span=image.span)


def pinned_by_digest(reference: str) -> bool:
    """Whether an image reference ends in a whole digest."""
    return _DIGEST.search(reference) is not None


def registry(reference: str) -> str:
    """The registry host of a reference; "docker.io" where it names none."""
    head, slash, _ = reference.removeprefix("docker://").partition("/")
    if not slash:
        return "docker.io"
    if "#" in head:  # enroot: registry#repository
        head = head.partition("#")[0]
    if "." in head or ":" in head or head == "localhost" or "$" in head:
        return head
    return "docker.io"
