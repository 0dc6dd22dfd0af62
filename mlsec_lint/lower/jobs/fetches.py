"""What one command takes from the network: packages, hub models, repositories.

Plain readers of words; they state nothing and know no scene. A word with unknown parts
is unknown, never pinned and never loose.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.jobs.arguments import Setting, arguments, flag_truth
from mlsec_lint.lower.jobs.hosts import host_of, internal_host
from mlsec_lint.lower.stores import written
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlsec_lint.source import Span
    from mlsec_lint.value import Value

COMMIT = regex(r"[0-9a-f]{40}(?:[0-9a-f]{24})?", re.IGNORECASE)
_IN_PATH = regex(r"(?:^|[/@=])[0-9a-f]{40}(?:[0-9a-f]{24})?(?=$|[/?#&.])")
_VERSION = regex(r"v?\d+(?:\.\d+)+(?:[.-]?(?:post|rc|[ab])\d*)?")
_PREFIXES = frozenset(
    {"sudo", "env", "time", "nohup", "exec", "command", "nice", "timeout", "setsid"}
)  # fmt: skip
_DURATION = regex(r"\d+[smhd]?")
_PYTHON = regex(r"python[0-9.]*")


class Fetch(NamedTuple):
    """One thing that is taken from the network; fields as the facts of that name.

    `what` says it for people; None where a fact does not apply.
    """

    type: str
    what: str
    span: Span
    host: str | Unknown = ""
    pinned: bool | Unknown | None = None
    executed: bool | Unknown | None = None
    single: bool | Unknown | None = None
    verified: bool | Unknown | None = None
    released: bool | Unknown | None = None
    files: tuple[Value, ...] = ()


def text(word: Value) -> str:
    """The known text of a word, else ""."""
    return word.data if isinstance(word.data, str) else ""


def shown(word: Value) -> str:
    """A word as written, on one line."""
    data = word.data
    found = written(data) if isinstance(data, Unknown) else str(data)
    return " ".join(found.split())[:160]


def plain(words: Sequence[Value]) -> Sequence[Value]:
    """The words without `sudo`, `env A=b`, `timeout 5` and the like in front."""
    for _ in range(8):
        if not words or text(words[0]).rpartition("/")[2] not in _PREFIXES:
            return words
        at = 1
        while at < len(words) and (
            text(words[at]).startswith("-")
            or "=" in text(words[at])
            or _DURATION.fullmatch(text(words[at]))
        ):
            at += 1
        words = words[at:]
    return words


def name_of(words: Sequence[Value]) -> str:
    """The base name of the program that words start."""
    return text(words[0]).rpartition("/")[2] if words else ""


def fetched(words: Sequence[Value]) -> list[Fetch]:
    """What a command by itself fetches; none for a command that is not known."""
    words = plain(words)
    name = name_of(words)
    if name in ("conda", "mamba", "micromamba"):
        return _conda(words)
    if name in ("hf", "huggingface-cli"):
        return _hub(words)
    behind = _pip(words, name)
    return _packages(behind) if behind is not None else []


# -- packages -------------------------------------------------------------------

#: Flags of pip and uv with a value: `pip install --help` of pip 25.3, uv 0.9, 2026-11.
_VALUED = frozenset(
    {"r", "requirement", "c", "constraint", "i", "index_url", "extra_index_url", "f",
     "find_links", "trusted_host", "t", "target", "prefix", "root", "src", "e", "editable",
     "proxy", "timeout", "retries", "cert", "client_cert", "cache_dir", "log", "python",
     "platform", "abi", "implementation", "python_version", "no_binary", "only_binary",
     "progress_bar", "config_settings", "global_option", "index", "default_index", "p",
     "index_strategy", "torch_backend", "resolution", "prerelease", "allow_insecure_host",
     "override", "exclude_newer", "extra", "group", "link_mode", "upgrade_package", "P",
     "report", "upgrade_strategy", "exists_action", "no_build_isolation_package",
     "reinstall_package", "keyring_provider", "with"}
)  # fmt: skip
#: What installs packages is no dependency of a job.
_INSTALLERS = frozenset({"pip", "setuptools", "wheel", "uv", "pipenv", "poetry"})
_REQUIREMENT = regex(
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(?P<rest>.*)", re.DOTALL
)
_ARCHIVES = (".whl", ".tar.gz", ".zip", ".tgz")
_INDEXES = frozenset({"i", "index_url", "default_index", "index"})
_EXTRA = frozenset({"extra_index_url", "f", "find_links"})


def _pip(words: Sequence[Value], name: str) -> Sequence[Value] | None:
    """The words behind `pip install`, however pip is started."""
    if _PYTHON.fullmatch(name) and [text(w) for w in words[1:3]] == ["-m", "pip"]:
        words = words[2:]
    elif name == "uv" and len(words) > 1 and text(words[1]) == "pip":
        words = words[1:]
    elif re.fullmatch(r"pip[0-9.]*", name) is None:
        return None
    for at in range(1, min(len(words), 6)):
        if text(words[at]) == "install":
            return words[at + 1 :]
        if not text(words[at]).startswith("-"):
            return None
    return None


def _flags(words: Sequence[Value]) -> tuple[list[Value], list[Setting]]:
    """Operands and settings of pip's words: its switches take no value."""
    names = frozenset(
        text(w).lstrip("-").partition("=")[0].replace("-", "_")
        for w in words
        if text(w).startswith("-")
    )
    found = arguments(words, names - _VALUED)
    pairs = {
        s.name
        for s in found.settings
        if not s.bare and "-" not in s.span.text[:1] and s.name not in _VALUED
    }
    operands = list(found.operands)
    settings = []
    for setting in found.settings:  # `name==1` looks like an assignment to others
        if setting.name in pairs and setting.span.text.strip("\"'")[:1] != "-":
            word = next((w for w in words if w.span == setting.span), None)
            if word is not None:
                operands.append(word)
                continue
        settings.append(setting)
    return operands, settings


