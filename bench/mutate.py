"""The project's own fixtures, mutated, through the whole scan.

    python bench/mutate.py [--cases N] [--seconds S] [--seed K] [--limit S] [--keep DIR]

Takes every folder of fixtures under policies/ and examples/, damages one to three places
of it (lines and tokens dropped, doubled and swapped, types changed, huge numbers, nulls,
actions of templates, unicode) and scans it in this process under an alarm. Prints what
was raised or hung, by place; the case is kept under `--keep` for a test. Exit code 1
when there was any.
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
#: What takes the place of a token or of the value on a line.
JUNK = (
    "null", "~", '""', "''", "{}", "[]", "[[]]", "[{}]", "{a: {b: []}}", "true", "NO", "0", "-1", "1e309",
    "99999999999999999999999999999999999", "-0.0000000000000000000001", "0x1F", "1.2.3", "NaN", ".inf",
    "2026-13-45", "{{ .Values.x }}", "{{- if }}", "{{ end }}", '{{ include "x" . }}', "${var.x}",
    "${", "%{ for x in y }", "$(VAR)", "$${x}", "*", "&a", "*a", "<<: *a", "!!binary x", "!Ref x", "|", ">-",
    "<<EOT", "EOT", "var.nothing", "local.x", "each.value", "count.index", "self.id", "module.x[*].y",
    "aws_s3_bucket.x.id", "jsonencode({})", 'file("../../x")', "[for x in [1]: x]", "x...", "?", ":", "=", "==",
    "\u202e", "\x1b[31m", "\u0130", "\u00df", "e\u0301", "\U0001f9ea", "\ufeff", "\u2028", "\t", "\r", "\x85",
    "s3://", "s3:///", "gs://b/../..", "hf://", "arn:aws:s3:::", "arn:aws:iam::*:role/*", "https://[::1", "http://x:99999999/",
    "//", "../..", "/", "a" * 3000, "[" * 60, "{" * 60, "(" * 60, "-" * 60, "a." * 200,
)  # fmt: skip


def folders() -> list[Path]:
    """Every folder of fixtures: one case of a rule, or one example."""
    cases = [
        p
        for kind in ("bad", "good", "unknown")
        for p in REPOSITORY.glob(f"policies/*/*/{kind}/*")
    ]
    cases += (REPOSITORY / "examples").iterdir()
    return sorted(path for path in cases if path.is_dir())


def read(folder: Path) -> dict[str, str]:
    """Texts by relative path."""
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


# --- ways to damage a text --------------------------------------------------------


def _drop_lines(lines: list[str], dice: random.Random) -> None:
    at = dice.randrange(len(lines))
    del lines[at : at + dice.randint(1, 3)]


def _double_lines(lines: list[str], dice: random.Random) -> None:
    at = dice.randrange(len(lines))
    some = lines[at : at + dice.randint(1, 5)]
    lines[at:at] = some * dice.choice((1, 1, 2, 50))


def _swap_lines(lines: list[str], dice: random.Random) -> None:
    a, b = dice.randrange(len(lines)), dice.randrange(len(lines))
    lines[a], lines[b] = lines[b], lines[a]


def _indent_line(lines: list[str], dice: random.Random) -> None:
    at = dice.randrange(len(lines))
    lines[at] = lines[at].lstrip() if dice.random() < 0.5 else "  " + lines[at]


def _change_value(lines: list[str], dice: random.Random) -> None:
    """`key: value` and `key = value` with another value, often of another type."""
    spots = [i for i, line in enumerate(lines) if re.search(r"[:=]", line)]
    if not spots:
        return
    at = dice.choice(spots)
    head = re.match(r"[^:=]*(?::(?= |$)|=|:)", lines[at])
    if head is not None:
        lines[at] = f"{head[0]} {dice.choice(JUNK)}\n"


def _nest_block(lines: list[str], dice: random.Random) -> None:
    """A scalar becomes a list or a mapping that holds it."""
    at = dice.randrange(len(lines))
    match = re.match(r"(\s*[-\w. \"]+(?::|=))\s+(\S.*)", lines[at])
    if match is not None:
        body = dice.choice(("[{}]", "[{}, {}]", '{{"a": {}}}', "[[{}]]", '"{}"'))
        lines[at] = f"{match[1]} {body.replace('{}', match[2])}\n"


def _damage_token(lines: list[str], dice: random.Random) -> None:
    at = dice.randrange(len(lines))
    tokens = TOKEN.findall(lines[at])
    if not tokens:
        return
    spot = dice.randrange(len(tokens))
    sort = dice.randrange(4)
    if sort == 0:
        tokens[spot] = dice.choice(JUNK)
    elif sort == 1:
        del tokens[spot]
    elif sort == 2:
        tokens.insert(spot, tokens[spot])
    else:
        other = dice.randrange(len(tokens))
        tokens[spot], tokens[other] = tokens[other], tokens[spot]
    lines[at] = "".join(tokens)


def _damage_character(lines: list[str], dice: random.Random) -> None:
    at = dice.randrange(len(lines))
    spot = dice.randrange(len(lines[at]) + 1)
    new = dice.choice(("", '"', "'", "{", "}", "[", "]", "\\", "\n", "#", "$", "%"))
    lines[at] = lines[at][:spot] + new + lines[at][spot + 1 :]


WAYS = (
    _drop_lines, _double_lines, _swap_lines, _indent_line,
    _change_value, _change_value, _change_value, _nest_block,
    _damage_token, _damage_token, _damage_token, _damage_character,
)  # fmt: skip


def mutate(texts: dict[str, str], others: list[dict[str, str]], dice: random.Random):
    """Another set of texts: damaged in some places, sometimes crossed with others."""
    made = dict(texts)
    for _ in range(dice.choice((1, 1, 2, 3, 6))):
        name = dice.choice(sorted(made))
        lines = made[name].splitlines(keepends=True)
        if dice.random() < 0.1:
            other = dice.choice(others)
            donor = other[dice.choice(sorted(other))].splitlines(keepends=True)
            at = dice.randrange(len(lines) + 1)
            lines[at:at] = donor[: dice.randint(1, 40)]
        elif dice.random() < 0.03:
            other = dice.choice(others)
            made.update(other)
        elif lines:
            dice.choice(WAYS)(lines, dice)
        made[name] = "".join(lines)
    return made


# --- the run ----------------------------------------------------------------------


class HungError(Exception):
    """A case took longer than it may."""


def _hung(*_: object) -> None:
    raise HungError


def lay(texts: dict[str, str], folder: Path) -> None:
    """The texts as files of an empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8", "surrogatepass"))


