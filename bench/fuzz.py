"""Coverage-guided fuzzing of the readers and the whole scan with atheris.

    python bench/fuzz.py TARGET [CORPUS FOLDER] [-max_total_time=60 -timeout=5 ...]

TARGET is one of `hcl`, `hcl-json`, `yaml`, `console`, `evaluate`, `kustomize`, `helm`,
`shell`, `judge`, `scan`; what follows is libFuzzer's. Atheris is no dependency of the
project, not even of its tests: `pip install atheris` (a wheel for Linux, Python 3.11 to
3.13; 2026-11). Without a corpus folder the project's fixtures that fit the target are
laid out as one. A crash, a hang over `-timeout` and memory over `-rss_limit_mb` end the
run, and leave the input in a file `crash-*`.

Targets that take folders read the input as files: `NAME NUL TEXT NUL NAME NUL TEXT`.
"""

# The modules under test are imported under instrumentation, before their names are.
# ruff: noqa: E402

from __future__ import annotations

import pkgutil
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import atheris

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY))

with atheris.instrument_imports(include=["mlsec_lint"]):
    import mlsec_lint

    for found in pkgutil.walk_packages(mlsec_lint.__path__, "mlsec_lint."):
        if not found.name.endswith("__main__"):
            __import__(found.name)

from mlsec_lint.commands import UsageError
from mlsec_lint.commands.judging import terms
from mlsec_lint.commands.scan import plain_scan
from mlsec_lint.discovery import discover
from mlsec_lint.kubernetes import render
from mlsec_lint.lower.jobs.shell import read_script
from mlsec_lint.parse.hcl import json as hcl_json
from mlsec_lint.parse.hcl.parser import parse_config
from mlsec_lint.parse.yaml import documents
from mlsec_lint.scan import scan
from mlsec_lint.source import Source
from mlsec_lint.terraform import evaluate_root
from mlsec_lint.terraform.console import evaluate

MOST_FILES = 4
NAMES = ("main.tf", "terraform.tfvars", "job.yaml", "run.sh", "main.tf.json")
WORK = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None))


def text_of(data: bytes) -> str:
    """The input as text, whatever it is; a file with other bytes is not even read."""
    return data.decode("utf-8", "replace").replace("\0", " ")


def lay(data: bytes, forced: Iterable[str] = ()) -> Path:
    """A folder of at most four files; `forced` names them instead of the input."""
    folder = WORK / "case"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    parts = data.split(b"\0")
    names = list(forced)
    for index in range(0, min(len(parts), 2 * MOST_FILES), 2):
        name = text_of(parts[index]) if index + 1 < len(parts) else NAMES[0]
        if names:
            name = names[index // 2 % len(names)]
        name = "/".join(p for p in name.split("/") if p not in {"", ".", ".."})
        path = folder / (name or NAMES[index // 2 % len(NAMES)])
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(parts[index + 1] if index + 1 < len(parts) else data)
        except (OSError, ValueError):
            continue
    return folder


def hcl(data: bytes) -> None:
    """HCL: every node lies in the text, and the notes too."""
    source = Source("main.tf", text_of(data))
    _, notes = parse_config(source)
    for note in notes:
        assert note.span is None or 0 <= note.span.start <= note.span.end


def hcl_json_target(data: bytes) -> None:
    """HCL's JSON form."""
    hcl_json.parse_config(Source("main.tf.json", text_of(data)))


def yaml(data: bytes) -> None:
    """YAML and JSON documents."""
    documents(Source("a.yaml", text_of(data)))
    documents(Source("a.json", text_of(data)))


def console(data: bytes) -> None:
    """One expression beside some locals."""
    folder = WORK / "console"
    if not folder.is_dir():
        folder.mkdir()
        (folder / "main.tf").write_text(
            'variable "v" {}\nlocals {\n  a = [1, "b", null]\n  m = { x = var.v }\n}\n'
        )
        (folder / "a.tmpl").write_text("%{ for k in a }${k}%{ endfor }")
    evaluate(str(folder), text_of(data)).to_json()


def evaluate_target(data: bytes) -> None:
    """A root and its tfvars."""
    names = ("main.tf", "terraform.tfvars", "m/main.tf", "more.tf")
    evaluate_root(str(lay(data, names))).to_json()


def _render(folder: Path) -> None:
    tree = discover(str(folder), use_git=False)
    pairs = []
    for file in tree.files:
        source = tree.source(file.path)
        if source is not None and file.path.endswith((".yaml", ".yml", ".json")):
            pairs += [(file.path, d) for d in documents(source)[0]]
    render(tree, pairs)


def kustomize(data: bytes) -> None:
    """An overlay, its base and a patch."""
    names = ("kustomization.yaml", "base/kustomization.yaml", "base/a.yaml", "p.yaml")
    _render(lay(data, names))


def helm(data: bytes) -> None:
    """A chart of two templates and its values."""
    names = ("templates/a.yaml", "values.yaml", "templates/_helpers.tpl")
    folder = lay(data, names)
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: x\nversion: 1.0.0\n")
    _render(folder)


def shell(data: bytes) -> None:
    """A script."""
    read_script(Source("run.sh", text_of(data)))


def judge(data: bytes) -> None:
    """Kubernetes objects and jobs through lowering, tracing and every rule."""
    folder = lay(data, ("a.yaml", "b.yaml", "c.yaml"))
    policies, baseline, config = terms(str(folder), baseline="SL4")
    scan(str(folder), config=config, baseline=baseline, policies=policies)


def whole(data: bytes) -> None:
    """The command's own scan of up to four files of any name."""
    try:
        plain_scan(str(lay(data)))
    except UsageError:
        return  # the fuzzer wrote a config with mistakes


#: name -> (target, endings of the fixtures it begins with, files to a case)
TARGETS: dict[str, tuple[Callable[[bytes], None], tuple[str, ...], int]] = {
    "hcl": (hcl, (".tf",), 0),
    "hcl-json": (hcl_json_target, (".json",), 0),
    "yaml": (yaml, (".yaml", ".yml", ".json"), 0),
    "console": (console, (".tf",), 0),
    "evaluate": (evaluate_target, (".tf",), 2),
    "kustomize": (kustomize, ("kustomization.yaml", ".yaml"), 4),
    "helm": (helm, (".yaml", ".tpl"), 3),
    "shell": (shell, (".sh", ".sbatch", "Dockerfile"), 0),
    "judge": (judge, (".yaml", ".yml"), 1),
    "scan": (whole, (".tf", ".yaml", ".yml", ".sh", ".tfvars"), 2),
}


def seeds(endings: tuple[str, ...], files: int, folder: Path) -> None:
    """The project's fixtures as inputs of a target."""
    every = [*REPOSITORY.glob("policies/*/*/*/**/*"), *REPOSITORY.glob("examples/**/*")]
    fitting = [p for p in sorted(every) if p.is_file() and p.name.endswith(endings)]
    step = max(files, 1)
    for index in range(0, len(fitting), step):
        some = fitting[index : index + step]
        data = b"\0".join(
            part for path in some for part in (path.name.encode(), path.read_bytes())
        )
        (folder / f"{index}").write_bytes(data if files else some[0].read_bytes())


def main() -> None:
    """Run libFuzzer on one target."""
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        sys.exit(__doc__)
    target, endings, files = TARGETS[sys.argv[1]]
    options = sys.argv[2:]
    if not any(not option.startswith("-") for option in options):
        corpus = WORK / "corpus"
        corpus.mkdir()
        seeds(endings, files, corpus)
        options.insert(0, str(corpus))
    atheris.Setup([sys.argv[0], *options], target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