def _packages(words: Sequence[Value]) -> list[Fetch]:
    if not words:
        return []
    first, last = words[0].span, words[-1].span
    if first is None or last is None:
        return []
    span = first.to(last) if first.source is last.source else first
    span = first if "\n" in span.text else span
    operands, settings = _flags(words)
    editable = [s.value for s in settings if s.name in ("e", "editable")]
    found = [one for word in [*operands, *editable][:500] for one in _from_git(word)]
    loose, doubts, count = _sorted_out(operands[:500])
    files = tuple(s.value for s in settings if s.name in ("r", "requirement"))
    hashes = any(s.name == "require_hashes" for s in settings)
    if any(s.name in ("c", "constraint", "override") for s in settings):
        doubts += loose  # what the file says of them is not read
        loose = []
    if not count and not files:
        return found
    pinned: bool | Unknown = True
    if doubts and not hashes:
        why = f"whether {', '.join(doubts[:3])} is pinned is said elsewhere"
        pinned = Unknown("environment", why, doubts[0], span=span)
    if loose and not hashes:
        pinned = False
    what = ", ".join(loose[:5] or doubts[:5]) or ", ".join(shown(f) for f in files[:3])
    more = f" and {len(loose) - 5} more" if len(loose) > 5 else ""
    single, verified, released = _index(settings)
    found.append(
        Fetch(
            "packages",
            (what or "packages") + more,
            span,
            _host(settings),
            pinned=pinned,
            single=single,
            verified=verified,
            released=None if pinned is False else released,
            files=() if hashes else files,
        )
    )
    return found


def _sorted_out(operands: Sequence[Value]) -> tuple[list[str], list[str], int]:
    """Requirements without a version, those not known, and how many came from an index."""
    loose: list[str] = []
    doubts: list[str] = []
    count = 0
    for word in operands:
        data = word.data
        if isinstance(data, Unknown):
            head = (
                data.parts[0] if data.parts and isinstance(data.parts[0], str) else ""
            )
            here = "/" in head and "://" not in head  # a file that lies there
            if not here and not head.startswith((".", "git+", "http")):
                count += 1
                if "==" not in head:
                    doubts.append(shown(word))
            continue
        state = pinned_requirement(text(word))
        if state is None:
            continue
        count += 1
        if not state:
            loose.append(_REQUIREMENT.sub(r"\g<name>", shown(word), count=1))
    return loose, doubts, count


