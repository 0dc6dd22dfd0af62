"""Remotes of DVC: where `dvc push` sends what it tracks.

Fields from dvc.org/doc/user-guide/data-management/remote-storage, read 2026-11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.patterns import regex
from mlsec_lint.source import Span
from mlsec_lint.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.lower.jobs.scene import Scene
    from mlsec_lint.source import Source

_SECTION = regex(r"\s*\[\s*['\"]?([A-Za-z]+)(?:\s+\"([^\"]+)\")?['\"]?\s*\]\s*$")
_PAIR = regex(r"\s*([A-Za-z_]+)\s*=\s*(.*?)\s*$")
_CONFIGS = (".dvc/config.local", ".dvc/config")


def remote_place(scene: Scene, name: Value | None) -> Value | None:
    """The URL that a remote (the default one for None) leads to; None if nobody says it."""
    wanted = name.data if name is not None else ""
    if not isinstance(wanted, str):
        return None
    found: dict[str, dict[str, Value]] = {}
    default = ""
    for path in _CONFIGS:
        source = scene.sourced(Value(path, scene.workload.span))
        for section, remote, key, value in pairs(source) if source is not None else ():
            if section == "core" and key == "remote" and isinstance(value.data, str):
                default = default or value.data
            elif section == "remote":
                found.setdefault(remote, {}).setdefault(key, value)
    options = found.get(wanted or default, {})
    url, endpoint = options.get("url"), options.get("endpointurl")
    if url is None or not isinstance(url.data, str):
        return None
    host = endpoint.data if endpoint is not None else ""
    if isinstance(host, str) and host and "amazonaws.com" not in host:
        path = url.data.partition("://")[2]
        return url.replace(data=f"{host.rstrip('/')}/{path}")
    return url


def pairs(source: Source) -> Iterator[tuple[str, str, str, Value]]:
    """Section, its name, key and value of each line of an INI text."""
    section = name = ""
    at = 0
    for line in source.text.splitlines(keepends=True):
        start, at = at, at + len(line)
        body = line.rstrip("\r\n")
        head = _SECTION.match(body)
        if head is not None:
            section, name = head[1].lower(), head[2] or ""
            continue
        pair = _PAIR.match(body)
        if pair is None or body.lstrip().startswith(("#", ";")):
            continue
        span = Span(source, start + pair.start(2), start + pair.end(2))
        key = Span(source, start + pair.start(1), start + pair.end(1))
        yield section, name, pair[1].lower(), Value(pair[2], span, key=key)
