"""Python that stands in job files (`python -c`, here-documents, steps): certain calls only.

What is told: pushes to a hub, artifacts given to a tracker, pickles that are loaded
without their guard, code of strangers. Names from huggingface_hub 1.x, transformers
5.x, wandb 0.22 and torch 2.9 documentation, as of 2026-11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.launch import program_name, text, unwrap
from mlsec_lint.lower.jobs.paths import is_path
from mlsec_lint.lower.jobs.python_calls import Call, calls
from mlsec_lint.lower.jobs.settings import hub_destination
from mlsec_lint.lower.jobs.trackers import switched_off
from mlsec_lint.lower.jobs.uploads import Upload, state_upload
from mlsec_lint.patterns import regex
from mlsec_lint.source import Source
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlsec_lint.estate import Thing
    from mlsec_lint.lower.jobs.scene import Scene
    from mlsec_lint.source import Span

_PYTHON = regex(r"(?:python|pypy)[0-9.]*(?:\.exe)?")
_HUB = frozenset({"upload_file", "upload_folder", "upload_large_folder"})
_TELLING = regex(
    r"push_to_hub|upload_(?:file|folder|large_folder)|log_artifact|weights_only"
    r"|safe_serialization|trust_remote_code|wandb|snapshot_download"
)
_MODELS = frozenset({"model", "weights", "checkpoint"})


def inline_python(words: Sequence[Value]) -> Value | None:
    """The word with the code of `python -c CODE`; None for any other command."""
    if not words or not _PYTHON.fullmatch(program_name(words[0])):
        return None
    for at in range(1, len(words) - 1):
        flag = text(words[at])
        if flag == "-c":
            return words[at + 1]
        if not flag.startswith("-") or flag == "-m":
            return None
    return None


def reads_python(words: Sequence[Value]) -> bool:
    """Whether a command runs the Python that it reads: `python`, `python -`."""
    inner = unwrap(words)
    if not inner or not _PYTHON.fullmatch(program_name(inner[0])):
        return False
    return all(text(word) in ("-", "-u", "-B", "-O") for word in inner[1:2])


def cut_out(span: Span) -> Source:
    """The text of a span as a Source of its own."""
    return Source(span.path, span.text, host=span.source, pieces=((0, span.start),))


def python_program(
    scene: Scene, source: Source, environment: Mapping[str, Value], *, branch: bool
) -> Thing | None:
    """State what Python text does for certain; None where it does nothing of interest."""
    if _TELLING.search(source.text) is None:
        return None
    reader = _Reader(scene, environment, branch=branch)
    found = calls(source)
    artifacts = [c for c in found if c.last == "Artifact"]
    for call in found:
        reader.call(call, artifacts)
    return reader.program


class _Reader:
    """States calls one by one; makes the program when the first of them says something."""

    def __init__(
        self, scene: Scene, environment: Mapping[str, Value], *, branch: bool
    ) -> None:
        self.scene = scene
        self.environment = environment
        self.branch = branch
        self.program: Thing | None = None

    def made(self, call: Call) -> Thing:
        if self.program is None:
            self.program = self.scene.program("python", call.span)
        return self.program

    def call(self, call: Call, artifacts: list[Call]) -> None:
        if call.last == "push_to_hub":
            named = call.named.get("repo_id", call.positional)
            self.hub(call, named)
        elif call.last in _HUB and "repo_id" in call.named:
            self.hub(call, call.named["repo_id"])
        elif call.last == "snapshot_download":
            self.downloaded(call)
        elif call.last == "save_pretrained":
            self.saved(call)
        elif call.last == "log_artifact" and call.name.startswith(("wandb.", "run.")):
            self.artifact(call, artifacts)
        self.loaded(call)

    def loaded(self, call: Call) -> None:
        """`weights_only=False`, `safe_serialization=False`, `trust_remote_code=True`."""
        for name, callee, fact, wanted in (
            ("weights_only", "load", "weights.format.safe", False),
            ("safe_serialization", "", "weights.format.safe", False),
            ("trust_remote_code", "", "remote_code.trusted", True),
        ):
            value = call.named.get(name)
            if value is None or value.data is not wanted:
                continue
            if not callee or call.last == callee:
                self.made(call).also(fact, wanted, call.entries[name])

    def saved(self, call: Call) -> None:
        pushes = call.named.get("push_to_hub")
        if pushes is not None and pushes.data is True:
            self.hub(call, call.named.get("repo_id"))

    def downloaded(self, call: Call) -> None:
        """`snapshot_download(repo_id=..., local_dir="/models/x")`: a model lies there."""
        kind, target = call.named.get("repo_type"), call.named.get("local_dir")
        if target is None or not is_path(target):
            return
        if kind is None or kind.data not in ("dataset", "space"):
            words = f"downloads a model to {target.text()}"
            span = call.entries["local_dir"]
            self.scene.weights_at(target, "writes", words, span, self.made(call))

    def hub(self, call: Call, repository: Value | None) -> None:
        kind = call.named.get("repo_type")
        carries: str | Unknown = "weights"
        if kind is not None and kind.data in ("dataset", "space"):
            return
        if kind is not None and isinstance(kind.data, Unknown):
            carries = kind.data
        host, internal, where, off = hub_destination(self.environment)
        private = call.named.get("private")
        name = repository.text() if repository is not None else None
        state_upload(
            self.scene,
            self.made(call),
            Upload(
                channel="hub",
                service="huggingface",
                carries=carries,
                span=call.span,
                host=host,
                internal=internal,
                host_span=where,
                enabled=self.enabled(call) if off is None else off,
                repository=name if name is not None else "",
                private=_private(private),
            ),
        )

    def artifact(self, call: Call, artifacts: list[Call]) -> None:
        """Weights where the only artifact of the text is a model."""
        kinds = {
            value.data
            for made in artifacts
            if (value := made.named.get("type")) is not None
            and isinstance(value.data, str)
        }
        why = "what the artifact holds is not known"
        carries: str | Unknown = Unknown("environment", why, span=call.span)
        if kinds and kinds <= _MODELS:
            carries = "weights"
        elif kinds and len(kinds) == len(artifacts) and not kinds & _MODELS:
            carries = "metrics"
        off = switched_off("wandb", self.environment)
        upload = Upload(
            channel="tracker",
            service="wandb",
            carries=carries,
            span=call.span,
            host="api.wandb.ai",
            enabled=self.enabled(call) if off is None else off,
        )
        state_upload(self.scene, self.made(call), upload)

    def enabled(self, call: Call) -> bool | Unknown:
        if not self.branch:
            return True
        return Unknown(
            "environment", "it stands in a branch of a script", span=call.span
        )


def _private(value: Value | None) -> bool | Unknown:
    if value is not None and isinstance(value.data, bool | Unknown):
        return value.data
    return Unknown("environment", "an existing repository keeps its visibility")
