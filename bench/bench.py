"""What a scan costs: the floor (read and parse only), the whole scan, and their ratio.

    python bench/bench.py FOLDER [FOLDER...]     measure real folders
    python bench/bench.py --growth               measure synthetic repositories 1x 10x 100x

Every measurement runs in a process of its own; times are CPU seconds of that process,
the least of `--runs` runs, and memory is its peak resident set. The modules are compiled
beforehand, as an installer does: PYTHONDONTWRITEBYTECODE of the caller does not count.
"""

from __future__ import annotations

import argparse
import atexit
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
PARSED = (".tf", ".tfvars")
DOCUMENTS = (".yaml", ".yml", ".json")


def floor(folder: str) -> dict[str, float]:
    """Discover, decode and parse every file that a scan parses; nothing else."""
    from mlsec_lint.discovery import discover
    from mlsec_lint.parse.hcl.parser import parse_config
    from mlsec_lint.parse.yaml import documents

    files = size = 0
    tree = discover(folder)
    for file in tree.files:
        source = tree.source(file.path)
        if source is None:
            continue
        files += 1
        size += len(source.text)
        if file.path.endswith(PARSED):
            parse_config(source)
        elif file.path.endswith(DOCUMENTS):
            documents(source)
    return {"files": files, "bytes": size}


def whole(folder: str) -> dict[str, float]:
    """What `mlsec-lint scan` does, without the report."""
    from mlsec_lint.commands.scan import plain_scan

    result = plain_scan(folder)
    return {"findings": len(result.findings), "notes": len(result.notes)}


def evaluation(folder: str) -> dict[str, float]:
    """Discover, parse and evaluate the Terraform roots; nothing else."""
    from mlsec_lint.discovery import discover
    from mlsec_lint.terraform import evaluate_roots

    roots = evaluate_roots(discover(folder))
    return {"roots": len(roots), "resources": sum(len(r.resources) for r in roots)}


WORK = {"floor": floor, "whole": whole, "evaluation": evaluation}


def child(kind: str, folder: str) -> None:
    from mlsec_lint.cli import collect_patiently

    collect_patiently()
    started = time.process_time()
    numbers = WORK[kind](folder)
    numbers["seconds"] = time.process_time() - started
    numbers["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(numbers))


@cache
def compiled() -> dict[str, str]:
    """An environment in which every module of the project is compiled already."""
    folder = tempfile.mkdtemp(prefix="mlsec-lint-bench-")
    atexit.register(shutil.rmtree, folder)
    here = {"PYTHONPYCACHEPREFIX": folder, "PYTHONPATH": str(HERE.parent)}
    environment = {**os.environ, **here}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    first = [
        sys.executable,
        __file__,
        "--child",
        "whole",
        str(HERE.parent / "examples"),
    ]
    subprocess.run(first, capture_output=True, check=True, env=environment)
    package = str(HERE.parent / "mlsec_lint")
    compile_all = [sys.executable, "-m", "compileall", "-q", package]
    subprocess.run(compile_all, check=True, env=environment)
    return environment


def measure(kind: str, folder: str, runs: int) -> dict[str, float]:
    """The quickest of some runs, each in a fresh process, with its modules compiled."""
    best: dict[str, float] | None = None
    for _ in range(runs):
        done = subprocess.run(
            [sys.executable, __file__, "--child", kind, folder],
            capture_output=True, text=True, check=True, env=compiled(),
        )  # fmt: skip
        numbers = json.loads(done.stdout)
        if best is None or numbers["seconds"] < best["seconds"]:
            best = numbers
    assert best is not None
    return best


def row(name: str, folder: str, runs: int) -> float:
    low = measure("floor", folder, runs)
    tf = measure("evaluation", folder, runs)
    full = measure("whole", folder, runs)
    per = full["seconds"] or 1e-9
    print(
        f"{name:<28} {low['files']:>6.0f} {low['bytes'] / 1e6:>8.2f} {low['seconds']:>8.2f} "
        f"{tf['seconds']:>8.2f} {full['seconds']:>8.2f} {per / low['seconds']:>6.2f} "
        f"{low['files'] / per:>9.0f} {low['bytes'] / 1e6 / per:>7.2f} {full['peak_mb']:>7.0f} "
        f"{full['findings']:>8.0f}"
    )
    return full["seconds"]


def start_up(runs: int) -> None:
    def wall(*command: str) -> float:
        times = []
        for _ in range(max(10, runs)):
            started = time.perf_counter()
            subprocess.run(command, capture_output=True, check=True)
            times.append(time.perf_counter() - started)
        return min(times) * 1000

    bare = wall(sys.executable, "-c", "pass")
    version = wall(sys.executable, "-m", "mlsec_lint", "--version")
    print(
        f"start: bare interpreter {bare:.0f} ms, --version {version:.0f} ms (wall, min)"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*")
    parser.add_argument("--growth", action="store_true", help="1x, 10x, 100x synthetic")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--child", choices=tuple(WORK))
    options = parser.parse_args()
    if options.child:
        child(options.child, options.folders[0])
        return
    print(
        f"{'folder':<28} {'files':>6} {'MB':>8} {'floor s':>8} {'tf s':>8} {'scan s':>8} "
        f"{'ratio':>6} {'files/s':>9} {'MB/s':>7} {'peak MB':>7} {'findings':>8}"
    )
    for folder in options.folders or (
        [] if options.growth else [str(HERE.parent / "examples/lab")]
    ):
        row(Path(folder).name, folder, options.runs)
    if options.growth:
        from generate import generate

        last = 0.0
        for scale in (10, 100, 1000):
            with tempfile.TemporaryDirectory() as folder:
                generate(Path(folder), scale)
                seconds = row(f"synthetic {scale // 10}x", folder, options.runs)
            if last:
                print(f"  10x the input costs {seconds / last:.1f}x the time")
            last = seconds
    start_up(options.runs)


if __name__ == "__main__":
    main()
