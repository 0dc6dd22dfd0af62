"""Artifacts of Argo Workflows: what a step fetches before it runs and keeps afterwards.

Fields from argo-workflows.readthedocs.io/fields, v3.7, read 2026-11. An artifact with a
key alone lies in the artifact repository that the workflow (else its namespace) names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.configs import inner_document
from mlsec_lint.lower.jobs.fetch_things import state_fetch
from mlsec_lint.lower.jobs.fetches import Fetch, commit_in
from mlsec_lint.lower.jobs.hosts import host_of, internal_host
from mlsec_lint.lower.jobs.transfers import Transfer
from mlsec_lint.lower.jobs.weight_words import speaks_of_weights
from mlsec_lint.lower.kubernetes.environment import entries
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.lower.secrets import text_secrets
from mlsec_lint.lower.stores import store_uri
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.jobs.run import Runner
    from mlsec_lint.lower.kubernetes.index import Objects
    from mlsec_lint.lower.kubernetes.workload import Pod
    from mlsec_lint.source import Span

ARGO = ("Workflow", "WorkflowTemplate", "ClusterWorkflowTemplate", "CronWorkflow")
_BUCKETS = {"s3": "s3", "gcs": "gs", "oss": "oss"}
#: Ways to name a place; those without a service name none of ours.
_SERVICES = {
    "s3": "s3", "gcs": "gcs", "oss": "oss", "azure": "azure-blob", "http": "http",
    "artifactory": "http", "git": "", "raw": "", "hdfs": "hdfs", "plugin": "",
}  # fmt: skip
_ACTION = regex(r"(\{\{[^{}]{0,200}\}\})")
_DEFAULT = "workflows.argoproj.io/default-artifact-repository"
_MAX_ARTIFACTS = 500
_COMMIT = regex(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def lower_artifacts(
    estate: Estate,
    manifest: Manifest,
    pods: list[tuple[Pod, list[Runner]]],
    objects: Objects,
) -> None:
    """State what each step's artifacts read and write, as moves of its container."""
    del estate
    repository = _repository(manifest, objects)
    for pod, runners in pods:
        template = pod.template.spec
        if not runners:
            continue
        kept = given(template, "archiveLocation") or repository
        for side in ("inputs", "outputs"):
            listed = given(template, side, "artifacts")
            artifacts = listed.elements() if listed is not None else ()
            for artifact in artifacts[:_MAX_ARTIFACTS]:
                _artifact(runners[0], artifact, kept, writes=side == "outputs")


def _artifact(
    runner: Runner, artifact: Value, kept: Value | None, *, writes: bool
) -> None:
    path = given(artifact, "path")
    if not writes:
        _inline(runner, artifact)
    kind = _kind(artifact) or (_kind(kept) if writes else "")
    place = None
    if kind:
        place = _place(kind, given(artifact, kind), given(kept, kind), writes=writes)
    if path is None or place is None or place.span is None:
        return
    source, target = (path, place) if writes else (place, path)
    move = Transfer(_SERVICES[kind], (source,), target)
    runner.moves.append((move, place.span, runner.scene.environment, False))


def _inline(runner: Runner, artifact: Value) -> None:
    """Code that a step gets from Git, weights from a web server, text of its own."""
    scene = runner.scene
    _from_web(runner, given(artifact, "http", "url"))
    data = given(artifact, "raw", "data")
    if data is not None:
        text_secrets(scene.estate, scene.holder, data)
    repository = given(artifact, "git", "repo")
    span = repository.entry() if repository is not None else None
    if repository is None or span is None:
        return
    name = text_of(repository)
    revision = given(artifact, "git", "revision")
    pinned: bool | Unknown = False
    if revision is not None:
        text = settled(revision).text()
        pinned = (
            text if isinstance(text, Unknown) else bool(_COMMIT.fullmatch(text or ""))
        )
    host = host_of(name) if name else ""
    fetch = Fetch("code", name or "a repository", span, host, pinned)
    state_fetch(scene.estate, scene.workload, fetch, trail=repository.trail)


def _from_web(runner: Runner, url: Value | None) -> None:
    """An artifact by its address; what does not speak of weights is left alone."""
    text = text_of(url).strip()
    span = url.entry() if url is not None else None
    host = host_of(text) if text.startswith(("http://", "https://")) else ""
    if url is None or span is None or not host or store_uri(text) is not None:
        return
    if speaks_of_weights(text):
        fetch = Fetch("model", text, span, host, commit_in(text))
        state_fetch(runner.scene.estate, runner.scene.workload, fetch, trail=url.trail)