def package_list(packages: Value) -> Fetch | None:
    """A list of requirements in a config (`runtime_env.pip`), at its first loose one."""
    elements = packages.elements()
    loose, doubts, count = _sorted_out(elements[:500])
    first = next(
        (e for e in elements if pinned_requirement(text(e)) is False), packages
    )
    span = first.entry() or first.span
    if not count or span is None:
        return None
    pinned: bool | Unknown = not loose
    if doubts and not loose:
        why = f"whether {doubts[0]} is pinned is said elsewhere"
        pinned = Unknown("environment", why, doubts[0], span=span)
    more = f" and {len(loose) - 3} more" if len(loose) > 3 else ""
    what = ", ".join(loose[:3] or doubts[:3]) or "packages"
    return Fetch("packages", what + more, span, "pypi.org", pinned, single=True)


def pinned_requirement(requirement: str) -> bool | None:
    """Whether a requirement names one version; None where it comes from no index.

    A URL of an archive is pinned by its hash or by the version in its file's name, as
    an index's own file is; a local path is none of ours.
    """
    plain = requirement.partition(";")[0].strip().strip("\"'")
    if not plain or plain.startswith((".", "/", "~", "-", "git+", "$", "#")):
        return None
    if "://" in plain:
        target = plain.rpartition("@ ")[2].strip()
        if target.startswith("git+"):
            return None
        return (
            "#sha256=" in target
            or _VERSION.search(target.rpartition("/")[2]) is not None
        )
    if plain.endswith(_ARCHIVES) or "/" in plain.partition("[")[0].partition("=")[0]:
        return None
    match = _REQUIREMENT.fullmatch(plain)
    if match is None or match["name"].lower() in _INSTALLERS:
        return None
    rest = match["rest"].strip()
    return rest.startswith("==") and not rest.rstrip(")").endswith("*")


def _from_git(word: Value) -> Iterator[Fetch]:
    """`git+https://host/org/name@ref`: code that the installer builds and runs."""
    found = shown(word)
    at = found.find("git+")
    if at < 0 or word.span is None:
        return
    target = found[at + 4 :].partition("#")[0]
    unknown = word.data if isinstance(word.data, Unknown) else None
    reference = target.rpartition("@")[2] if "@" in target.rpartition("/")[2] else ""
    pinned: bool | Unknown = COMMIT.fullmatch(reference) is not None
    if unknown is not None and not pinned and "$" in (reference or target):
        pinned = unknown._replace(possible=None, parts=())
    elif _VERSION.fullmatch(reference):
        pinned = tagged(reference, word.span)
    yield Fetch("code", target, word.span, host_of(target), pinned, executed=True)


def tagged(reference: str, span: Span | None) -> Unknown:
    """A version's tag: whether it is one, and is never moved, its owner decides."""
    why = f"whether {reference} is a tag that its owner never moves is not known"
    return Unknown("environment", why, span=span)


def _index(
    settings: Sequence[Setting],
) -> tuple[bool | Unknown, bool | Unknown, bool | Unknown]:
    single: bool | Unknown = True
    verified: bool | Unknown = True
    released: bool | Unknown = True
    for setting in settings:
        value = text(setting.value)
        url = isinstance(setting.value.data, Unknown) or "://" in value
        if setting.name in _EXTRA and (url or setting.name == "extra_index_url"):
            own = "://" in value and internal_host(host_of(value))
            single = single if own else False
        if setting.name in ("trusted_host", "allow_insecure_host"):
            verified = internal_host(host_of(value))
        if setting.name in (*_INDEXES, *_EXTRA) and value.startswith("http://"):
            verified = internal_host(host_of(value))
        if setting.name == "pre" and flag_truth(setting) is True:
            released = False
        if setting.name == "prerelease" and value == "allow":
            released = False
        if "/nightly/" in value and setting.name in (*_INDEXES, *_EXTRA):
            released = False
    return single, verified, released


def _host(settings: Sequence[Setting]) -> str:
    for setting in settings:
        if setting.name in _INDEXES and "://" in text(setting.value):
            return host_of(text(setting.value))
    return "pypi.org"


