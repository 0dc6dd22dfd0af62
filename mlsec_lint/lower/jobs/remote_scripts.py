"""Scripts and code that a shell text fetches from the network and runs.

`curl URL | sh`, `bash <(curl URL)`, `eval "$(curl URL)"`, a file that is fetched and then
started, a repository that is cloned and then worked in. A check of the file's digest or
signature between fetching and running pins it.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.downloads import Download, downloads, file_fetches
from mlsec_lint.lower.jobs.fetches import (
    COMMIT,
    Fetch,
    commit_in,
    name_of,
    plain,
    shown,
    tagged,
    text,
)
from mlsec_lint.lower.jobs.hosts import host_of
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlsec_lint.lower.jobs.shell_commands import Command
    from mlsec_lint.source import Span
    from mlsec_lint.value import Value

_SHELLS = frozenset({"bash", "sh", "zsh", "dash", "ksh", "ash"})
_INTERPRETERS = frozenset({"python", "python3", "perl", "ruby", "node"})
_RUNNERS = _SHELLS | _INTERPRETERS | {"source", ".", "eval"}
_FETCHERS = frozenset({"curl", "wget"})
_CHECKS = frozenset(
    {"sha256sum", "sha512sum", "shasum", "gpg", "gpgv", "cosign", "minisign", "openssl"}
)
#: The end of a file that holds digests or a signature of others.
_SUMS = regex(
    r"(?:\.(?:sha\d+(?:sums?)?|md5|asc|sig|minisig|sums?|txt)|(?:^|[._-])sha\d*sums?)$",
    re.IGNORECASE,
)
#: What is done in a clone without running its code.
_HARMLESS = frozenset(
    {"cd", "ls", "git", "cat", "echo", "pwd", "mv", "cp", "rm", "mkdir", "tar", "find", "du",
     "chmod", "chown", "export", "pushd", "popd", "true", "sed", "grep", "set", "ln", "test",
     "[", "rsync", "printf", "head", "tail", "exit", "return", "sleep", "curl", "wget"}
)  # fmt: skip
_CURL_VALUED = frozenset(
    {"-o", "--output", "-H", "--header", "-X", "--request", "-u", "--user", "-A", "-e",
     "--retry", "--retry-delay", "--max-time", "-m", "--connect-timeout", "--cacert", "-d",
     "--data", "-O-", "-P", "--proto", "--tlsv1", "-w", "--write-out", "-x", "--proxy", "-T",
     "--upload-file", "-F", "--form", "-b", "-c", "--data-binary", "--data-raw", "-K",
     "--output-document", "--directory-prefix", "--tries", "-t", "--timeout", "--referer"}
)  # fmt: skip
#: A version as tags and branches of releases are called: `v2.29.3-1`, `core_r0.8.0`.
VERSION = re.compile(r"(?:[A-Za-z]{1,20}[-_])?[vr]?\d+(?:\.\d+)+[-+.\w]*")
_MOST_CLONES = 100
_MOST_DOWNLOADS = 500


@dataclass(slots=True)
class _Download:
    """A file that a command fetched: its URL, where it lies, and what became of it."""

    url: Value
    path: str
    span: Span
    checked: bool = False
    run: bool = False


@dataclass(slots=True)
class _Clone:
    """A repository that a command cloned into a folder."""

    url: Value
    folder: str
    span: Span
    pinned: bool | Unknown = False
    run: bool = False


@dataclass(slots=True)
class _Story:
    """What a script has fetched so far, and where it stands."""

    downloads: list[_Download] = field(default_factory=list)
    files: dict[str, list[_Download]] = field(default_factory=dict)
    clones: list[_Clone] = field(default_factory=list)
    here: str = ""
    found: list[Fetch] = field(default_factory=list)


def remote_scripts(
    commands: Sequence[Command], *, elsewhere: bool = False
) -> list[Fetch]:
    """What the commands of one script fetch and run, in order, each once.

    `elsewhere`: what is cloned and not worked in, another container may run.
    """
    story = _Story()
    pipe: list[Command] = []
    for at, command in enumerate(commands):
        words = plain(command.words)
        name = name_of(words)
        pipe = [*pipe[-4:], command] if command.piped else [command]
        if name in _RUNNERS and not _is_code(name, words):
            source = _piped(pipe) or _substituted(commands, at)
            if source is not None:
                story.found.append(_script(source))
                continue
        if name in _CHECKS:
            _check(story, pipe, words)
        else:
            _follow(story, command, words, name)
    story.found += [_downloaded(d) for d in story.downloads if d.run]
    story.found += file_fetches(
        [(d.url, d.span, d.checked) for d in story.downloads if not d.run]
    )
    story.found += [_cloned(c) for c in story.clones if c.run or _of_hub(c)]
    if elsewhere:
        left = [c for c in story.clones if not c.run and not _of_hub(c)]
        story.found += [_left(c) for c in left]
    return list(dict.fromkeys(story.found))


def _is_code(name: str, words: Sequence[Value]) -> bool:
    """`python -c ...`, `python x.py`: what comes by the pipe is its data."""
    return name in _INTERPRETERS and len(words) > 1 and text(words[1]) != "-"


def _piped(pipe: Sequence[Command]) -> tuple[Value, Span] | None:
    """The URL that the first command of a pipe fetches, if all before it pass it on."""
    if len(pipe) < 2:
        return None
    for command in reversed(pipe[:-1]):
        words = plain(command.words)
        if name_of(words) in _FETCHERS:
            url = url_of(words)
            span = pipe[-1].span
            if url is None or command.span is None:
                return None
            whole = command.span.to(span) if span is not None else command.span
            return url, whole if "\n" not in whole.text else command.span
    return None


def _substituted(commands: Sequence[Command], at: int) -> tuple[Value, Span] | None:
    """`bash <(curl URL)`, `sh -c "$(curl URL)"`: a fetch inside the command's own words."""
    outer = commands[at].span
    if outer is None:
        return None
    for command in reversed(commands[max(0, at - 4) : at]):
        inner = command.span
        if inner is None or inner.source is not outer.source:
            return None
        if not (outer.start <= inner.start and inner.end <= outer.end):
            return None
        words = plain(command.words)
        if name_of(words) in _FETCHERS:
            url = url_of(words)
            return (
                None
                if url is None
                else (url, outer if "\n" not in outer.text else inner)
            )
    return None