def _kind(block: Value | None) -> str:
    """How an artifact or repository says where it lies; "" where it does not."""
    names = block.data if block is not None and isinstance(block.data, dict) else {}
    return next((kind for kind in _SERVICES if kind in names), "")


def _place(
    kind: str, own: Value | None, kept: Value | None, *, writes: bool
) -> Value | None:
    """The URI of an artifact; None where none is named (Git, raw text, plugins).

    What is written to an endpoint outside is sent to its host, not to a bucket of ours.
    """
    if kind == "hdfs":
        listed = given(own, "addresses") or given(kept, "addresses")
        path = given(own, "path") or given(kept, "path")
        if listed is None or not listed.elements() or path is None:
            return None
        return _uri("hdfs://", listed.elements()[0], path)
    if kind in _BUCKETS:
        bucket = given(own, "bucket") or given(kept, "bucket")
        endpoint = given(own, "endpoint") or given(kept, "endpoint")
        key = given(own, "key") or given(kept, "key") or given(kept, "keyFormat")
        if bucket is None:
            return None
        scheme = _scheme(kind, text_of(endpoint))
        host = host_of(text_of(endpoint)) if scheme == "minio" else ""
        if writes and host and not internal_host(host):
            return _uri(f"https://{host}/", bucket, key)
        return _uri(f"{scheme}://", bucket, key)
    if kind == "azure":
        container = given(own, "container") or given(kept, "container")
        account = text_of(given(own, "endpoint") or given(kept, "endpoint"))
        if container is None:
            return None
        return _uri(f"{account.rstrip('/')}/", container, given(own, "blob"))
    url = given(own, "url")
    return _uri("", url, None) if url is not None else None


def _scheme(kind: str, endpoint: str) -> str:
    """An S3 endpoint of nobody's cloud is a store of its own."""
    host = host_of(endpoint) if endpoint else ""
    if host.endswith("googleapis.com"):
        return "gs"
    own = kind == "s3" and host and "amazonaws.com" not in host and "$" not in host
    return "minio" if own else _BUCKETS[kind]


def _uri(head: str, name: Value, key: Value | None) -> Value:
    """`head` with a name and a key behind it; unknown parts stay unknown."""
    where: Span | None = name.entry() or name.span
    name = settled(name, loose=True)
    parts: list[str | Unknown] = [head, *_parts(name)]
    if key is not None:
        behind = _parts(settled(key))
        if behind and isinstance(behind[0], str):
            behind[0] = behind[0].lstrip("/")
        parts += ["/", *behind]
    if all(isinstance(part, str) for part in parts):
        text = "".join(part for part in parts if isinstance(part, str))
        return Value(text, where, trail=name.trail)
    first = next(part for part in parts if isinstance(part, Unknown))
    return Value(
        first._replace(parts=_joined(parts), symbol=None, possible=None),
        where,
        trail=name.trail,
    )


def _parts(value: Value) -> list[str | Unknown]:
    """A text with its unknown parts; `{{x}}` is filled in when the workflow runs."""
    text = value.text()
    if isinstance(text, Unknown):
        return list(text.parts) or [text]
    found: list[str | Unknown] = []
    for piece in _ACTION.split(text or ""):
        if piece.startswith("{{"):
            why = f"{piece} is filled in when the workflow runs"
            found.append(Unknown("template", why, piece, span=value.span))
        elif piece:
            found.append(piece)
    return found


def _joined(parts: list[str | Unknown]) -> tuple[str | Unknown, ...]:
    found: list[str | Unknown] = []
    for part in parts:
        if isinstance(part, str) and found and isinstance(found[-1], str):
            found[-1] += part
        else:
            found.append(part)
    return tuple(found)


def _repository(manifest: Manifest, objects: Objects) -> Value | None:
    """The artifact repository of a workflow: a document in a ConfigMap of the scan."""
    spec = given(manifest.value, "spec", "workflowSpec") or given(
        manifest.value, "spec"
    )
    reference = given(spec, "artifactRepositoryRef")
    name = text_of(given(reference, "configMap")) or "artifact-repositories"
    found = objects.find("ConfigMap", name, manifest)
    if found is None:
        return None
    notes = given(found.value, "metadata", "annotations", _DEFAULT)
    key = text_of(given(reference, "key")) or text_of(notes)
    text = entries(found).get(key)
    return inner_document(text) if text is not None else None
