"""The whole program: files in, a Result out. Joins the floors; prints nothing.

`scan` reads a folder, evaluates what it holds, lowers it to the estate, traces, judges
and sorts. Every list of files, things and findings has one order, so that the same
input gives the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlsec_lint.finding import Result, Summary, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mlsec_lint.discovery import Tree
    from mlsec_lint.estate import Estate
    from mlsec_lint.finding import Finding
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.rules.baseline import Baseline
    from mlsec_lint.rules.config import Config
    from mlsec_lint.rules.read import Policies
    from mlsec_lint.source import Note, Span

Progress = "Callable[[str], None]"


def _quiet(_: str) -> None:
    return


@dataclass(slots=True)
class Reading:
    """What was read, before anything is judged: shared by scan, inventory and bench."""

    tree: Tree
    inputs: Inputs
    notes: list[Note] = field(default_factory=list)


def read(
    root: str,
    paths: Sequence[str] = (),
    config: Config | None = None,
    progress: Callable[[str], None] = _quiet,
) -> Reading:
    """Everything under `root` that the program understands, evaluated and rendered.

    `paths` (relative to root) say what findings are wanted for; what they refer to is
    read all the same. Nothing is raised for what the files hold.
    """
    from mlsec_lint.discovery import discover
    from mlsec_lint.kubernetes import render
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.parse.yaml import documents
    from mlsec_lint.terraform import evaluate_roots

    progress("finding files")
    tree = discover(root, paths, exclude=config.exclude if config else ())
    inputs = Inputs(tree)
    progress("reading YAML and JSON")
    pairs = []
    for file in tree.files:
        if not file.path.endswith((".yaml", ".yml", ".json")):
            continue
        if file.path.endswith((".tf.json", ".tfvars.json")):
            continue
        source = tree.source(file.path)
        if source is not None:
            found, notes = documents(source)
            inputs.notes.extend(notes)
            pairs.extend((file.path, document) for document in found)
    progress("evaluating Terraform")
    inputs.roots = evaluate_roots(tree, variants=config.tfvars if config else None)
    progress("rendering Kubernetes")
    rendered = render(tree, pairs)
    inputs.manifests = rendered.manifests
    consumed = rendered.consumed
    inputs.documents = [(p, d) for p, d in pairs if (p, id(d)) not in consumed]
    notes = [*inputs.notes, *rendered.notes]
    for terraform_root in inputs.roots:
        notes.extend(terraform_root.notes)
    return Reading(tree, inputs, notes)


def survey(
    reading: Reading,
    config: Config | None = None,
    assume: str = "inferred",
    progress: Callable[[str], None] = _quiet,
) -> Estate:
    """The estate of a reading: lowered and traced."""
    from mlsec_lint.lower import lower
    from mlsec_lint.trace import trace

    progress("lowering")
    estate = lower(reading.inputs)
    progress("tracing")
    trace(estate, assume=assume, assets=config.assets if config else ())
    return estate
