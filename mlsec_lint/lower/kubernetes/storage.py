"""Claims, volumes, storage classes and CSI drivers: what a claim lies in.

Encryption of volumes by storage class: parameters of the EBS, PD and Azure disk CSI
drivers' documentation, 2026-11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.estate.tables import document
from mlsec_lint.lower.node_paths import normal_path
from mlsec_lint.lower.scalars import given, put, settled, text_of
from mlsec_lint.lower.stores import Named, azure_container, named_store, referred_store
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.kubernetes.index import Objects
    from mlsec_lint.source import Span

#: Volume sources of the time before CSI, and what they are.
TREE_TYPES = {
    "gcePersistentDisk": "block", "awsElasticBlockStore": "block", "azureDisk": "block",
    "azureFile": "file", "cephfs": "file", "glusterfs": "file", "rbd": "block",
    "iscsi": "block", "fc": "block", "portworxVolume": "block", "vsphereVolume": "block",
}  # fmt: skip
#: Mount type -> store type, where a volume has a store of its own.
STORE_TYPES = {
    "host": "node-disk", "empty-memory": "memory", "empty-disk": "node-disk",
    "local-volume": "node-disk", "claim": "claim", "object": "object", "file": "file",
    "block": "block",
}  # fmt: skip
#: Provisioner -> the parameter that names a key, and what its absence means.
_KEYS: dict[str, tuple[str, str]] = {
    "ebs.csi.aws.com": ("kmsKeyId", ""),
    "ebs.csi.eks.amazonaws.com": ("kmsKeyId", ""),
    "pd.csi.storage.gke.io": ("disk-encryption-kms-key", "provider"),
    "disk.csi.azure.com": ("diskEncryptionSetID", "provider"),
    "fsx.csi.aws.com": ("kmsKeyId", "provider"),
    "filestore.csi.storage.gke.io": ("instance-encryption-kms-key", "provider"),
    "kubernetes.io/aws-ebs": ("kmsKeyId", ""),
    "kubernetes.io/gce-pd": ("disk-encryption-kms-key", "provider"),
    "kubernetes.io/azure-disk": ("diskEncryptionSetID", "provider"),
}


def claim_store(estate: Estate, claim: Manifest, objects: Objects) -> tuple[str, Thing]:
    """The store of a PersistentVolumeClaim and its mount type, joined to its volume."""
    own = f"{claim.kind}/{claim.namespace or 'default'}/{claim.name}"
    address = claim.address or own
    thing = Thing(
        "store", address, address, claim.span, provider="kubernetes",
        root=claim.root, library=claim.library, names={own},
    )  # fmt: skip
    store = estate.add(thing)
    if store is not thing:
        known = store.fact("type")
        return (_mount_type(known.value) if known else "claim"), store
    spec = given(claim.value, "spec")
    volume = _volume_of(claim, spec, objects)
    kind = "claim"
    if volume is not None:
        kind = _link_volume(estate, store, volume)
    else:
        kind = class_type(spec, objects, claim)
        _in_file_system(estate, store, spec, objects, claim)
    _state_key(store, spec, objects, claim)
    store.state("type", STORE_TYPES.get(kind, "claim"), claim.span)
    store.state("declared", value=True, span=claim.span)
    return kind, store


def _mount_type(store_type: object) -> str:
    if store_type == "node-disk":
        return "local-volume"
    return store_type if isinstance(store_type, str) else "claim"


def _volume_of(
    claim: Manifest, spec: Value | None, objects: Objects
) -> Manifest | None:
    """The PersistentVolume a claim is bound to: by volumeName, else by claimRef."""
    name = text_of(given(spec, "volumeName"))
    if name:
        return objects.find("PersistentVolume", name, claim, cluster=True)
    for volume in objects.of("PersistentVolume"):
        reference = given(volume.value, "spec", "claimRef")
        if text_of(given(reference, "name")) == claim.name and (
            text_of(given(reference, "namespace")) or "default"
        ) == (claim.namespace or "default"):
            return volume
    return None


def _link_volume(estate: Estate, store: Thing, volume: Manifest) -> str:
    """Make the volume a store that the claim lies in; its mount type."""
    address = volume.address or f"PersistentVolume/{volume.name}"
    thing = Thing(
        "store", address, address, volume.span, provider="kubernetes",
        root=volume.root, library=volume.library,
    )  # fmt: skip
    made = estate.add(thing)
    estate.link(store, "is backed by", made, volume.span, "is bound to the volume")
    spec = given(volume.value, "spec")
    kind, named, span = _volume_source(estate, spec, volume)
    if made is thing:
        made.state("type", STORE_TYPES.get(kind, "claim"), span)
        made.state("declared", value=True, span=volume.span)
    for target in named.stores if named is not None else ():
        assert named is not None
        estate.link(
            made, "is backed by", target, span, certain=named.certain, why=named.why
        )
    return kind


def _volume_source(
    estate: Estate, spec: Value | None, volume: Manifest
) -> tuple[str, Named | None, Span]:
    for source, value in spec.items() if spec is not None else ():
        span = value.entry() or volume.span
        if source == "csi":
            kind, named = csi_store(estate, value, value.get("volumeAttributes"), span)
            return kind, named, span
        if source in ("hostPath", "local"):
            path = text_of(given(value, "path"))
            kind = "host" if source == "hostPath" else "local-volume"
            if not path:
                return kind, None, span
            normal = normal_path(path)
            thing = Thing("store", f"hostPath:{normal}", f"hostPath:{normal}", span)
            store = estate.add(thing)
            if store is thing:
                store.state("type", "node-disk", span)
                store.state("declared", value=False, span=span)
                store.state("path", normal, span)
            return kind, Named([store], certain=True, why=""), span
        if source == "nfs":
            server, path = (
                text_of(given(value, "server")),
                text_of(given(value, "path")),
            )
            address = f"nfs://{server or '${server}'}{path}"
            thing = Thing("store", address, address, span, names={server} - {""})
            store = estate.add(thing)
            if store is thing:
                store.state("type", "file", span)
                store.state("declared", value=False, span=span)
            return "file", Named([store], bool(server), ""), span
        if source in TREE_TYPES:
            return TREE_TYPES[source], None, span
    return "claim", None, volume.span


def class_type(spec: Value | None, objects: Objects, near: Manifest) -> str:
    """The mount type that a claim's storage class gives; "claim" where nobody can tell."""
    name = text_of(given(spec, "storageClassName"))
    if not name:
        return "claim"
    found = objects.find("StorageClass", name, near, cluster=True)
    if found is None:
        return "claim"
    provisioner = text_of(given(found.value, "provisioner"))
    driver = document("csi_drivers.json")["drivers"].get(provisioner)
    return str(driver["type"]) if driver is not None else "claim"