def url_of(words: Sequence[Value]) -> Value | None:
    """The URL that curl or wget is given, the first one where there are several."""
    skip = False
    bare: Value | None = None
    for word in words[1:]:
        found = shown(word)
        if skip:
            skip = False
            continue
        if found.startswith("-"):
            skip = found in _CURL_VALUED
            if found.startswith("--url="):
                return word
            continue
        if "://" in found:
            return word
        bare = bare or word
    return bare


def _follow(story: _Story, command: Command, words: Sequence[Value], name: str) -> None:
    if name in _FETCHERS:
        _fetch(story, command, words)
    elif name == "git":
        _git(story, command, words)
    elif name in ("cd", "pushd"):
        story.here = text(words[1]) if len(words) > 1 else ""
    else:
        _runs(story, words, name)


def _fetch(story: _Story, command: Command, words: Sequence[Value]) -> None:
    """Keep what curl or wget takes; output that is redirected lies in that file."""
    if command.span is None:
        return
    taken = downloads(words)
    target = next(
        (r.target for r in command.redirects if r.operator in (">", ">>", ">|")), None
    )
    if not taken and (url := url_of(words)) is not None:
        taken = [Download(url, url.replace(data="-"))]
    for one in taken:
        lies = shown(target or one.target)
        if not lies or len(story.downloads) >= _MOST_DOWNLOADS:
            continue
        long = "\n" in command.span.text or len(taken) > 1
        span = (one.url.span or command.span) if long else command.span
        download = _Download(one.url, lies, span)
        story.downloads.append(download)
        base = posixpath.normpath(lies)
        for file in {base, posixpath.basename(base)} - {"-", "."}:
            story.files.setdefault(file, []).append(download)


def _check(story: _Story, commands: Sequence[Command], words: Sequence[Value]) -> None:
    """A digest or signature is checked: of the files that are named, else of all before.

    `echo "DIGEST  FILE" | sha256sum -c`, `sha256sum -c <<< ...`, `sha256sum -c FILE.sha256`.
    """
    name, told = name_of(words), [shown(w) for w in words[1:]]
    wanted = {"gpg": "--verify", "openssl": "dgst"}.get(name)
    if wanted is not None and wanted not in told:
        return  # a key is imported, not a file checked
    for command in commands:
        told += [shown(w) for w in command.words]
        told += [shown(r.target) for r in command.redirects]
        if command.heredoc is not None:
            told.append(command.heredoc.text[:20_000])
    parts = {part for line in told for part in re.split(r"[\s*\"']+", line)}
    names = {posixpath.basename(part) for part in parts}
    files = [(posixpath.basename(d.path), d) for d in story.downloads]
    named = [d for base, d in files if base in names and not _SUMS.search(base)]
    if not named:  # only a list of digests is named: of its file, else of all
        of = {_SUMS.sub("", base) for base in names if _SUMS.search(base)}
        named = [d for base, d in files if base in of]
    for download in named or story.downloads:
        download.checked = True


