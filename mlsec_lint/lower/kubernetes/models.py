"""What objects of the table of model kinds say: models read, written, pushed and loaded.

Kinds of operators (KAITO, NIM, KubeAI, Dynamo, Seldon, AIBrix, ...) state the model in
fields of their own, beside a pod template or without one. Which fields is data:
policies/data/model_kinds.json. SageMaker objects of the ACK controller are read here too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.lower.jobs.fetch_things import state_fetch
from mlsec_lint.lower.jobs.fetches import hub_fetch
from mlsec_lint.lower.jobs.image_references import place_of, reference
from mlsec_lint.lower.jobs.sagemaker import is_request, state_request
from mlsec_lint.lower.jobs.scene import Scene
from mlsec_lint.lower.kubernetes.kinds import model_source
from mlsec_lint.lower.kubernetes.loaded import bare_pod, loaders
from mlsec_lint.lower.kubernetes.made_pods import parts_of
from mlsec_lint.lower.kubernetes.model_kinds import first, named_so
from mlsec_lint.lower.kubernetes.workload import address_of
from mlsec_lint.lower.node_paths import normal_path
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.lower.secrets import secret_under, state_secret
from mlsec_lint.lower.stores import written
from mlsec_lint.source import Note
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.jobs.run import Runner
    from mlsec_lint.lower.kubernetes.index import Objects
    from mlsec_lint.lower.kubernetes.made_pods import Part
    from mlsec_lint.lower.kubernetes.model_kinds import Row
    from mlsec_lint.lower.kubernetes.workload import Pod

    Pods = list[tuple[Pod, list[Runner]]]

#: Objects of SageMaker that the ACK controller makes.
_GROUP = "sagemaker.services.k8s.aws"
#: What the hub is called in URIs of AIBrix.
_HUB = ("huggingface://", "hf://")
#: Kinds whose `oci://` sources model_images reads, and whose hub names supply_chain does.
_READ_ELSEWHERE = "serving.kserve.io"
_FETCHED_ELSEWHERE = "Model"


def is_managed(manifest: Manifest) -> bool:
    """Whether an object is a job, model or notebook of SageMaker."""
    group = manifest.api_version.partition("/")[0]
    return group == _GROUP and is_request(manifest.kind)


def lower_managed(estate: Estate, manifest: Manifest) -> None:
    """A job, model or notebook of SageMaker that the ACK controller makes."""
    workload = _workload(estate, manifest, "aws", "managed")
    spec = given(manifest.value, "spec")
    if spec is not None:
        state_request(estate, workload, manifest.kind, spec)


def _workload(estate: Estate, manifest: Manifest, provider: str, sort: str) -> Thing:
    name = f"{manifest.kind}/{manifest.namespace or 'default'}/{manifest.name}"
    thing = Thing(
        "workload",
        address_of(estate, manifest),
        name,
        manifest.span,
        provider=provider,
        root=manifest.root,
        library=manifest.library,
    )
    workload = estate.add(thing)
    workload.state("type", sort, manifest.span)
    return workload


def state_models(
    estate: Estate, manifest: Manifest, row: Row, pods: Pods, objects: Objects
) -> None:
    """State what the fields of an object say of models, on the pods that they are of.

    A wholly unknown object is noted; without pods of its own, those that load the model.
    """
    _unread(estate, manifest)
    for part in parts_of(manifest, row):
        images = [v for path in row.get("images", ()) for v in part.at(path)]
        for value in images:
            _image(estate, manifest, value)
        if row["made"] == "load":
            _loaded(estate, manifest, row, part, objects)
            continue
        mine = _of_part(pods, part)
        if mine is None:
            continue
        _state(estate, row, part, mine, objects)


def _unread(estate: Estate, manifest: Manifest) -> None:
    spec = given(manifest.value, "spec")
    unknown = settled(spec).unknown if spec is not None else None
    if unknown is not None:
        text = f"fields of {manifest.kind} {manifest.name}: {unknown.why}"
        span = manifest.span
        note = Note("template-not-read", text, span.path, span, strict_only=True)
        estate.note([note])


def _of_part(pods: Pods, part: Part) -> tuple[Pod, list[Runner]] | None:
    """The pod whose template stands in a part of its object, else the first one."""
    whole = part.value.span
    for pod, runners in pods:
        where = pod.template.span
        if where == part.span or (
            whole is not None
            and where.source is whole.source
            and whole.start <= where.start
            and where.end <= whole.end
        ):
            return pod, runners
    return pods[0] if pods else None


def _state(
    estate: Estate,
    row: Row,
    part: Part,
    mine: tuple[Pod, list[Runner]],
    objects: Objects,
) -> None:
    pod, runners = mine
    for column in row.get("models", ()):
        for value in part.at(column["path"]):
            _model(estate, part, column, value, mine, objects)
    _formats(estate, row, part, mine)
    for runner in runners[:1]:
        for entry in row.get("volumes", ()):
            if entry.get("uses"):
                _kept(runner.scene, part, entry)
    images = [v for path in row.get("images", ()) for v in part.at(path)]
    for value in images:
        said = f"{pod.workload.name} takes weights from the image {_shown(value)}"
        pod.workload.holds_weights("referenced", said, value.entry() or part.span)
        _pull(estate, pod.workload, value, said)
    for path in row.get("pushes", ()):
        for value in part.at(path):
            _push(estate, pod.workload, value)


def _formats(
    estate: Estate, row: Row, part: Part, mine: tuple[Pod, list[Runner]]
) -> None:
    """Models whose files are pickles, by the server or requirement that loads them."""
    pod, runners = mine
    formats = row.get("formats", {"paths": ()})
    for value in (v for path in formats["paths"] for v in part.at(path)):
        name, span = text_of(value), value.entry() or part.span
        if name not in formats["pickles"]:
            continue
        bare = Scene(estate, pod.workload, pod.workload, {})
        scene = runners[0].scene if runners else bare
        program = scene.program("seldon", span)
        program.state("weights.format.model", name, span)
        program.state("weights.format.safe", value=False, span=span)
        return


def _kept(scene: Scene, part: Part, entry: Row) -> None:
    """Weights on a volume that the operator mounts for them."""
    at = text_of(first(part.value, entry.get("at_field", "-"))) or entry["at"]
    for mounted in scene.mounted:
        if mounted.mount is None or mounted.path != normal_path(at):
            continue
        span = mounted.mount.span
        said = span.text if "\n" not in span.text else "a volume"
        verb = "reads" if entry["uses"] == "reads" else "writes"
        words = f"keeps its model in {said}"
        scene.weights_at(Value(mounted.path, span), verb, words, span, None)


def _model(
    estate: Estate,
    part: Part,
    column: Row,
    value: Value,
    mine: tuple[Pod, list[Runner]],
    objects: Objects,
) -> None:
    """One column of models: a URI, a name of the hub, or what the vendor chose."""
    pod, runners = mine
    applies = named_so(part.value, column)
    if applies is False or value.text() is None:
        return
    span = value.entry() or part.span
    form = column["as"]
    if form == "uri":
        if not _public(column, value):
            model_source(estate, value, [(pod, runners)], objects)
        _uri_extras(estate, pod, column, value)
        return
    holder = runners[0].scene.holder if runners else pod.workload
    shown = _shown(value)
    name = value
    if "with" in column:
        last = first(part.value, column["with"])
        if last is None or last.text() is None:
            return
        shown = f"{shown}/{_shown(last)}"
        name = last.replace(data=shown, span=last.span or span)
    if form == "preset":
        return  # public weights of the vendor's choice: who serves them holds no secret
    said = f"{pod.workload.name} serves the model {shown}"
    for thing in (holder, pod.workload):
        thing.holds_weights("referenced", said, span)
    if form == "hub" and applies is True and "pin" in column:
        pin = first(part.value, column["pin"]) if column["pin"] else None
        fetch = hub_fetch("model", name, pin)
        if fetch is not None:
            state_fetch(estate, pod.workload, fetch)


def _public(column: Row, value: Value) -> bool:
    """Whether a source is a model of the hub in a catalogue of public ones."""
    return "public" in column and text_of(value).startswith(_HUB)


def _uri_extras(estate: Estate, pod: Pod, column: Row, value: Value) -> None:
    """What a URI of a model is beside a store: a repository of the hub, an image."""
    manifest = pod.manifest
    text = text_of(value)
    if text.startswith(_HUB) and manifest.kind != _FETCHED_ELSEWHERE:
        name, _, revision = text.partition("://")[2].partition("@")
        pin = value.replace(data=revision) if revision else None
        bare = value.replace(data=name)
        fetch = hub_fetch("model", bare, pin) if "pin" in column else None
        if fetch is not None:
            state_fetch(estate, pod.workload, fetch)
    group = manifest.api_version.partition("/")[0]
    if text.startswith("oci://") and group != _READ_ELSEWHERE:
        _image(estate, manifest, value)


def _shown(value: Value) -> str:
    data = settled(value).text()
    text = written(data) if isinstance(data, Unknown) else data or ""
    return " ".join(text.split())[:160] or "that is not known"


def _image(estate: Estate, manifest: Manifest, value: Value) -> None:
    """An image that a field says to have weights in it."""
    text = _shown(value).removeprefix("oci://")
    if value.text() is None:
        return
    span = value.entry() or manifest.span
    name = f"{manifest.kind}/{manifest.namespace or 'default'}/{manifest.name}"
    address = estate.free("image", f"{manifest.address or name}#model")
    image = Thing("image", address, f"model image {text} of {name}", span)
    image.provider, image.root = "kubernetes", manifest.root
    image.library = manifest.library
    made = estate.add(image)
    made.state("weights.baked", value=True, span=span, trail=value.trail)
    made.holds_weights("referenced", f"{name} takes its model from it", span)


def _pull(estate: Estate, workload: Thing, value: Value, words: str) -> None:
    """A registry that the scan declares holds the images with weights taken from it."""
    found = reference(_shown(value).removeprefix("oci://"))
    if found is None or settled(value).unknown is not None:
        return
    span = value.entry() or workload.span
    for store in place_of(estate, found, span).stores:
        declared = store.fact("declared")
        if declared is not None and declared.value is False:
            continue
        store.holds_weights("referenced", words, span)
        estate.link(workload, "reads", store, span, words)


def _push(estate: Estate, workload: Thing, value: Value) -> None:
    """Weights that leave as an image: the registry holds a copy from then on."""
    span = value.entry() or workload.span
    text = _shown(value)
    found = reference(text)
    words = f"{workload.name} pushes its weights to {text}"
    workload.holds_weights("referenced", words, span)
    unknown = settled(value).unknown
    # letters of another case are no name of an image: somebody replaces them
    named = found if found is not None and found.name == found.name.lower() else None
    place = place_of(estate, named, span) if named and unknown is None else None
    if place is None or not place.stores:
        text = f"{words}: the scan cannot tell which registry that is"
        note = Note("registry-unknown", text, span.path, span, strict_only=True)
        estate.note([note])
        return
    for store in place.stores:
        store.holds_weights("referenced" if place.certain else "named", words, span)
        why = "" if place.certain else "which registry the name means is not known"
        estate.link(
            workload, "writes", store, span, words, certain=place.certain, why=why
        )


def _loaded(
    estate: Estate, manifest: Manifest, row: Row, part: Part, objects: Objects
) -> None:
    """A model that pods of other objects load; the object itself, where none is known."""
    found = loaders(manifest, row, objects)
    secrets = [v for c in row.get("secrets", ()) for v in part.at(c["path"])]
    own = None
    if not found or secrets:  # read by these credentials, not as the pods' account
        own = _workload(estate, manifest, "kubernetes", "pod")
        _state(estate, row, part, (bare_pod(own, manifest), []), objects)
        for pod in found:
            words = f"{pod.workload.name} loads the model of {own.name}"
            pod.workload.holds_weights("referenced", words, manifest.span)
    else:
        for pod in found:
            _state(estate, row, part, (pod, []), objects)
    holder = own or found[0].workload
    for path in _disks(manifest, row, part, objects):
        _on_nodes(estate, manifest, holder, path)
    for path in row.get("literals", ()):
        for value in part.at(path):
            credential = secret_under(path.rpartition(".")[2], value)
            if credential is not None:
                state_secret(estate, holder, credential, holder.address, path)


def _disks(
    manifest: Manifest, row: Row, part: Part, objects: Objects
) -> Iterator[Value]:
    """Paths of nodes where copies of a model lie: its own, and those of groups of nodes.

    A LocalModelNodeGroup of KServe names them by its volume (KServe 0.17, 2026-11).
    """
    public = any(
        _public(column, value)
        for column in row.get("models", ())
        for value in part.at(column["path"])
    )
    if not public:
        for path in row.get("disks", ()):
            yield from part.at(path)
    for name in part.at(row["groups"] + ".*") if "groups" in row else ():
        kind = "LocalModelNodeGroup"
        group = objects.find(kind, text_of(name), manifest, cluster=True)
        volume = "spec.persistentVolumeSpec"
        paths = (f"{volume}.local.path", f"{volume}.hostPath.path")
        path = first(group.value, *paths) if group is not None else None
        if path is not None:
            yield path.replace(key=name.key, span=name.span)


def _on_nodes(estate: Estate, manifest: Manifest, holder: Thing, path: Value) -> None:
    text = text_of(path)
    if not text:
        return
    normal, span = normal_path(text), path.entry() or manifest.span
    words = f"{holder.name} keeps copies of its model in {normal} of the nodes"
    address = f"hostPath:{normal}"
    store = estate.add(Thing("store", address, address, span))
    if not store.facts:
        store.state("type", "node-disk", span)
        store.state("declared", value=False, span=span)
        store.state("path", normal, span)
    store.holds_weights("referenced", words, span)
    estate.link(holder, "writes", store, span, words)
