"""Whole repositories of fixtures made hostile in shape, through the whole scan.

    python bench/hostile.py [--cases N] [--seconds S] [--seed K] [--limit S] [--keep DIR]

Where bench/mutate.py damages texts, this one changes what they mean and how they lie:
values of another type, anchors that hold themselves, 10^4 keys, depth, long lines,
other encodings, paths that lead out, names of devices, links, pipes, and packaged charts
that lie about what they hold. A case is wrong that raises, takes more than `--limit`
seconds of CPU, needs more than 3 GB, or opens a file outside its folder.
"""

from __future__ import annotations

import argparse
import gzip
import io
import os
import random
import resource
import shutil
import signal
import sys
import tarfile
import tempfile
import time
import traceback
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parent))
from mutate import JUNK, REPOSITORY, _hung, _place, check, folders, lay, read

PATHS = (
    "../../x", "../" * 40 + "etc/passwd", "//host/x", "/etc/passwd", "/dev/zero", "/proc/self/environ", "file:///etc/passwd",
    "\\\\host\\x", "C:\\x", "~/.ssh/id_rsa", "a/../../../etc/hosts", "./", "..", "/", "\0", "a\0b", "CON", "nul.yaml", "-rf", "$(id)",
    "https://[::1", "s3://" + "a/" * 300, "x" * 5000, "**/" * 40 + "*", "[z-a]", "(" * 300, "\udcff", "e\u0301", "\U0001f9ea" * 200,
)  # fmt: skip
TYPES = (None, True, 0, -1, 1e308, 10**60, "", [], {}, [[]], [{}], {"": {}}, [None], {"a": None}, [[[1]]], {"name": [1]}, "null")  # fmt: skip
NAMES = ("Chart.yaml", "values.yaml", "kustomization.yaml", "main.tf", "a.tgz", "CON", "nul.yaml", "\u202ea.yaml", "a\nb.yaml", "x" * 250 + ".sh", "-rf.tf", "e\u0301.yaml", "Dockerfile", ".env", "action.yml", "sky.yaml", "job.sbatch")  # fmt: skip


class _Dumper(yaml.SafeDumper):
    """Keeps the order of keys, and shared values as anchors."""


def _documents(text: str) -> list[object] | None:
    try:
        return list(yaml.safe_load_all(text))
    except (yaml.YAMLError, ValueError, RecursionError):
        return None


def _spots(node: object, found: list[tuple[object, object]], seen: set[int]) -> None:
    """Every place of a tree, as a container and a key."""
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, dict):
        entries = list(node.items())
    elif isinstance(node, list):
        entries = list(enumerate(node))
    else:
        return
    for key, value in entries:
        found.append((node, key))
        _spots(value, found, seen)


def _deep(value: object, depth: int) -> object:
    for at in range(depth):
        value = [value] if at % 2 else {"a": value}
    return value


def _reshape(text: str, dice: random.Random) -> str:
    """The documents of a text, with one to four places changed in kind."""
    trees = _documents(text)
    if trees is None:
        return text
    for _ in range(dice.randint(1, 4)):
        spots: list[tuple[object, object]] = []
        _spots(trees, spots, set())
        if not spots:
            break
        holder, key = dice.choice(spots)
        old, sort = holder[key], dice.randrange(12)
        if sort < 4:
            holder[key] = dice.choice(TYPES)
        elif sort < 7:
            holder[key] = dice.choice(PATHS)
        elif sort == 7:
            holder[key] = _deep(old, dice.choice((3, 40, 90)))
        elif sort == 8:
            holder[key] = dice.choice(spots)[0]  # often one that holds this place
        elif sort == 9:
            holder[key] = [old] * dice.choice((2, 100, 3000))
        elif sort == 10:
            holder[key] = {f"k{i}": old for i in range(dice.choice((2, 100, 3000)))}
        else:
            holder[key] = dice.choice(JUNK) * dice.choice((1, 1, 2000))
    try:
        return yaml.dump_all(trees, Dumper=_Dumper, sort_keys=False, allow_unicode=True)
    except (yaml.YAMLError, RecursionError, TypeError):
        return text


