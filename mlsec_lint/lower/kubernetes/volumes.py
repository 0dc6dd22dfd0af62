"""Volumes of a pod as mounts, and what they lie in: claims, volumes, buckets, disks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.lower.kubernetes.secret_volumes import of_volume, state_volume
from mlsec_lint.lower.kubernetes.storage import (
    STORE_TYPES,
    TREE_TYPES,
    claim_store,
    class_type,
    csi_store,
)
from mlsec_lint.lower.node_paths import normal_path, sensitive
from mlsec_lint.lower.scalars import given, name_of, put, settled, text_of
from mlsec_lint.lower.stores import Named
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.kubernetes.index import Objects
    from mlsec_lint.lower.kubernetes.secret_volumes import Brought
    from mlsec_lint.source import Span

#: Volume sources that bring config into a pod, and never weights.
_CONFIG = frozenset({"configMap", "secret", "projected", "downwardAPI"})


@dataclass(slots=True)
class Backing:
    """What a volume is: its mount type, the stores it lies in, the entry that says so."""

    type: str | Unknown
    span: Span
    stores: list[Named] = field(default_factory=list)
    read_only: Value | None = None


@dataclass(slots=True)
class Volumes:
    """The volumes of one pod, by name, each as a mount thing once it is asked for.

    `claims` are made by the pod's object, whose address is `owner`: its pods share them;
    `secrets` are what the volumes made so far bring.
    """

    estate: Estate
    manifest: Manifest
    objects: Objects
    workload: Thing
    spec: Value
    claims: dict[str, Value]
    owner: str = ""
    made: dict[str, tuple[Thing, Backing]] = field(default_factory=dict)
    secrets: dict[str, list[Brought]] = field(default_factory=dict)

    def mount(self, name: str) -> tuple[Thing, Backing] | None:
        """The mount of a volume of that name; None when the pod declares none."""
        if name not in self.made:
            volume = self._declared(name)
            if volume is None:
                return None
            self.made[name] = self._make(name, volume)
        return self.made[name]

    def all(self) -> None:
        """Make the mounts of all declared volumes, mounted in a container or not."""
        listed = given(self.spec, "volumes")
        for volume in listed.elements() if listed is not None else ():
            name = text_of(volume.get("name"))
            if name:
                self.mount(name)

    def _declared(self, name: str) -> Value | None:
        listed = given(self.spec, "volumes")
        for volume in listed.elements() if listed is not None else ():
            if text_of(volume.get("name")) == name:
                return volume
        return self.claims.get(name)

    def _make(self, name: str, volume: Value) -> tuple[Thing, Backing]:
        claimed = name in self.claims and volume is self.claims[name]
        backing = (
            self._template(name, volume, owner=self.owner)
            if claimed
            else self._backing(name, volume)
        )
        thing = Thing(
            "mount",
            f"{self.workload.address}/volumes/{name}",
            f"volume {name} of {self.workload.name}",
            backing.span,
            provider="kubernetes",
            root=self.workload.root,
            library=self.workload.library,
        )
        mount = self.estate.add(thing)
        if not mount.facts:
            mount.state("type", backing.type, backing.span)
            secrets = of_volume(volume, self.objects, self.manifest)
            state_volume(mount, volume, secrets)
            self.secrets[name] = secrets
            self._host_facts(mount, volume, backing)
            self.estate.link(self.workload, "mounts", mount, backing.span)
            for named in backing.stores:
                for store in named.stores:
                    self.estate.link(
                        mount,
                        "is backed by",
                        store,
                        backing.span,
                        certain=named.certain,
                        why=named.why,
                    )
        return mount, backing

    def _host_facts(self, mount: Thing, volume: Value, backing: Backing) -> None:
        path = given(volume, "hostPath", "path")
        if backing.type != "host" or path is None:
            return
        text = settled(path).text()
        if isinstance(text, Unknown):
            put(mount, "host.path", text, path)
            put(mount, "host.sensitive", text, path)
        elif text is not None:
            put(mount, "host.path", text.strip(), path)
            put(mount, "host.sensitive", sensitive(text), path)

    # -- what a volume is -----------------------------------------------------

    def _backing(self, name: str, volume: Value) -> Backing:
        for source, value in volume.items():
            if source == "name":
                continue
            span = value.entry() or self.manifest.span
            if source == "hostPath":
                return self._host(value, span)
            if source == "emptyDir":
                return self._empty(name, value, span)
            if source == "persistentVolumeClaim":
                return self._claim(value, span)
            if source == "csi":
                return self._csi(value, value.get("volumeAttributes"), span)
            if source == "nfs":
                return self._nfs(value, span)
            if source == "ephemeral":
                template = given(value, "volumeClaimTemplate")
                if template is not None:
                    return self._template(name, template, span)
            if source in _CONFIG:
                return Backing("config", span)
            if source == "image":
                return Backing("image", span)
            if source in TREE_TYPES:
                kind = TREE_TYPES[source]
                return Backing(kind, span, [self._own(name, kind, span)])
            if isinstance(value.data, Unknown):
                return Backing(value.data, span)
        span = volume.span or self.manifest.span
        if isinstance(volume.data, Unknown):
            return Backing(volume.data, span)
        if set(volume.data if isinstance(volume.data, dict) else ()) <= {"name"}:
            # the API server makes a volume without a source an emptyDir
            return Backing("empty-disk", span, [self._own(name, "empty-disk", span)])
        return Backing("other", span)

    def _own(self, name: str, kind: str, span: Span) -> Named:
        """A store of this pod alone (emptyDir, an in-tree disk)."""
        address = f"{self.workload.address}/volumes/{name}"
        return Named([self._store(address, kind, span)], certain=True, why="")

    def _store(
        self, address: str, kind: str, span: Span, *, declared: bool = True
    ) -> Thing:
        thing = Thing("store", address, address, span, provider="kubernetes")
        store = self.estate.add(thing)
        if store is thing:
            store.state("type", STORE_TYPES[kind], span)
            store.state("declared", declared, span)
        return store

    def _host(self, value: Value, span: Span) -> Backing:
        path = given(value, "path")
        text = text_of(path)
        if not text:
            return Backing("host", span)
        normal = normal_path(text)
        store = self._store(f"hostPath:{normal}", "host", span, declared=False)
        if "path" not in store.facts:
            store.state("path", normal, span)
        return Backing("host", span, [Named([store], certain=True, why="")])

    def _empty(self, name: str, value: Value, span: Span) -> Backing:
        medium = given(value, "medium")
        text = settled(medium).text() if medium is not None else ""
        if isinstance(text, Unknown):
            return Backing(text, span)
        memory = isinstance(text, str) and text.strip() == "Memory"
        kind = "empty-memory" if memory else "empty-disk"
        return Backing(kind, span, [self._own(name, kind, span)])

    def _nfs(self, value: Value, span: Span) -> Backing:
        server, path = text_of(given(value, "server")), text_of(given(value, "path"))
        address = f"nfs://{server or '${server}'}{path or ''}"
        store = self._store(address, "file", span, declared=False)
        self.estate.call(store, server)
        return Backing("file", span, [Named([store], bool(server), "", "")])

    # -- claims and volumes ---------------------------------------------------

    def _claim(self, value: Value, span: Span) -> Backing:
        name = text_of(given(value, "claimName"))
        read_only = given(value, "readOnly")
        claim = given(value, "claimName")
        found = self.objects.find(
            "PersistentVolumeClaim", name or name_of(claim), self.manifest
        )
        if not name and found is None:
            unknown = settled(claim).unknown if claim is not None else None
            if unknown is None:
                why = "the claim is not named"
                unknown = Unknown("placeholder", why, span=span)
            return Backing(unknown, span, read_only=read_only)
        if found is None:
            namespace = self.manifest.namespace or "default"
            address = f"PersistentVolumeClaim/{namespace}/{name}"
            store = self._store(address, "claim", span, declared=False)
            return Backing(
                "claim", span, [Named([store], certain=True, why="")], read_only
            )
        kind, store = claim_store(self.estate, found, self.objects)
        return Backing(kind, span, [Named([store], certain=True, why="")], read_only)

    def _template(
        self, name: str, template: Value, span: Span | None = None, owner: str = ""
    ) -> Backing:
        """A claim made for this pod: of a StatefulSet or an ephemeral volume."""
        where = span or template.span or self.manifest.span
        kind = class_type(given(template, "spec"), self.objects, self.manifest)
        address = f"{owner or self.workload.address}/volumes/{name}"
        store = self._store(address, kind, where)
        return Backing(kind, where, [Named([store], certain=True, why="")])

    def _csi(self, value: Value, attributes: Value | None, span: Span) -> Backing:
        kind, named = csi_store(self.estate, value, attributes, span)
        stores = [named] if named is not None else []
        if not stores and kind in STORE_TYPES:
            stores = [self._own(text_of(value.get("driver")), kind, span)]
        return Backing(kind, span, stores, given(value, "readOnly"))
