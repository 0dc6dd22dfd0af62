"""Commands that move bytes: which words are the source and which the target."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.jobs.arguments import Setting, arguments
from mlsec_lint.lower.jobs.downloads import downloads, remote_file
from mlsec_lint.lower.jobs.shell_values import joined
from mlsec_lint.lower.stores import store_uri, written
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Transfer(NamedTuple):
    """One move. `target` None: the tool sends to a service of its own (`service`).

    `channel`: `command`, `hub` or `tracker`; `settings` are the tool's flags.
    """

    service: str
    sources: tuple[Value, ...]
    target: Value | None
    channel: str = "command"
    settings: tuple[Setting, ...] = ()
    repository: Value | None = None


def transfer(words: Sequence[Value]) -> list[Transfer]:
    """The moves that a command makes; none for a command that is not known."""
    if not words:
        return []
    name = _text(words[0]).rpartition("/")[2]
    reader = _READERS.get(name)
    return reader(words) if reader is not None else []


def _text(word: Value) -> str:
    return word.data if isinstance(word.data, str) else ""


def _verbs(words: Sequence[Value], count: int) -> tuple[str, ...]:
    """The first operands of a command, flags left out."""
    found = [_text(w) for w in words[1:] if not _text(w).startswith("-")]
    return tuple(found[:count])


def _behind(words: Sequence[Value], verb: str) -> Sequence[Value]:
    for at, word in enumerate(words):
        if _text(word) == verb:
            return words[at + 1 :]
    return ()


def _copy(
    service: str, words: Sequence[Value], switches: frozenset[str] = frozenset()
) -> list[Transfer]:
    """`cp a b target`: the last operand is the target."""
    found = arguments(words, switches)
    if len(found.operands) < 2:
        return []
    *sources, target = found.operands
    return [Transfer(service, tuple(sources), target, settings=tuple(found.settings))]


_AWS_SWITCHES = frozenset(
    {
        "recursive", "quiet", "only_show_errors", "no_progress", "delete", "dryrun",
        "exact_timestamps", "size_only", "no_sign_request", "follow_symlinks",
        "no_follow_symlinks", "no_verify_ssl", "no_guess_mime_type", "debug", "force",
        "no_paginate", "no_cli_pager", "ignore_glacier_warnings", "force_glacier_transfer",
    }
)  # fmt: skip
_GS_SWITCHES = frozenset(
    {
        "r", "R", "recursive", "n", "no_clobber", "m", "q", "quiet", "d", "e", "L", "P",
        "p", "z", "Z", "c", "u", "v", "checksums_only", "skip_unsupported",
        "delete_unmatched_destination_objects", "preserve_posix", "gzip_local_all",
        "continue_on_error", "no_user_output_enabled", "dry_run", "preserve_symlinks",
    }
)  # fmt: skip
_RSYNC_SWITCHES = frozenset(
    {
        "a", "v", "z", "r", "P", "h", "u", "n", "q", "l", "t", "avz", "av", "avzP", "azP",
        "archive", "progress", "delete", "verbose", "compress", "recursive", "partial",
        "human_readable", "update", "quiet", "checksum", "stats", "inplace", "ignore_existing",
        "avP", "az", "rvz", "avh", "avzh", "azv", "rlt", "partial_dir",
    }
)  # fmt: skip


def _aws(words: Sequence[Value]) -> list[Transfer]:
    verbs = _verbs(words, 2)
    if verbs[:1] == ("s3",) and len(verbs) > 1 and verbs[1] in ("cp", "sync", "mv"):
        return _copy("s3", _behind(words, verbs[1]), _AWS_SWITCHES)
    if verbs == ("s3api", "put-object"):
        return _put_object(words)
    if verbs == ("s3api", "get-object"):
        return _get_object(words)
    return []


def _get_object(words: Sequence[Value]) -> list[Transfer]:
    found = arguments(_behind(words, "get-object"))
    uri = _object(found.settings)
    if uri is None:
        return []
    target = found.operands[-1] if found.operands else uri.replace(data="-")
    return [Transfer("s3", (uri,), target, settings=tuple(found.settings))]


def _object(settings: Sequence[Setting]) -> Value | None:
    """`--bucket B --key K` as a URI."""
    names = {s.name: s.value for s in settings}
    bucket, key = names.get("bucket"), names.get("key")
    if bucket is None:
        return None
    parts = [Value("s3://", bucket.span), bucket]
    if key is not None:
        parts += [Value("/", key.span), key]
    return joined(parts, bucket.span)


def _put_object(words: Sequence[Value]) -> list[Transfer]:
    found = arguments(_behind(words, "put-object"))
    body = [s.value for s in found.settings if s.name == "body"]
    named = _object(found.settings)
    if named is None:
        return []
    return [Transfer("s3", tuple(body), named, settings=tuple(found.settings))]


def _gsutil(words: Sequence[Value]) -> list[Transfer]:
    for verb in ("cp", "rsync", "mv"):
        behind = _behind(words, verb)
        if behind:
            return _copy("gcs", behind, _GS_SWITCHES)
    return []


def _gcloud(words: Sequence[Value]) -> list[Transfer]:
    verbs = [v for v in _verbs(words, 4) if v not in ("alpha", "beta")]
    if (
        verbs[:1] == ["storage"]
        and len(verbs) > 1
        and verbs[1] in ("cp", "rsync", "mv")
    ):
        return _copy("gcs", _behind(words, verbs[1]), _GS_SWITCHES)
    if verbs[:2] == ["compute", "scp"]:
        return _copy(
            "scp", _behind(words, "scp"), frozenset({"recurse", "tunnel_through_iap"})
        )
    return []


def _azcopy(words: Sequence[Value]) -> list[Transfer]:
    for verb in ("copy", "cp", "sync", "c"):
        behind = _behind(words, verb)
        if behind:
            return _copy("azure-blob", behind)
    return []


def _az(words: Sequence[Value]) -> list[Transfer]:
    """`az storage blob upload`, `upload-batch`, `download`, `download-batch`."""
    verbs = _verbs(words, 3)
    if verbs[:2] not in (("storage", "blob"), ("storage", "fs")) or not verbs[2:]:
        return []
    out = "download" in verbs[2]
    if not out and "upload" not in verbs[2]:
        return []
    found = arguments(_behind(words, verbs[2]))
    names = {s.name: s.value for s in found.settings}

    def said(*wanted: str) -> Value | None:
        return next((names[n] for n in wanted if n in names), None)

    file = said("file", "f")
    away = said("container_name", "c")
    if out:
        away, local = away or said("source", "s"), file or said("destination", "d")
    else:
        away, local = away or said("destination", "d"), file or said("source", "s")
    if away is None:
        return []
    store = _blob(said("account_name"), away)
    settings = tuple(found.settings)
    if out:
        here = local or away.replace(data="-")
        return [Transfer("azure-blob", (store,), here, settings=settings)]
    sources = () if local is None else (local,)
    return [Transfer("azure-blob", sources, store, settings=settings)]


def _blob(account: Value | None, container: Value) -> Value:
    """A container (and what follows) as a URI; an account that is not said is unknown."""
    if "://" in _head(container):
        return container
    if account is None:
        why = "which account is meant is said elsewhere"
        account = Value(Unknown("environment", why, "AZURE_STORAGE_ACCOUNT"))
    data = container.data
    parts = list(data.parts or (data,)) if isinstance(data, Unknown) else [data]
    cut = next(
        (n for n, p in enumerate(parts) if isinstance(p, str) and "/" in p), None
    )
    before, after = parts, []
    if cut is not None:
        name, _, rest = str(parts[cut]).partition("/")
        before, after = [*parts[:cut], name], [rest, *parts[cut + 1 :]]
    host = account.data
    inner = list(host.parts or (host,)) if isinstance(host, Unknown) else [host]
    whole = ["abfss://", *before, "@", *inner, ".dfs.core.windows.net/", *after]
    kept = [Value(part, container.span) for part in whole if part not in ("", None)]
    return joined(kept, container.span)


def _rclone(words: Sequence[Value]) -> list[Transfer]:
    for verb in ("copy", "sync", "move", "copyto", "moveto", "rcat"):
        behind = _behind(words, verb)
        if behind:
            return _copy("rclone", behind, frozenset({"P", "progress", "v", "vv"}))
    return []


def _s5cmd(words: Sequence[Value]) -> list[Transfer]:
    for verb in ("cp", "sync", "mv"):
        behind = _behind(words, verb)
        if behind:
            return _copy("s3", behind)
    return []


def _mc(words: Sequence[Value]) -> list[Transfer]:
    for verb in ("cp", "mirror", "mv", "put"):
        if _verbs(words, 1) == (verb,):
            return _copy("minio", _behind(words, verb), frozenset({"r", "recursive"}))
    return []


def _hub(words: Sequence[Value]) -> list[Transfer]:
    """`hf upload REPO [PATH]`, `huggingface-cli upload`, `hf upload-large-folder`."""
    verbs = _verbs(words, 1)
    if verbs and verbs[0] in ("upload", "upload-large-folder", "lfs-enable-largefiles"):
        found = arguments(
            _behind(words, verbs[0]),
            frozenset({"private", "quiet", "create_pr", "no_report"}),
        )
        repository = found.operands[0] if found.operands else None
        sources = tuple(found.operands[1:2])
        return [
            Transfer(
                "huggingface", sources, None, "hub", tuple(found.settings), repository
            )
        ]
    return []


def _git(words: Sequence[Value]) -> list[Transfer]:
    """`git push https://user:token@huggingface.co/org/model`: a repository of the hub."""
    if _verbs(words, 1) != ("push",):
        return []
    for word in _behind(words, "push"):
        head, _, path = _head(word).partition("huggingface.co/")
        if head == _head(word) or not head.startswith(("http", "git@", "ssh:")):
            continue
        kind = path.partition("/")[0]
        if kind not in ("spaces", "datasets"):
            name = word.replace(data=path.removesuffix(".git")) if path else None
            return [Transfer("huggingface", (), None, "hub", (), name)]
    return []


def _modelscope(words: Sequence[Value]) -> list[Transfer]:
    if _verbs(words, 1) != ("upload",):
        return []
    found = arguments(_behind(words, "upload"))
    repository = found.operands[0] if found.operands else None
    sources = tuple(found.operands[1:2])
    return [
        Transfer("modelscope", sources, None, "hub", tuple(found.settings), repository)
    ]


#: Options of curl with what is sent. `--data-raw` never reads a file.
_CURL_BODIES = frozenset(
    {"-F", "--form", "-d", "--data", "--data-binary", "--data-raw", "--json",
     "--data-urlencode", "--data-ascii", "--form-string"}
)  # fmt: skip


_REQUESTS = (
    ".json",
    ".txt",
    ".yaml",
    ".yml",
    ".xml",
    ".jpg",
    ".jpeg",
    ".png",
    ".graphql",
)


def _names_file(option: str, head: str) -> bool:
    """Whether what is sent is a file's: `@FILE`, of a form `NAME=@FILE`.

    A request that lies in a file, or a picture to look at, is no bulk upload.
    """
    if head.partition(";")[0].lower().endswith(_REQUESTS):
        return False
    if option in ("-F", "--form"):
        return "=@" in head or "=<" in head
    if option in ("--data-raw", "--form-string"):
        return False
    return head.startswith("@") or (option == "--data-urlencode" and "@" in head)


def _curl(words: Sequence[Value]) -> list[Transfer]:
    """`-T file`, `-F name=@file`, `--data-binary @file` with the URL as operand."""
    sources: list[Value] = []
    urls: list[Value] = []
    at = 1
    while at < len(words):
        word, text = words[at], _text(words[at])
        at += 1
        follows = words[at] if at < len(words) else None
        if text in ("-T", "--upload-file") and follows is not None:
            sources.append(follows)
            at += 1
        elif text in _CURL_BODIES:
            if follows is not None and _names_file(text, _head(follows)):
                sources.append(follows)
            at += 1
        elif text == "--url" and follows is not None:
            urls.append(follows)
            at += 1
        elif text in ("-X", "-H", "-o", "-u", "-A", "--header", "--request", "--output",
                      "--user", "--max-time", "--retry", "-m", "-b", "-c", "-e", "-w"):  # fmt: skip
            at += 1
        elif not text.startswith("-"):
            urls.append(word)
    if sources:
        return [Transfer("http", tuple(sources), url) for url in urls]
    return _from_buckets(words)


def _from_buckets(words: Sequence[Value]) -> list[Transfer]:
    """A model or data that is taken from a bucket by its web address: it is read."""
    found = []
    for url, target in downloads(words):
        data = url.data
        shown = written(data) if isinstance(data, Unknown) else str(data)
        if store_uri(shown) is not None and remote_file(url) is not None:
            found.append(Transfer("web", (url,), target))
    return found


def _head(word: Value) -> str:
    data = word.data
    if isinstance(data, str):
        return data
    parts = getattr(data, "parts", ())
    return "".join(p for p in parts if isinstance(p, str))


def _wget(words: Sequence[Value]) -> list[Transfer]:
    found = arguments(words[1:])
    files = tuple(
        s.value for s in found.settings if s.name in ("post_file", "body_file")
    )
    if files:
        return [Transfer("http", files, url) for url in found.operands]
    return _from_buckets(words)


def _scp(words: Sequence[Value]) -> list[Transfer]:
    flags = frozenset({"r", "p", "q", "C", "v", "B", "3", "rp", "pr"})
    return _copy("scp", words[1:], flags)


def _rsync(words: Sequence[Value]) -> list[Transfer]:
    return _copy("rsync", words[1:], _RSYNC_SWITCHES)


def _kubectl(words: Sequence[Value]) -> list[Transfer]:
    if _verbs(words, 1) == ("cp",):
        return _copy("kubectl-cp", _behind(words, "cp"))
    return []


def _wandb(words: Sequence[Value]) -> list[Transfer]:
    if _verbs(words, 2) != ("artifact", "put"):
        return []
    found = arguments(_behind(words, "put"))
    return [
        Transfer(
            "wandb", tuple(found.operands[:1]), None, "tracker", tuple(found.settings)
        )
    ]


def _dvc(words: Sequence[Value]) -> list[Transfer]:
    if _verbs(words, 1) != ("push",):
        return []
    found = arguments(_behind(words, "push"))
    remote = [s.value for s in found.settings if s.name in ("r", "remote")]
    return [Transfer("dvc", tuple(found.operands), remote[0] if remote else None)]


def _hadoop(words: Sequence[Value]) -> list[Transfer]:
    for verb in ("-put", "-copyFromLocal", "-moveFromLocal", "-cp"):
        behind = _behind(words, verb)
        if behind:
            return _copy("hdfs", behind)
    return []


def _tunnel(words: Sequence[Value]) -> list[Transfer]:
    name = _text(words[0]).rpartition("/")[2]
    first = _verbs(words, 1)
    wanted = {"croc": "send", "wormhole": "send", "cloudflared": "tunnel"}.get(name)
    if wanted is not None and first != (wanted,):
        return []
    operands = arguments(_behind(words, wanted) if wanted else words[1:]).operands
    return [Transfer(name, tuple(operands), None, "command")]


_READERS: dict[str, Callable[[Sequence[Value]], list[Transfer]]] = {
    "aws": _aws,
    "gsutil": _gsutil,
    "gcloud": _gcloud,
    "azcopy": _azcopy,
    "az": _az,
    "rclone": _rclone,
    "s5cmd": _s5cmd,
    "mc": _mc,
    "hf": _hub,
    "huggingface-cli": _hub,
    "git": _git,
    "modelscope": _modelscope,
    "curl": _curl,
    "wget": _wget,
    "aria2c": _from_buckets,
    "scp": _scp,
    "rsync": _rsync,
    "kubectl": _kubectl,
    "wandb": _wandb,
    "dvc": _dvc,
    "hdfs": _hadoop,
    "hadoop": _hadoop,
    "ngrok": _tunnel,
    "croc": _tunnel,
    "wormhole": _tunnel,
    "cloudflared": _tunnel,
    "chisel": _tunnel,
}

#: Programs whose words these readers know.
TOOLS = frozenset(_READERS)