def _git(story: _Story, command: Command, words: Sequence[Value]) -> None:
    verb = next((text(w) for w in words[1:] if not text(w).startswith("-")), "")
    if verb == "clone":
        _clone(story, command, words)
    elif verb in ("checkout", "reset", "switch"):
        found = [shown(w) for w in words[2:]]
        for clone in story.clones[-1:]:
            if any(COMMIT.fullmatch(word) for word in found):
                clone.pinned = True
            elif any("$" in word for word in found) and clone.pinned is not True:
                clone.pinned = Unknown(
                    "environment", "which commit is checked out", span=command.span
                )
            elif (
                version := next((w for w in found if VERSION.fullmatch(w)), None)
            ) is not None:
                clone.pinned = tagged(version, command.span)


def _clone(story: _Story, command: Command, words: Sequence[Value]) -> None:
    operands: list[Value] = []
    reference = ""
    skip = is_branch = False
    for word in words[2:]:
        value = shown(word)
        if skip:
            reference = value if is_branch else reference
            skip = False
        elif value.startswith("-"):
            is_branch = value in ("-b", "--branch", "--revision")
            skip = is_branch or value in (
                "--depth",
                "-c",
                "--origin",
                "-o",
                "-j",
                "--filter",
            )
            if value.startswith(("--branch=", "--revision=")):
                reference = value.partition("=")[2]
        else:
            operands.append(word)
    if not operands or command.span is None or len(story.clones) >= _MOST_CLONES:
        return
    url = operands[0]
    stem = posixpath.basename(shown(url).rstrip("/")).removesuffix(".git")
    folder = shown(operands[1]) if len(operands) > 1 else stem
    span = command.span if "\n" not in command.span.text else url.span or command.span
    clone = _Clone(url, posixpath.normpath(folder), span)
    if COMMIT.fullmatch(reference):
        clone.pinned = True
    elif "$" in reference:
        clone.pinned = Unknown("environment", f"what {reference} is", span=span)
    elif VERSION.fullmatch(reference):
        clone.pinned = tagged(reference, span)
    story.clones.append(clone)


def _runs(story: _Story, words: Sequence[Value], name: str) -> None:
    """A command that starts a fetched file, or works in a cloned folder."""
    if not words:
        return
    first = text(words[0])
    started = [text(w) for w in words[1:3]] if name in _RUNNERS else []
    if first.startswith((".", "/")):
        started.append(first)
    for path in started:
        for download in story.files.get(posixpath.normpath(path), ()) if path else ():
            download.run = True
    if name in _HARMLESS or not story.clones:
        return
    parts = {part for w in words[:64] for part in text(w).split("/")}
    parts.update(story.here.split("/"))
    for clone in story.clones:
        base = posixpath.basename(clone.folder)
        if base == "." or (base and base in parts):
            clone.run = True


def _script(source: tuple[Value, Span]) -> Fetch:
    url, span = source
    return _fetch_of("script", url, span, checked=False)


def _downloaded(download: _Download) -> Fetch:
    return _fetch_of("script", download.url, download.span, checked=download.checked)


def _fetch_of(kind: str, url: Value, span: Span, *, checked: bool) -> Fetch:
    found = shown(url)
    pinned: bool | Unknown = checked or commit_in(found)
    host: str | Unknown = host_of(found)
    if isinstance(url.data, Unknown) and (not host or set(host) & set("${}")):
        host = url.data._replace(possible=None, parts=())
        pinned = pinned or host
    return Fetch(kind, found, span, host, pinned, executed=True)


_HUB = regex(
    r"(?:https?://|git@)(?:[^@/]*@)?(?:huggingface\.co|hf\.co)[/:](?!spaces/)(.+)"
)


def _of_hub(clone: _Clone) -> bool:
    """Whether a clone is of a model or data set of the hub: files, no program."""
    return _HUB.match(shown(clone.url)) is not None


def _cloned(clone: _Clone) -> Fetch:
    found = shown(clone.url)
    hub = _HUB.match(found)
    if hub is not None:
        kind = "dataset" if hub[1].startswith("datasets/") else "model"
        name = hub[1].removeprefix("datasets/").removesuffix(".git").rstrip("/")
        return Fetch(kind, name, clone.span, "huggingface.co", clone.pinned)
    host: str | Unknown = host_of(
        found.partition("@")[2] if found.startswith("git@") else found
    )
    if isinstance(host, str) and ("$" in host or not host):
        unknown = clone.url.data if isinstance(clone.url.data, Unknown) else None
        if unknown is None:
            unknown = Unknown("environment", f"where {found} lies", span=clone.span)
        host = unknown
        host = host._replace(possible=None, parts=())
    return Fetch("code", found, clone.span, host, clone.pinned, executed=True)


def _left(clone: _Clone) -> Fetch:
    """A clone that an init container leaves to others."""
    why = (
        f"whether another container runs what is cloned to {clone.folder} is not known"
    )
    return _cloned(clone)._replace(
        executed=Unknown("environment", why, span=clone.span)
    )
