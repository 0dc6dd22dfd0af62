"""Files of models and data that `curl`, `wget` and `aria2c` take from the network.

Plain readers of words. What is fetched is told by the URL: a hub's file with its
revision, a file that ends as weights or data do, an archive that is called after them.
Everything else (programs, keys, packages) is none of ours. Options of curl 8.16, wget
1.25 and aria2 1.37, read 2026-11.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.jobs.fetches import (
    _VERSION,
    COMMIT,
    Fetch,
    commit_in,
    name_of,
    plain,
    tagged,
    text,
)
from mlsec_lint.lower.jobs.hosts import host_of
from mlsec_lint.lower.stores import store_uri, written
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlsec_lint.source import Span

FETCHERS = frozenset({"curl", "wget", "aria2c"})
_LONGEST = 2_000
#: Options with a value, by program; of short ones the letter.
_LETTERS = {
    "curl": "oHXuAemwxTFbcKdCDErtYyzQUPh",
    "wget": "OPtTUoaiBQlAReDIXw",
    "aria2c": "doxsjkimnqtuUcl",
}
_LONG = frozenset(
    {"output", "output-dir", "header", "request", "user", "user-agent", "referer", "retry",
     "retry-delay", "retry-max-time", "max-time", "connect-timeout", "cacert", "cert", "key",
     "proto", "proxy", "write-out", "cookie", "cookie-jar", "config", "range", "limit-rate",
     "continue-at", "speed-limit", "speed-time", "output-document", "directory-prefix",
     "tries", "timeout", "waitretry", "input-file", "password", "http-user", "interface",
     "http-password", "dir", "out", "split", "max-connection-per-server", "resolve",
     "ca-certificate", "load-cookies", "max-tries", "form", "upload-file", "data",
     "data-binary", "data-raw", "post-file", "post-data", "body-file", "json"}
)  # fmt: skip
_SENDS = frozenset(
    {"T", "F", "d", "form", "upload-file", "data", "data-binary", "data-raw", "post-file",
     "post-data", "body-file", "json"}
)  # fmt: skip

_HUB_FILE = regex(
    r"(?:https?://)?(?P<host>[^/]+)/(?P<kind>datasets/|models/)?"
    r"(?P<name>[\w.${}-]+/[\w.${}-]+)/(?:resolve|raw|blob|media)/(?P<revision>[^/?#]+)/.",
)
_HUBS = ("huggingface.co", "hf.co", "hf-mirror.com", "modelscope.cn", "modelscope.ai")
_WEIGHTS = regex(
    r"\.(?:safetensors|ckpt|pt|pth|gguf|ggml|nemo|onnx|distcp|h5|msgpack)$",
    re.IGNORECASE,
)
_DATA = regex(
    r"\.(?:parquet|arrow|tfrecord|(?:jsonl|ndjson)(?:\.(?:gz|zst|xz|bz2))?)$",
    re.IGNORECASE,
)
_ARCHIVE = regex(r"\.(?:tar(?:\.\w{1,4})?|tgz|zip|7z|zst|bin|gz|xz)$", re.IGNORECASE)
_WEIGHT_WORDS = regex(
    r"(?<![a-z0-9])(?:checkpoints?|ckpts?|weights|pretrained|models?|loras?|adapters?"
    r"|pytorch_model|consolidated)(?![a-z0-9])",
    re.IGNORECASE,
)
_DATA_WORDS = regex(
    r"(?<![a-z0-9])(?:datasets?|corpus|corpora)(?![a-z0-9])", re.IGNORECASE
)
#: Files of a model's repository that hold no weights.
_BESIDE = regex(
    r"\.(?:json|jsonl|txt|md|ya?ml|py|model|jinja|png|jpg|csv)(?:[?#].*)?$",
    re.IGNORECASE,
)
#: Source code as code hosts pack it: no model, whatever the repository is called.
_CODE = regex(
    r"/archive/|/codeload\.|//codeload\.|/tarball/|/zipball/|\.(?:deb|rpm|whl)$"
)


class Download(NamedTuple):
    """One URL that a command takes, and the path at which it then lies ("-": nowhere)."""

    url: Value
    target: Value


class RemoteFile(NamedTuple):
    """What a URL of a model or of data says: `kind` is "model" or "dataset"."""

    kind: str
    what: str
    host: str | Unknown
    pinned: bool | Unknown


def downloads(words: Sequence[Value]) -> list[Download]:
    """The URLs that a command takes with their targets; none for one that sends."""
    words = plain(words)
    name = name_of(words)
    if name not in FETCHERS:
        return []
    options: list[tuple[str, Value]] = []
    urls: list[Value] = []
    rest = iter(words[1:])
    for word in rest:
        head = _head(word)
        if not head.startswith("-") or head == "-":
            urls.append(word)
            continue
        option, value = _option(name, word, head)
        if option and value is None:
            value = next(rest, None)
        if option and value is not None:
            options.append((option, value))
    urls += [value for option, value in options if option == "url"]
    if any(o in _SENDS for o, _ in options if name == "curl" or len(o) > 1):
        return []
    return [Download(u, t) for u, t in _placed(name, urls, options)]


def model_files(words: Sequence[Value]) -> list[Value]:
    """The paths at which a command puts weights that it takes from the network."""
    found = [(one, remote_file(one.url)) for one in downloads(words)]
    return [
        one.target
        for one, file in found
        if file and file.kind == "model" and not _BESIDE.search(_url(one.url))
    ]


def _head(word: Value) -> str:
    data = word.data
    if isinstance(data, Unknown):
        data = data.parts[0] if data.parts else ""
    return data if isinstance(data, str) else ""


def _option(name: str, word: Value, head: str) -> tuple[str, Value | None]:
    """The option of a word that takes a value, with that value where the word holds it.

    ("", None) for a switch; a value of None stands in the next word.
    """
    if head.startswith("--"):
        long, equals, value = head[2:].partition("=")
        if equals:
            whole = value if isinstance(word.data, str) else ""
            return long, word.replace(data=whole)
        return (long, None) if long in _LONG or long == "url" else ("", None)
    for at, letter in enumerate(head[1:], 1):
        if letter in _LETTERS[name]:
            value = head[at + 1 :]
            return letter, word.replace(data=value) if value else None
    return "", None


def _placed(
    name: str, urls: Sequence[Value], options: Sequence[tuple[str, Value]]
) -> Iterator[tuple[Value, Value]]:
    """Each URL with where it goes: `-o` in the order of the URLs, else its own name."""
    said = {"curl": ("o", "output"), "wget": ("O", "output-document")}
    places = {"curl": ("output-dir",), "wget": ("P", "directory-prefix")}
    files = [v for o, v in options if o in said.get(name, ("o", "out"))]
    folder = [v for o, v in options if o in places.get(name, ("d", "dir"))]
    for number, url in enumerate(urls[:500]):
        base = posixpath.basename(_url(url).partition("?")[0]) or "-"
        target = files[number] if number < len(files) else url.replace(data=base)
        if name == "wget" and files:
            target = files[0]
        if folder and (text(target) and not text(target).startswith(("/", "-"))):
            if isinstance(folder[0].data, str):
                joined = posixpath.join(folder[0].data, text(target))
                target = folder[0].replace(data=joined)
            else:
                target = folder[0]
        yield url, target


def _url(word: Value) -> str:
    data = word.data
    found = written(data) if isinstance(data, Unknown) else data
    return found[:_LONGEST] if isinstance(found, str) else ""


def remote_file(url: Value) -> RemoteFile | None:
    """What a URL of a model or of data says; None for any other."""
    found = _url(url).strip()
    host: str | Unknown = host_of(found)
    if isinstance(url.data, Unknown) and (not host or set(str(host)) & set("${}")):
        host = url.data._replace(possible=None, parts=())
    match = _HUB_FILE.match(found)
    if match is not None and _is_hub(match["host"], found):
        return _of_hub(url, match, host)
    bare = found.partition("?")[0].partition("#")[0]  # what follows may be a token
    kind = _kind(bare)
    if not kind or "://" not in found:
        return None
    return RemoteFile(kind, bare[:160], host, _pinned(url, bare))


def _is_hub(host: str, url: str) -> bool:
    """A hub by name, or a mirror whose name is a variable (`$HF_ENDPOINT/...`)."""
    known = host.lower().removeprefix("www.").partition(":")[0]
    return known in _HUBS or ("$" in host and "/resolve/" in url)


def _of_hub(url: Value, match: re.Match[str], host: str | Unknown) -> RemoteFile:
    kind = "dataset" if match["kind"] == "datasets/" else "model"
    revision = match["revision"]
    pinned: bool | Unknown = COMMIT.fullmatch(revision) is not None
    if "$" in revision and isinstance(url.data, Unknown):
        pinned = url.data._replace(possible=None, parts=())
    mirrored = isinstance(host, str) and host.endswith(("hf.co", "huggingface.co"))
    return RemoteFile(
        kind, match["name"], "huggingface.co" if mirrored else host, pinned
    )


def _kind(url: str) -> str:
    path = url.partition("://")[2].partition("/")[2]
    if not path or _CODE.search(url):
        return ""
    if _WEIGHTS.search(path):
        return "model"
    if _DATA.search(path):
        return "dataset"
    if _ARCHIVE.search(path):
        if _WEIGHT_WORDS.search(path):
            return "model"
        if _DATA_WORDS.search(path):
            return "dataset"
    return ""


def _pinned(url: Value, found: str) -> bool | Unknown:
    """Whether a URL names certain bytes: a commit does; a release or bucket may."""
    if commit_in(found):
        return True
    if isinstance(url.data, Unknown):
        return url.data._replace(possible=None, parts=())
    release = re.search(r"/releases/download/([^/]+)/", found)
    if release is not None and _VERSION.fullmatch(release[1]):
        return tagged(release[1], url.span)
    uri = store_uri(found)
    if uri is not None:
        why = f"whether objects of {uri.address} are replaced, its owner decides"
        return Unknown("environment", why, uri.address, span=url.span)
    return False


def file_fetches(taken: Sequence[tuple[Value, Span, bool]]) -> list[Fetch]:
    """Fetches of models and data: (URL, where, digest checked), one for each host and kind.

    The worst of a host stands for the others, which are counted.
    """
    groups: dict[tuple[str, str], list[Fetch]] = {}
    for url, span, checked in taken:
        found = remote_file(url)
        if found is None:
            continue
        pinned = True if checked else found.pinned
        fetch = Fetch(found.kind, found.what, span, found.host, pinned)
        host = found.host if isinstance(found.host, str) else found.host.name
        groups.setdefault((found.kind, host), []).append(fetch)
    return [_worst(group) for group in groups.values()]


def _worst(group: list[Fetch]) -> Fetch:
    loose = list({f.what: f for f in reversed(group) if f.pinned is False}.values())
    if not loose:
        return next((f for f in group if isinstance(f.pinned, Unknown)), group[0])
    first = loose[-1]
    more = f" and {len(loose) - 1} more" if len(loose) > 1 else ""
    return first._replace(what=first.what + more)
