"""What a launcher's config says around its training: image, code, machines, volumes.

Names of sagemaker-hyperpod-recipes `recipes_collection/{config,cluster/*}.yaml`, the
HyperPod CLI and NeMo-Framework-Launcher `launcher_scripts/conf/config.yaml`, read
2026-11. Settings alone are given; positions are theirs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.lower.jobs.fetch_things import state_fetch
from mlsec_lint.lower.jobs.fetches import Fetch, pinned_revision
from mlsec_lint.lower.jobs.hosts import host_of
from mlsec_lint.lower.jobs.images import state_image
from mlsec_lint.lower.jobs.paths import Mounted
from mlsec_lint.lower.jobs.script_job import job_container, mount_thing
from mlsec_lint.lower.stores import Named

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.jobs.arguments import Setting
    from mlsec_lint.source import Span

_MACHINES = re.compile(r"(?:ml\.)?(?:p[2-6]|g[4-7]|gr6|trn\d|inf\d)[a-z0-9-]*\.")
_TYPES = frozenset({"instance_type", "instance_types"})
_REPOSITORY = re.compile(r"(?:https?://|ssh://|git@)\S{1,500}")


def before_settings(
    estate: Estate, workload: Thing, settings: Sequence[Setting]
) -> list[Mounted]:
    """State machines, image and code of a launcher's config; its volumes are given."""
    known = {setting.name: setting for setting in settings}
    for setting in settings:
        if setting.last in _TYPES and setting.name.count(".") <= 1:
            values = setting.value.elements() or (setting.value,)
            asks = any(_MACHINES.match(str(v.data).strip()) for v in values)
            if asks:
                workload.state("accelerator", value=True, span=setting.span)
    _image(estate, workload, known.get("container"))
    _code(estate, workload, known)
    return list(_claims(estate, workload, settings))


def _image(estate: Estate, workload: Thing, setting: Setting | None) -> None:
    """`container`, unless it is a squashed file on disk."""
    if setting is None or setting.value.is_null:
        return
    text = setting.value.data
    if isinstance(text, str) and text.startswith((".", "/", "~")):
        return
    container = job_container(estate, workload, "training", setting.span)
    state_image(container, setting.value, setting.span)


def _code(estate: Estate, workload: Thing, known: dict[str, Setting]) -> None:
    """`git.repo_url_or_path`: code that each node clones and runs."""
    setting = known.get("git.repo_url_or_path")
    text = setting.value.text() if setting is not None else None
    if setting is None or not isinstance(text, str):
        return
    url = text.strip()
    if not _REPOSITORY.fullmatch(url):
        return
    plain = re.sub(r"^(?:ssh://)?git@([^:/]{1,200})[:/]", r"https://\1/", url)
    commit = known.get("git.commit")
    pinned = pinned_revision(commit.value) if commit is not None else False
    fetch = Fetch("code", plain, setting.span, host_of(plain), pinned, executed=True)
    state_fetch(estate, workload, fetch)


def _claims(
    estate: Estate, workload: Thing, settings: Sequence[Setting]
) -> Iterator[Mounted]:
    """`persistent_volume_claims`: claims of the cluster, each at its path."""
    spaces = (s.value.text() for s in settings if s.last == "namespace")
    namespace = next((s for s in spaces if isinstance(s, str) and s), "default")
    name = ""
    for setting in settings:
        if "persistent_volume_claims" not in setting.name:
            continue
        text = setting.value.text()
        if setting.last == "claimName":
            name = text if isinstance(text, str) else ""
        elif setting.last == "mountPath" and name and isinstance(text, str):
            yield _claim(estate, workload, namespace, name, text, setting.span)
            name = ""


def _claim(
    estate: Estate, workload: Thing, namespace: str, name: str, path: str, span: Span
) -> Mounted:
    address = f"PersistentVolumeClaim/{namespace}/{name}"
    store = estate.find("store", address)
    if store is None:
        store = estate.add(Thing("store", address, address, span, "kubernetes"))
        store.state("type", "claim", span)
        store.state("declared", value=False, span=span)
    named = Named([store], certain=True, why="")
    mount = mount_thing(estate, workload, path, "claim", span, named)
    return Mounted(path.rstrip("/") or "/", mount, (named,))
