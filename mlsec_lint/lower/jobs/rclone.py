"""Remotes of rclone: what `vault:bucket/path` means, by config file, variables or flags.

Backends and their options from rclone.org (v1.71), read 2026-11. A remote is turned
into the URI of its bucket, or into a URL of the host that takes the bytes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mlsec_lint.lower.jobs.arguments import Setting
    from mlsec_lint.lower.jobs.scene import Scene

#: Where rclone, and its image, look for the config when nobody names it.
_CONFIGS = (
    "/config/rclone/rclone.conf",
    "/root/.config/rclone/rclone.conf",
    "/root/.rclone.conf",
)
#: Backends of one vendor: the host that takes what is sent.
_VENDORS = {
    "b2": "api.backblazeb2.com", "drive": "www.googleapis.com",
    "dropbox": "content.dropboxapi.com", "onedrive": "graph.microsoft.com",
    "box": "upload.box.com", "mega": "g.api.mega.co.nz", "pcloud": "api.pcloud.com",
    "google photos": "photoslibrary.googleapis.com", "yandex": "cloud-api.yandex.net",
    "mailru": "cloud.mail.ru", "jottacloud": "jfs.jottacloud.com",
    "storj": "storj.io", "hidrive": "api.hidrive.strato.com", "protondrive": "drive.proton.me",
    "putio": "api.put.io", "gofile": "gofile.io", "pikpak": "api-drive.mypikpak.com",
}  # fmt: skip
_GOOGLE = ("google cloud storage", "gcs")
#: Backends that name their host or address in an option.
_HOSTED = {
    "sftp": "host", "ftp": "host", "smb": "host", "webdav": "url", "http": "url",
    "swift": "auth", "nextcloud": "url", "seafile": "url", "hdfs": "namenode",
}  # fmt: skip
#: Backends that stand for a path of another remote.
_WRAPS = frozenset({"crypt", "alias", "chunker", "compress", "hasher", "cache"})
_SECTION = re.compile(r"\[([^\]\n]{1,100})\]$")
_NAME = re.compile(r"[A-Za-z0-9_][\w.+@ -]*")
_MAX_LINES = 2_000
_MAX_WRAPPED = 4


class Remote(NamedTuple):
    """A word `name:path` taken apart: options of the remote, and the path behind it."""

    options: Mapping[str, str]
    path: str


def resolved(
    scene: Scene,
    word: Value,
    settings: Sequence[Setting],
    environment: Mapping[str, Value],
) -> Value | None:
    """The URI or URL that a word of rclone means; None where config does not say."""
    text = word.data if isinstance(word.data, str) else ""
    for _ in range(_MAX_WRAPPED):
        found = _remote(scene, text, settings, environment)
        if found is None:
            return None
        sort = found.options.get("type", "").lower()
        if sort not in _WRAPS:
            break
        inner = found.options.get("remote", "")
        text = f"{inner}/{found.path}" if found.path else inner
    else:
        return None
    uri = _uri(sort, found)
    return None if uri is None else word.replace(data=uri)


def _uri(sort: str, remote: Remote) -> str | None:
    options, path = remote.options, remote.path.lstrip("/")
    if sort in _GOOGLE:
        return f"gs://{path}"
    if sort == "s3":
        endpoint = options.get("endpoint", "")
        if endpoint and "amazonaws.com" not in endpoint:
            return f"https://{endpoint.partition('://')[2] or endpoint}/{path}"
        return f"s3://{path}"
    if sort == "azureblob" and options.get("account"):
        return f"https://{options['account']}.blob.core.windows.net/{path}"
    if sort in _VENDORS:
        return f"https://{_VENDORS[sort]}/{path}"
    host = options.get(_HOSTED.get(sort, ""), "")
    if host:
        return f"https://{host.partition('://')[2] or host}/{path}"
    if sort == "local":
        return remote.path
    return None


def _remote(
    scene: Scene,
    text: str,
    settings: Sequence[Setting],
    environment: Mapping[str, Value],
) -> Remote | None:
    if text.startswith(":"):
        return _inline(text, settings)
    name, colon, path = text.partition(":")
    if not colon or path.startswith("//") or not _NAME.fullmatch(name):
        return None
    options = dict(_variables(name, environment))
    if "type" not in options:
        options = {**_section(scene, name, settings, environment), **options}
    return Remote(_flagged(options, settings), path) if "type" in options else None


def _inline(text: str, settings: Sequence[Setting]) -> Remote | None:
    """`:s3,endpoint='https://h':bucket`: a remote that nobody configures."""
    quote, end = "", -1
    for at, letter in enumerate(text[1:2_000], 1):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter == ":" and text[at + 1 : at + 3] != "//":
            end = at
            break
    if end < 0:
        return None
    sort, *pairs = text[1:end].split(",")
    options = {"type": sort}
    for pair in pairs:
        key, _, value = pair.partition("=")
        options[key.strip()] = value.strip("\"'")
    return Remote(_flagged(options, settings), text[end + 1 :])


def _flagged(options: dict[str, str], settings: Sequence[Setting]) -> dict[str, str]:
    """`--s3-endpoint https://h` beats what the remote says."""
    sort = options.get("type", "")
    for setting in settings:
        stem, _, key = setting.name.partition("_")
        if stem == sort and key and isinstance(setting.value.data, str):
            options[key] = setting.value.data
    return options


def _variables(
    name: str, environment: Mapping[str, Value]
) -> Iterator[tuple[str, str]]:
    """`RCLONE_CONFIG_VAULT_ENDPOINT=...`."""
    stem = f"RCLONE_CONFIG_{name.upper()}_"
    for key, value in environment.items():
        if key.upper().startswith(stem) and isinstance(value.data, str):
            yield key[len(stem) :].lower(), value.data


def _section(
    scene: Scene,
    name: str,
    settings: Sequence[Setting],
    environment: Mapping[str, Value],
) -> dict[str, str]:
    """Options of a remote in the config file that the command reads."""
    named = [s.value for s in settings if s.name == "config"]
    if "RCLONE_CONFIG" in environment:
        named.append(environment["RCLONE_CONFIG"])
    paths = [v for v in named if isinstance(v.data, str)] or [
        Value(p) for p in _CONFIGS
    ]
    for path in paths:
        brought = scene.file(str(path.data))
        text = brought.data if brought is not None else None
        if not isinstance(text, str) and path.span is not None:
            source = scene.sourced(path)
            text = source.text if source is not None else None
        if isinstance(text, str):
            return _options(text, name)
    return {}


def _options(text: str, name: str) -> dict[str, str]:
    found: dict[str, str] = {}
    here = ""
    for line in text.split("\n")[:_MAX_LINES]:
        plain = line.strip()
        head = _SECTION.fullmatch(plain)
        if head is not None:
            here = head[1]
        elif here == name and "=" in plain and not plain.startswith(("#", ";")):
            key, _, value = plain.partition("=")
            found[key.strip().lower()] = value.strip()
    return found
