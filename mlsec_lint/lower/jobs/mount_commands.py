"""Commands by which a machine mounts file systems, disks and buckets, and where.

`mount`, its table in `/etc/fstab`, and the tools that show a bucket as a folder. What
a word means is asked of the scene: Terraform knows the disks of its machines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.jobs.arguments import arguments
from mlsec_lint.lower.jobs.paths import Mounted, known_path
from mlsec_lint.lower.stores import (
    Named,
    StoreUri,
    named_store,
    referred_store,
    store_uri,
)
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlsec_lint.lower.jobs.scene import Scene
    from mlsec_lint.lower.jobs.shell_commands import Command

FSTAB = "/etc/fstab"
#: Tools whose first operand is a bucket and whose second is a folder.
_BUCKETS = {"gcsfuse": "gs", "mount-s3": "s3", "s3fs": "s3", "goofys": "s3"}
_SWITCHES = frozenset(
    {
        "f", "implicit_dirs", "foreground", "read_only", "allow_other", "allow_root",
        "allow_delete", "allow_overwrite",
    }
)  # fmt: skip
#: Flags of `mount` that take the next word.
_VALUED = frozenset({"-t", "--types", "-o", "--options", "-O"})
_DEVICE = regex(r"/dev/|(?:UUID|LABEL|PARTUUID|PARTLABEL)=")
_SHARE = regex(r"([A-Za-z0-9][\w.-]*)(?:@tcp[0-9]*)?:(/[^\s]*)?")
_EFS = regex(r"fs-[0-9a-f]{8,17}")
_PSEUDO = frozenset({"tmpfs", "proc", "sysfs", "devpts", "overlay", "none", "swap"})
_MAX_LINES = 200


class MountCommand(NamedTuple):
    """What is mounted where; `scheme` of a bucket that is named without one."""

    what: Value
    path: Value
    scheme: str = ""


def mount_command(words: Sequence[Value]) -> MountCommand | None:
    """What a command mounts; None for one that mounts nothing we know."""
    name = _text(words[0]).rpartition("/")[2] if words else ""
    if name == "mount":
        sort, operands = _operands(words[1:])
        if sort in _PSEUDO or len(operands) != 2:
            return None
        return MountCommand(operands[0], operands[1])
    if name in _BUCKETS:
        operands = arguments(words[1:], _SWITCHES).operands
        if len(operands) == 2:
            return MountCommand(operands[0], operands[1], _BUCKETS[name])
    return None


def _operands(words: Sequence[Value]) -> tuple[str, list[Value]]:
    """The type and the operands of `mount`; a folder bound elsewhere is no type."""
    sort, operands, before = "", list[Value](), ""
    for word in words:
        text = _text(word)
        if before in _VALUED:
            sort = text if before in ("-t", "--types") else sort
        elif text.startswith("-"):
            sort = "none" if text in ("--bind", "--rbind", "-B", "-R") else sort
        else:
            operands.append(word)
        before = text
    return sort, operands


def state_mounts(scene: Scene, command: Command, words: Sequence[Value]) -> None:
    """Put into the scene what a command mounts, or will at every start."""
    found = mount_command(words)
    if found is not None:
        _mounted(scene, found)
    if any(redirect.target.data == FSTAB for redirect in command.redirects):
        for entry in _table(command, words):
            _mounted(scene, entry)


def listed_mount(scene: Scene, fields: Sequence[Value]) -> None:
    """An entry of cloud-config's `mounts`: what, where, and options."""
    if len(fields) > 1:
        _mounted(scene, MountCommand(fields[0], fields[1]))


def _mounted(scene: Scene, found: MountCommand) -> None:
    path = known_path(found.path, scene.working)
    if not path or path == "/" or isinstance(found.path.data, Unknown):
        return
    named = tuple(_stores(scene, found))
    if named:
        scene.mounted.append(Mounted(path, None, named))


def _stores(scene: Scene, found: MountCommand) -> Iterator[Named]:
    what = found.what
    text = _text(what)
    if found.scheme:
        uri = store_uri(f"{found.scheme}://{text.partition(':')[0]}") if text else None
        bucket = referred_store(scene.estate, what) if uri is None else None
        if uri is not None and what.span is not None:
            bucket = named_store(scene.estate, uri, what.span)
        if bucket is not None:
            yield bucket
        return
    if _DEVICE.match(text):
        yield from scene.attached(text)
        return
    meant = referred_store(scene.estate, what, scene.workload.provider)
    if meant is not None:
        yield meant
        return
    share = _SHARE.fullmatch(text)
    if share is not None and what.span is not None:
        system = _EFS.match(share[1])
        host = system[0] if system is not None else share[1].lower()
        address = host if system is not None else f"nfs://{host}{share[2] or '/'}"
        uri = StoreUri(address, (address,), "", "", "file")
        yield named_store(scene.estate, uri, what.span, scene.workload.provider)


def _table(command: Command, words: Sequence[Value]) -> Iterator[MountCommand]:
    """Lines that `echo`, or a here-document, adds to the table of mounts."""
    if _text(words[0] if words else Value("")).rpartition("/")[2] in ("echo", "printf"):
        for word in words[1:]:
            fields = _text(word).replace("\\n", " ").replace("\\t", " ").split()
            if len(fields) > 2 and word.span is not None:
                yield _entry(fields, word)
    if command.heredoc is not None:
        for line in command.heredoc.text.split("\n")[:_MAX_LINES]:
            fields = line.split()
            if len(fields) > 2 and not line.lstrip().startswith("#"):
                yield _entry(fields, Value(line, command.heredoc))


def _entry(fields: Sequence[str], word: Value) -> MountCommand:
    return MountCommand(Value(fields[0], word.span), Value(fields[1], word.span))


def _text(word: Value) -> str:
    return word.data if isinstance(word.data, str) else ""