def check(folder: Path, *, report: bool) -> None:
    """Scan and, if asked, render in every format: nothing acts in any of them."""
    from mlsec_lint.commands import UsageError
    from mlsec_lint.commands.scan import plain_scan
    from mlsec_lint.report import FORMATS, render_as

    try:
        result = plain_scan(str(folder))
    except UsageError:
        return  # a damaged config is the user's to mend
    for name in FORMATS if report else ():
        text = render_as(name, result)
        bad = re.search(r"[^\S\n ]|[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)
        acting = bad is not None and bad[0] not in "\t\u3000\xa0"
        assert not acting or bad is None, f"{name} holds {bad[0]!r} raw"


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    inner = [f for f in frames if "mlsec_lint" in f.filename] or frames
    last = inner[-1]
    name = type(error).__name__
    words = str(error)[:80] if isinstance(error, AssertionError) else ""
    return f"{name} {Path(last.filename).name}:{last.lineno} {words}".rstrip()


def main() -> int:
    """Run cases until their number or the time is over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10**9)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=float, default=5, help="seconds per case")
    parser.add_argument("--keep", type=Path, default=Path("fuzz-cases"))
    options = parser.parse_args()
    sys.path.insert(0, str(REPOSITORY))
    dice = random.Random(options.seed)
    sets = [read(folder) for folder in folders()]
    memory = Path("/dev/shm")
    work = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None)) / "case"
    signal.signal(signal.SIGALRM, _hung)
    found: dict[str, int] = {}
    slowest, cases, end = 0.0, 0, time.monotonic() + options.seconds
    while cases < options.cases and time.monotonic() < end:
        cases += 1
        texts = mutate(dice.choice(sets), sets, dice)
        lay(texts, work)
        began = time.monotonic()
        signal.setitimer(signal.ITIMER_REAL, options.limit)
        try:
            check(work, report=cases % 4 == 0)
        except Exception as error:  # noqa: BLE001
            signal.setitimer(signal.ITIMER_REAL, 0)
            place = _place(error)
            found[place] = found.get(place, 0) + 1
            if found[place] <= 2:
                kept = options.keep / f"{options.seed}-{cases}"
                lay(texts, kept)
                text = "".join(traceback.format_exception(error))
                (kept / "TRACE").write_text(text[-6000:])
                print(f"{place}  kept in {kept}", flush=True)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        slowest = max(slowest, time.monotonic() - began)
    shutil.rmtree(work.parent, ignore_errors=True)
    print(f"{cases} cases, seed {options.seed}; slowest {slowest:.2f} s; {found}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