def _in_file_system(
    estate: Estate, store: Thing, spec: Value | None, objects: Objects, near: Manifest
) -> None:
    """Link a claim to the file system in which its class makes a folder for it (EFS)."""
    name = text_of(given(spec, "storageClassName"))
    found = objects.find("StorageClass", name, near, cluster=True) if name else None
    system = given(found.value, "parameters", "fileSystemId") if found else None
    if system is None or settled(system, loose=True).unknown is not None:
        return
    span = system.entry() or store.span
    for target in estate.named(text_of(system), "store"):
        estate.link(store, "is backed by", target, span, "is a folder of it")


def _state_key(
    store: Thing, spec: Value | None, objects: Objects, near: Manifest
) -> None:
    """Who holds the key of a claim's volume, where its storage class tells."""
    name = text_of(given(spec, "storageClassName"))
    found = objects.find("StorageClass", name, near, cluster=True) if name else None
    if found is None:
        return
    rule = _KEYS.get(text_of(given(found.value, "provisioner")))
    if rule is None:
        return
    parameter, otherwise = rule
    fact = "encryption.key.managed_by"
    key = given(found.value, "parameters", parameter)
    if key is not None:
        text = settled(key).text()
        managed = "provider" if isinstance(text, str) and "alias/aws/" in text else ""
        put(store, fact, managed or "customer", key)  # a reference to a key is enough
        return
    encrypted = given(found.value, "parameters", "encrypted")
    if encrypted is not None and encrypted.boolean() is True:
        put(store, fact, "provider", encrypted)
    elif encrypted is not None and encrypted.boolean() is False and not otherwise:
        put(store, fact, "none", encrypted)
    elif otherwise:
        words = f"{found.name}: no {parameter}, so a key of the provider"
        store.state(fact, otherwise, found.span, default=words)
    else:
        why = f"the storage class {found.name} names no key: the account's default decides"
        store.state(fact, Unknown("environment", why, span=found.span), found.span)


def csi_store(
    estate: Estate, csi: Value, attributes: Value | None, span: Span
) -> tuple[str, Named | None]:
    """What a CSI volume is, and the bucket or file system it names (None: nobody's)."""
    name = text_of(csi.get("driver"))
    driver = document("csi_drivers.json")["drivers"].get(name)
    if driver is None:
        return "other", None
    kind = str(driver["type"])
    handle = given(csi, "volumeHandle")
    bucket = _first(attributes, driver.get("bucket", ()))
    if bucket is None and driver.get("handle"):
        bucket = handle
    if bucket is not None:
        account = _first(attributes, driver.get("account", ()))
        return kind, _bucket(estate, driver, bucket, account)
    if driver.get("handle_name") and handle is not None:
        return kind, _by_handle(estate, kind, handle, span)
    return kind, None


def _first(attributes: Value | None, names: list[str]) -> Value | None:
    for name in names:
        found = given(attributes, name)
        if found is not None:
            return found
    return None


def _bucket(
    estate: Estate, driver: dict[str, str], bucket: Value, account: Value | None
) -> Named | None:
    span = bucket.entry()
    if driver["scheme"] == "abfss":
        names = text_of(account, loose=True), text_of(bucket, loose=True)
        if account is not None and all(names) and span is not None:
            return named_store(estate, azure_container(*names), span)
        return None
    return referred_store(estate, as_uri(driver["scheme"] + "://", bucket))


def as_uri(scheme: str, bucket: Value) -> Value:
    """A bucket name as a URI; unknown parts and symbols are kept."""
    value = settled(bucket, loose=True)
    span = bucket.entry()
    if isinstance(value.data, Unknown):
        parts = value.data.parts or (value.data,)
        data = value.data._replace(parts=(scheme, *parts))
        return value.replace(data=data, span=span)
    return value.replace(data=scheme + str(value.text() or ""), span=span)


def _by_handle(estate: Estate, kind: str, handle: Value, span: Span) -> Named | None:
    """A file system or disk that its id names; a placeholder names none."""
    if settled(handle, loose=True).unknown is not None:
        return referred_store(estate, settled(handle, loose=True))
    text = text_of(handle)
    for name in (
        text,
        text.partition(":")[0],
        text.partition("#")[0],
        text.rpartition("/")[2],
    ):
        found = estate.named(name, "store") if name else []
        if found:
            return Named(found, certain=len(found) == 1, why="")
    if not text:
        return None
    thing = Thing("store", text, text, span, names={text.partition(":")[0]})
    store = estate.add(thing)
    if store is thing:
        store.state("type", STORE_TYPES.get(kind, "block"), span)
        store.state("declared", value=False, span=span)
    return Named([store], certain=True, why="")