def _conda(words: Sequence[Value]) -> list[Fetch]:
    """`conda install a=1.2`: an exact version has `=` or `==`; a channel is an index."""
    verb = next(
        (at for at in range(1, min(len(words), 4)) if text(words[at]) == "install"), 0
    )
    if not verb or words[0].span is None:
        return []
    loose, count, take = [], 0, False
    for word in words[verb + 1 :]:
        value = text(word)
        if take or value.startswith("-"):
            take = value in ("-c", "--channel", "-n", "--name", "-p", "--prefix", "--file",
                             "--solver")  # fmt: skip
            continue
        count += 1
        name, equals, version = value.rpartition("::")[2].partition("=")
        if not equals or "*" in version or name.endswith((">", "<", "!", "~")):
            loose.append(shown(word))
    if not count:
        return []
    last = words[-1].span
    span = (
        words[0].span.to(last) if last and last.source is words[0].span.source else None
    )
    span = words[0].span if span is None or "\n" in span.text else span
    what = ", ".join(loose[:5]) or "conda packages"
    host = "conda.anaconda.org"
    return [Fetch("packages", what, span, host, pinned=not loose, single=True)]


# -- hubs -----------------------------------------------------------------------


def _hub(words: Sequence[Value]) -> list[Fetch]:
    """`hf download ORG/NAME --revision COMMIT`; other verbs fetch nothing."""
    if len(words) < 3 or text(words[1]) != "download":
        return []
    switches = frozenset({"quiet", "force_download", "dry_run", "resume_download"})
    operands, settings = arguments(words[2:], switches)
    if not operands:
        return []
    kind, revision = "model", None
    for setting in settings:
        if setting.name in ("repo_type", "type") and "dataset" in text(setting.value):
            kind = "dataset"
        elif setting.name == "revision":
            revision = setting.value
    found = hub_fetch(kind, operands[0], revision)
    return [found] if found is not None else []


def downloaded_to(words: Sequence[Value]) -> Value | None:
    """The folder that `hf download` puts a model into, where the command names one."""
    name = text(words[0]).rpartition("/")[2] if words else ""
    if name not in ("hf", "huggingface-cli") or not _hub(words):
        return None
    found = {s.name: s.value for s in arguments(words[2:]).settings}
    kind = found.get("repo_type")
    model = kind is None or text(kind) == "model"
    return found.get("local_dir") if model else None


#: `org/name` as the hub takes it; a path has a dot, a slash or a tilde in front.
_REPOSITORY = regex(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}")
#: First words of what looks like a repository and is a folder of a job.
_FOLDERS = frozenset(
    {"models", "model", "output", "outputs", "checkpoints", "checkpoint", "ckpt", "ckpts",
     "data", "datasets", "dataset", "weights", "results", "runs", "exp", "experiments",
     "saves", "save", "logs", "tmp", "src", "configs", "config", "examples", "scripts",
     "work", "workspace", "home", "mnt", "cache", "out", "recipes", "train", "user"}
)  # fmt: skip


def hub_name(value: Value) -> str:
    """The repository of the hub that a value names, or "" where it names a place."""
    found = text(value).strip().removeprefix("hf://")
    if "://" in found or _REPOSITORY.fullmatch(found.partition(":")[0]) is None:
        return ""
    folder, _, name = found.partition("/")
    if folder.lower() in _FOLDERS or name.endswith(
        (".yaml", ".json", ".jsonl", ".py", ".parquet")
    ):
        return ""
    return found


def hub_fetch(kind: str, name: Value, revision: Value | None) -> Fetch | None:
    """A model or data set by name, and whether its revision is a commit.

    None where the name is no repository of the hub, or is not known: whose it is then
    cannot be told, and a local path has no revision.
    """
    repository = hub_name(name)
    if not repository or name.span is None:
        return None
    repository, _, inner = repository.partition(":")
    pinned = pinned_revision(revision) if revision is not None else False
    if inner:
        pinned = COMMIT.fullmatch(inner) is not None
    span = name.entry() or name.span
    return Fetch(kind, repository, span, "huggingface.co", pinned)


def pinned_revision(revision: Value) -> bool | Unknown:
    """Whether a revision is a commit. Null and "" mean the branch `main`."""
    data = revision.data
    if isinstance(data, Unknown):
        return data._replace(possible=None, parts=())
    return isinstance(data, str) and COMMIT.fullmatch(data.strip()) is not None


def commit_in(url: str) -> bool:
    """Whether a URL names a commit (raw files of code hosts) or a digest."""
    return _IN_PATH.search(url) is not None