def _long(text: str, dice: random.Random) -> str:
    """One line said very often, or one very long line."""
    lines = text.splitlines(keepends=True) or ["\n"]
    at = dice.randrange(len(lines))
    if dice.random() < 0.5:
        lines[at] *= dice.choice((300, 3000))
    else:
        body = lines[at].rstrip("\n")
        lines[at] = (body or "x ") * (300_000 // (len(body) or 2)) + "\n"
    return "".join(lines)


def _encoded(text: str, dice: random.Random) -> bytes:
    raw = text.encode("utf-8", "surrogatepass")
    sort = dice.randrange(7)
    if sort == 0:
        return b"\xef\xbb\xbf" + raw
    if sort == 1:
        return text.encode("utf-16", "surrogatepass")
    if sort == 2:
        return raw.replace(b"\n", b"\r\n")
    if sort == 3:
        return raw.replace(b"\n", b"\r")
    at = dice.randrange(len(raw) + 1)
    odd = dice.choice(
        (b"\0", b"\xff\xfe", b"\x1b]8;;x\x07", b"\xed\xa0\x80", b"\x85", b"\0" * 5000)
    )
    return raw[:at] + odd + raw[at:]


# --- how files lie ---------------------------------------------------------------


def _names(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file() and not p.is_symlink())


def _relaid(folder: Path, dice: random.Random) -> None:
    """One file becomes a folder, link, pipe or another name."""
    found = _names(folder)
    if not found:
        return
    path, sort = dice.choice(found), dice.randrange(9)
    if sort == 0:
        path.unlink()
        path.symlink_to(
            dice.choice(
                (
                    "../../../../../../etc/passwd",
                    "/dev/zero",
                    path.name,
                    ".",
                    "..",
                    "/",
                    "/proc/self/fd/0",
                    dice.choice(found).name,
                )
            )
        )
    elif sort == 1:
        path.unlink()
        os.mkfifo(path)
    elif sort == 2:
        content = path.read_bytes()
        path.unlink()
        path.mkdir()
        (path / "x.yaml").write_bytes(content)
    elif sort == 3:
        (path.parent / "back").exists() or (path.parent / "back").symlink_to(".")
    elif sort == 4:
        new = path.parent / dice.choice(NAMES)
        if not new.exists():
            path.rename(new)
    elif sort == 5:
        other = path.parent / path.name.swapcase()
        other.exists() or other.write_bytes(path.read_bytes())
    elif sort == 6:
        path.write_bytes(dice.choice(found).read_bytes())
    elif sort == 7:
        deep = folder.joinpath(*(["d"] * 60))
        deep.mkdir(parents=True, exist_ok=True)
        (deep / path.name).write_bytes(path.read_bytes())
    else:
        with path.open("ab") as file:  # a hole
            file.truncate(dice.choice((0, 11_000_000, 3_000_000_000)))


# --- packaged charts ---------------------------------------------------------------


def _member(
    name: str, content: bytes, dice: random.Random
) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    if dice.random() < 0.15:
        info.type = dice.choice(
            (
                tarfile.SYMTYPE,
                tarfile.LNKTYPE,
                tarfile.FIFOTYPE,
                tarfile.CHRTYPE,
                tarfile.GNUTYPE_SPARSE,
                tarfile.CONTTYPE,
                tarfile.DIRTYPE,
                b"Z",
            )
        )
        info.linkname = (
            dice.choice(PATHS)
            .replace("\0", "")[:90]
            .encode("utf-8", "replace")
            .decode()
        )
    if dice.random() < 0.1:
        info.name = (
            dice.choice(PATHS).replace("\0", "").encode("utf-8", "replace").decode()
            or "x"
        )
    if dice.random() < 0.1:
        info.pax_headers = {
            dice.choice(
                (
                    "path",
                    "size",
                    "GNU.sparse.map",
                    "GNU.sparse.realsize",
                    "linkpath",
                    "x" * 1000,
                )
            ): dice.choice(("0", "-1", "99999999999", "../x", "a" * 70_000))
        }
    return info, content


def _packed(folder: Path, dice: random.Random) -> None:
    """The fixture as a chart in an archive that a chart depends on, damaged."""
    out = io.BytesIO()
    top = {
        "Chart.yaml": b"apiVersion: v2\nname: sub\nversion: 1.0.0\n",
        "values.yaml": b"a: 1\n",
    }
    for path in _names(folder):
        if path.stat().st_size < 5_000_000:
            top[f"templates/{path.relative_to(folder).as_posix()}"] = path.read_bytes()
    form = dice.choice((tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT))
    with tarfile.open(fileobj=out, mode="w", format=form) as tar:
        if dice.random() < 0.2:
            top["charts/inner-1.tgz"] = gzip.compress(dice.randbytes(2000))
        for name, content in top.items():
            for _ in range(dice.choice((1, 1, 1, 1, 3))):
                info, body = _member(f"sub/{name}", content, dice)
                try:
                    tar.addfile(info, io.BytesIO(body))
                except (ValueError, OSError):  # a name that this form cannot hold
                    continue
    raw = bytearray(out.getvalue())
    for _ in range(dice.choice((0, 0, 1, 5, 40))):
        raw[dice.randrange(len(raw))] = dice.randrange(256)
    if dice.random() < 0.1:
        raw += b"\0" * 60_000_000
    packed = gzip.compress(bytes(raw), 1)
    sort = dice.randrange(8)
    if sort == 0:
        packed = packed[: dice.randrange(len(packed))]
    elif sort == 1:
        packed += packed
    elif sort == 2:
        packed += b"\0garbage"
    elif sort == 3:
        at = dice.randrange(len(packed))
        packed = packed[:at] + bytes([dice.randrange(256)]) + packed[at + 1 :]
    chart = folder / "chart"
    (chart / "charts").mkdir(parents=True, exist_ok=True)
    (chart / "Chart.yaml").write_text(
        "apiVersion: v2\nname: top\nversion: 1.0.0\ndependencies: [{name: sub, version: 1.0.0, repository: ''}]\n"
    )
    (chart / "values.yaml").write_text("sub: {a: 2}\n")
    (
        chart / "charts" / dice.choice(("sub-1.0.0.tgz", "sub.tgz", "sub-1.0.0.tar.gz"))
    ).write_bytes(packed)


def make(folder: Path, texts: dict[str, str], dice: random.Random) -> None:
    """Lay a fixture, hostile in one to four ways."""
    lay(texts, folder)
    for _ in range(dice.choice((1, 1, 2, 4))):
        found = _names(folder)
        if not found:
            return
        path, sort = dice.choice(found), dice.random()
        if sort < 0.08:
            _packed(folder, dice)
        elif sort < 0.25:
            _relaid(folder, dice)
        else:
            text = path.read_bytes()[:2_000_000].decode("utf-8", "replace")
            if sort < 0.75 and path.suffix in (".yaml", ".yml", ".json", ".jsonc"):
                new = _reshape(text, dice)
            elif sort < 0.88:
                new = _long(text, dice)
            else:
                path.write_bytes(_encoded(text, dice))
                continue
            path.write_bytes(new.encode("utf-8", "surrogatepass")[:9_000_000])


class _Watch:
    """Notes what is opened outside of a folder, Python and the package."""

    def __init__(self, work: Path) -> None:
        places = [
            work,
            REPOSITORY,
            sys.prefix,
            sys.base_prefix,
            os.devnull,
            *(p for p in sys.path if p),
        ]
        self.allowed = tuple({os.path.realpath(p) for p in places})
        self.on, self.seen = False, set()
        sys.addaudithook(self)

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        if not self.on or event not in (
            "open",
            "os.listdir",
            "os.scandir",
            "subprocess.Popen",
            "socket.connect",
        ):
            return
        path = arguments[0]
        if event.startswith(("open", "os.")) and isinstance(path, (str, bytes)):
            real = os.path.realpath(os.fsdecode(path))
            if any(real == a or real.startswith(a + os.sep) for a in self.allowed):
                return
            self.seen.add(f"{event} {real}")
        elif not isinstance(path, int):
            self.seen.add(event)


def run(work: Path, watch: _Watch, limit: float, *, report: bool) -> tuple[str, str]:
    """Scan one case: what was wrong with it, or "", and the trace."""
    signal.setitimer(signal.ITIMER_PROF, limit)
    watch.seen.clear()
    watch.on = True
    try:
        check(work, report=report)
    except Exception as error:  # noqa: BLE001
        signal.setitimer(signal.ITIMER_PROF, 0)
        return _place(error), "".join(traceback.format_exception(error))
    finally:
        watch.on = False
        signal.setitimer(signal.ITIMER_PROF, 0)
    return (f"opened {min(watch.seen)}", "") if watch.seen else ("", "")


def keep(work: Path, place: Path, trace: str) -> None:
    """A copy of a case, without its pipes."""

    def odd(folder: str, names: list[str]) -> list[str]:
        paths = [(name, Path(folder, name)) for name in names]
        return [
            n for n, p in paths if not (p.is_symlink() or p.is_dir() or p.is_file())
        ]

    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(work, place, symlinks=True, ignore=odd)
    place.with_suffix(".TRACE").write_text(trace[-6000:])


def fixtures(only: str) -> list[dict[str, str]]:
    """The texts of every folder of fixtures and range whose path holds a word."""
    ranges = (p for p in REPOSITORY.glob("tests/ranges/*") if p.is_dir())
    found = []
    for folder in (*folders(), *sorted(ranges)):
        try:
            found.append(read(folder) if only in str(folder) else {})
        except UnicodeDecodeError:
            continue
    return [texts for texts in found if texts]


def main() -> int:
    """Run cases until their number or the time is over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10**9)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=float, default=20, help="CPU seconds per case")
    parser.add_argument("--keep", type=Path, default=Path("fuzz-cases"))
    parser.add_argument("--only", default="", help="fixtures whose path holds this")
    options = parser.parse_args()
    sys.path.insert(0, str(REPOSITORY))
    dice, sets = random.Random(options.seed), fixtures(options.only)
    work = Path(tempfile.mkdtemp()) / "case"
    watch = _Watch(work)
    resource.setrlimit(resource.RLIMIT_AS, (3 << 30, resource.RLIM_INFINITY))
    signal.signal(signal.SIGPROF, _hung)
    found: dict[str, int] = {}
    cases, slowest, end = 0, 0.0, time.monotonic() + options.seconds
    while cases < options.cases and time.monotonic() < end:
        cases += 1
        make(work, dice.choice(sets), dice)
        began = time.process_time()
        fault, trace = run(work, watch, options.limit, report=cases % 4 == 0)
        slowest = max(slowest, time.process_time() - began)
        if fault:
            found[fault] = found.get(fault, 0) + 1
            if found[fault] <= 2:
                place = options.keep / f"{options.seed}-{cases}"
                keep(work, place, trace or fault)
                print(f"{fault}  kept in {place}", flush=True)
    shutil.rmtree(work.parent, ignore_errors=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{cases} cases, seed {options.seed}; slowest {slowest:.2f} s of CPU; peak {peak} MB; {found}"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
