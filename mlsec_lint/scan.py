"""The whole program: files in, a Result out. Joins the floors; prints nothing.

`scan` reads a folder, evaluates what it holds, lowers it to the estate, traces, judges
and sorts. Every list of files, things and findings has one order, so that the same
input gives the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from mlsec_lint.finding import LEVELS, Result, Summary, Verdict
from mlsec_lint.source import Note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from mlsec_lint.discovery import Tree
    from mlsec_lint.estate import Estate
    from mlsec_lint.finding import Finding
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.parse.document import Document
    from mlsec_lint.rules.baseline import Baseline
    from mlsec_lint.rules.config import Config
    from mlsec_lint.rules.grammar import Policies
    from mlsec_lint.rules.ignore import History
    from mlsec_lint.rules.judge import Judgement
    from mlsec_lint.source import Source, Span

    Progress = Callable[[str], None]

#: The last are templates for `envsubst` and people: YAML with values to fill in.
DOCUMENTS = (
    ".yaml",
    ".yml",
    ".json",
    ".yaml-template",
    ".yml-template",
    ".yaml.template",
    ".yml.template",
)
#: OpenTofu prefers them to a `.tf` file of the same name; Terraform ignores them.
OPENTOFU = (".tofu", ".tofu.json")
TERRAFORM_JSON = (".tf.json", ".tfvars.json")
#: A folder that holds nothing but the program's own config has nothing to scan.
CONFIG = ".mlsec-lint.yaml"


def _quiet(_: str) -> None:
    return


@dataclass(slots=True)
class Reading:
    """What was read, before anything is judged: shared by every command."""

    tree: Tree
    inputs: Inputs
    sources: list[Source] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def read(
    root: str,
    paths: Sequence[str] = (),
    config: Config | None = None,
    progress: Progress = _quiet,
    plans: Sequence[tuple[str, str]] = (),
    helm: str = "",
) -> Reading:
    """Everything under `root` that the program understands, evaluated and rendered.

    `paths` (relative to root) say what findings are wanted for; what they refer to is
    read all the same. `plans` are names and texts of `terraform show -json`: each takes
    the place of the root that it was made from. `helm` is a binary whose rendering of the
    charts is compared with ours. Nothing is raised for what files hold.
    """
    from mlsec_lint.discovery import discover
    from mlsec_lint.kubernetes import render
    from mlsec_lint.lower.helm_commands import documented_releases
    from mlsec_lint.lower.in_terraform.releases import releases_of
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.parse.yaml import documents
    from mlsec_lint.terraform import evaluate_roots
    from mlsec_lint.terraform.plan import read_plan

    progress("finding files")
    tree = discover(root, paths, exclude=config.exclude if config else ())
    inputs = Inputs(tree, assigned=config.clusters if config else ())
    reading = Reading(tree, inputs)
    progress("reading YAML and JSON")
    pairs: list[tuple[str, Document]] = []
    for file in tree.files:
        if file.path.endswith(TERRAFORM_JSON):
            continue
        if file.path.endswith(OPENTOFU):
            words = f"{file.path} is OpenTofu's alone: it is not read"
            note = Note("format-not-read", words, file.path, incomplete=True)
            reading.notes.append(note)
            continue
        is_document = file.path.lower().endswith(DOCUMENTS)
        if not is_document and file.path.endswith((".tf", ".tfvars", ".hcl")):
            continue
        source = tree.source(file.path)
        if source is None:
            continue
        reading.sources.append(source)
        if not is_document:
            inputs.texts.append(source)
            continue
        found, notes = documents(source)
        reading.notes.extend(notes)
        pairs.extend((file.path, document) for document in found)
    progress("evaluating Terraform")
    inputs.roots = evaluate_roots(tree, variants=config.tfvars if config else None)
    for name, text in plans:
        planned = read_plan(text, tree, name)
        inputs.roots = [r for r in inputs.roots if r.path != planned.path]
        inputs.roots.append(planned)
    for terraform_root in inputs.roots:
        reading.notes.extend(terraform_root.notes)
    progress("rendering Kubernetes")
    written = documented_releases(tree, inputs.texts)
    rendered = render(tree, pairs, releases_of(inputs), written)
    inputs.manifests = rendered.manifests
    if helm:
        from mlsec_lint.kubernetes.helm_check import compare

        progress("comparing with helm")
        reading.notes.extend(compare(helm, tree, rendered.built))
    reading.notes = [
        note
        for note in reading.notes
        if note.kind != "template-not-read" or note.path not in rendered.templates
    ]
    reading.notes.extend(rendered.notes)
    inputs.documents = [(p, d) for p, d in pairs if (p, id(d)) not in rendered.consumed]
    return reading


def survey(
    reading: Reading,
    config: Config | None = None,
    assume: str = "inferred",
    progress: Progress = _quiet,
) -> Estate:
    """The estate of a reading: lowered and traced."""
    from mlsec_lint.lower import lower, lower_later
    from mlsec_lint.trace import trace

    progress("lowering")
    estate = lower(reading.inputs)
    progress("tracing")
    trace(
        estate,
        assume=assume,
        assets=config.assets if config else (),
        complete=config.roots_complete if config else False,
        between=lambda: lower_later(reading.inputs, estate),
    )
    return estate


def scan(
    root: str,
    paths: Sequence[str] = (),
    *,
    config: Config,
    baseline: Baseline,
    policies: Policies,
    assume: str = "inferred",
    strict: bool = False,
    today: date | None = None,
    progress: Progress = _quiet,
    plans: Sequence[tuple[str, str]] = (),
    past: History | None = None,
    helm: str = "",
) -> Result:
    """Judge the folder `root`; findings restricted to those that touch `paths`, if any.

    `baseline` without the config's lists; `assume` is `inferred`, `declared` or `all`;
    `strict` makes what was not rendered or read from elsewhere count as incomplete.
    `today` decides which acceptances have run out, and which tables are old.
    """
    reading = read(root, paths, config, progress, plans, helm)
    estate = survey(reading, config, assume, progress)
    progress("judging")
    return verdict_of(
        reading,
        estate,
        config=config,
        baseline=baseline,
        policies=policies,
        strict=strict,
        today=today,
        past=past,
    )


def verdict_of(
    reading: Reading,
    estate: Estate,
    *,
    config: Config,
    baseline: Baseline,
    policies: Policies,
    strict: bool = False,
    today: date | None = None,
    past: History | None = None,
) -> Result:
    """Judge an estate; `estate` may be judged by several baselines one after another."""
    from mlsec_lint.rules.cuts import suggest
    from mlsec_lint.rules.decide import decide, rule_info
    from mlsec_lint.rules.stale import stale_notes
    from mlsec_lint.rules.which import info as questions_info

    sources = _sources(reading)
    day = today or date.today()
    judgement, acceptances = decide(
        policies, baseline, config, estate, sources, day, past
    )
    findings = [f for f in judgement.findings if _touches(f, reading.tree)]
    notes = _notes(reading, estate, [*acceptances, *stale_notes(findings, day)])
    strict = strict or LEVELS.index(baseline.level) >= LEVELS.index("SL3")
    return Result(
        findings=findings,
        notes=notes,
        rules=(
            *(rule_info(r, baseline) for r in policies.rules if baseline.includes(r)),
            *questions_info(findings),
        ),
        summary=_summary(reading, estate, judgement, baseline, sources),
        root=reading.tree.root,
        incomplete=_incomplete(reading, findings, notes, baseline, strict=strict),
        secrets=tuple(_secrets(estate)),
        cuts=suggest(findings, policies, config.over(baseline), estate),
    )


def _sources(reading: Reading) -> list[Source]:
    """Every text that was read, each once: documents, scripts and Terraform files."""
    found = {source.path: source for source in reading.sources}
    for file in reading.tree.files:
        if file.path not in found and file.path.endswith(
            (".tf", ".tfvars", *TERRAFORM_JSON)
        ):
            source = reading.tree.source(file.path)
            if source is not None:
                found[source.path] = source
    return [found[path] for path in sorted(found)]


def _touches(finding: Finding, tree: Tree) -> bool:
    """Whether a finding has to do with what was asked for: its place, trail or reasons."""
    if tree.selected is None:
        return True
    spans: list[Span] = [finding.span]
    spans += [step.span for step in finding.trail]
    spans += [r.span for r in (*finding.related, *finding.because, *finding.steps)]
    return any(tree.wanted(span.path) for span in spans)


def lost(reading: Reading, estate: Estate) -> int:
    """How many inputs were not understood or not read: for commands that judge nothing.

    Nothing at all to read is one of them.
    """
    notes = {note for note in _notes(reading, estate, ()) if note.incomplete}
    return len(notes) or int(_nothing(reading.tree))


def _nothing(tree: Tree) -> bool:
    return all(file.path == CONFIG for file in tree.files)


def _notes(reading: Reading, estate: Estate, acceptances: Iterable[Note]) -> list[Note]:
    """All notes once, by file and position; those about no position first."""
    from mlsec_lint.discovery import left_out

    everything = [*reading.tree.notes, *reading.notes, *reading.inputs.notes]
    everything += [*estate.notes, *acceptances, *_emptied(reading, estate)]
    everything += left_out.notes(reading.tree)
    unique = dict.fromkeys(everything)
    return sorted(unique, key=lambda n: (n.path, n.span.start if n.span else -1))


def _emptied(reading: Reading, estate: Estate) -> Iterator[Note]:
    """A config must not make a scan clean by leaving out all that there is to judge."""
    left_out = reading.tree.excluded.get("excluded-by-config", 0)
    if left_out and not estate.things:
        words = f"nothing was judged: `exclude` leaves out {left_out} files"
        words += " and no other file declares anything"
        yield Note("nothing-scanned", words, "", incomplete=True)
    elif not reading.tree.files:
        yield Note("nothing-scanned", "there is no file here that a scan reads", "")


def _incomplete(
    reading: Reading,
    findings: list[Finding],
    notes: list[Note],
    baseline: Baseline,
    *,
    strict: bool,
) -> bool:
    """Whether the scan may not be called clean even without a finding."""
    if _nothing(reading.tree):
        return True
    if any(n.incomplete or (strict and n.strict_only) for n in notes):
        return True
    return baseline.unknown == "error" and any(
        f.verdict is Verdict.UNKNOWN and f.severity != "info" and not f.suppression
        for f in findings  # info: evidence of a process, which is never an error
    )


def _secrets(estate: Estate) -> Iterable[Span]:
    for thing in estate.things.values():
        for name in thing.facts:
            for fact in thing.all_facts(name):
                if fact.sensitive:
                    yield fact.span


def _summary(
    reading: Reading,
    estate: Estate,
    judgement: Judgement,
    baseline: Baseline,
    sources: list[Source],
) -> Summary:
    inputs = reading.inputs
    summary = Summary(baseline=baseline.id)
    summary.files = len(sources)
    sizes = {file.path: file.size for file in reading.tree.files}
    summary.bytes = sum(sizes.get(source.path, 0) for source in sources)
    summary.excluded = dict(sorted(reading.tree.excluded.items()))
    summary.recognised = dict(sorted(inputs.recognised.items()))
    summary.not_analysed = dict(sorted(inputs.not_analysed.items()))
    for terraform_root in inputs.roots:
        word = "Terraform library" if terraform_root.library else "Terraform"
        summary.roots[word] = summary.roots.get(word, 0) + 1
    for place in dict.fromkeys(m.root for m in inputs.manifests if m.root):
        assert place
        summary.roots["Kubernetes"] = summary.roots.get("Kubernetes", 0) + 1
    for thing in estate.things.values():
        summary.things[thing.kind] = summary.things.get(thing.kind, 0) + 1
    summary.checks_met = judgement.tally("met")
    summary.checks_failed = judgement.tally("failed")
    summary.checks_undecided = judgement.tally("undecided")
    summary.checks_not_applicable = judgement.tally("not applicable")
    summary.settle = judgement.settle
    summary.weight_stores = tuple(
        thing.address
        for thing in estate.of("store")
        if (held := thing.fact("weights.held")) is not None and held.value is True
    )
    return summary
