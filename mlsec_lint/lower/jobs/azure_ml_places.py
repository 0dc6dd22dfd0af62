"""What Azure ML files set up: datastores, connections, workspaces, registries, computes.

Fields from learn.microsoft.com/azure/machine-learning/reference-yaml-overview, read
2026-11. Defaults: a workspace answers on the internet and has no managed network, a
compute has public addresses and, outside of a subnet, an SSH port only where its file
sets a login.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.estate.places import state_place
from mlsec_lint.lower.azure.managed import COMPUTE_NAME
from mlsec_lint.lower.declared import add_copy
from mlsec_lint.lower.jobs.job_file import header, job_workload
from mlsec_lint.lower.jobs.job_networks import lie_in_service
from mlsec_lint.lower.scalars import given, put_bool, settled, text_of
from mlsec_lint.lower.secrets import secret_under, state_secret
from mlsec_lint.lower.stores import are_variants, azure_container, named_store
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, FactValue
    from mlsec_lint.parse.document import Document
    from mlsec_lint.source import Span
    from mlsec_lint.value import Value

GPU_SIZE = regex(r"(?i)standard_n[cdv]")
COMPUTES = frozenset({"amlcompute", "computeinstance"})
_KEYS = ("account_key", "sas_token")
_MAX_ENTRIES = 200
#: Sorts of identity, without underscores, and whether they are the work's own: else it
#: acts as the person who submits it.
_OWN = {
    "managed": True,
    "manageidentity": True,
    "managedidentity": True,
    "systemassigned": True,
    "userassigned": True,
    "useridentity": False,
}


# -- datastores and connections ---------------------------------------------------


def datastore(estate: Estate, document: Document) -> None:
    """A datastore: the container or share behind `azureml://datastores/NAME`, its keys."""
    root = document.value
    name, account = text_of(given(root, "name")), text_of(given(root, "account_name"))
    credentials(estate, document, name)
    if not name or not account:
        return
    entry = given(root, "account_name")
    span = (entry.entry() if entry is not None else None) or document.span
    container = text_of(given(root, "container_name"))
    container = container or text_of(given(root, "filesystem"))
    share = text_of(given(root, "file_share_name"))
    if container:
        named = named_store(estate, azure_container(account, container), span, "azure")
        stores = named.stores
    elif share:
        stores = [_share(estate, account, share, span)]
    else:
        return
    for store in stores:
        estate.call(store, f"azureml://datastores/{name}")
        _keyed(store, given(root, "credentials"))


def _share(estate: Estate, account: str, share: str, span: Span) -> Thing:
    address = f"https://{account}.file.core.windows.net/{share}"
    known = estate.named(address, "store")
    if known:
        return known[0]
    store = estate.add(Thing("store", address, address, span, "azure", names={address}))
    store.state("type", "file", span)
    store.state("declared", value=False, span=span)
    return store


def _keyed(store: Thing, credentials: Value | None) -> None:
    """A datastore that opens its account with a key or signature: no identity is asked."""
    for name in _KEYS:
        value = given(credentials, name)
        span = value.entry() if value is not None else None
        if span is not None:
            store.also("auth.identity_only", value=False, span=span)


def credentials(estate: Estate, document: Document, name: str) -> None:
    """Keys and passwords that a datastore or connection writes out."""
    block = given(document.value, "credentials")
    for key, value in block.items() if block is not None else ():
        secret = "token" if key == "pat" else key
        found = secret_under(secret, value)
        if found is not None and found.type:
            address = f"{document.span.path}#{name or 'credentials'}"
            state_secret(estate, None, found, address, key)


# -- workspaces and registries ----------------------------------------------------


def workspace(estate: Estate, document: Document) -> Thing:
    """A workspace: what it answers to, its key, its place and its default store."""
    root, span = document.value, header(document)
    store = _service(estate, "azureml-workspace", root, span)
    _private(store, given(root, "public_network_access"), span)
    key = given(root, "customer_managed_key")
    if key is not None:
        store.state("encryption.key.managed_by", "customer", key.entry() or span)
    else:
        words = "Azure ML: a key of Microsoft unless customer_managed_key names one"
        store.state("encryption.key.managed_by", "provider", span, default=words)
    account = given(root, "storage_account")
    text = text_of(account)
    if account is not None and "/" in text:
        name = text.rpartition("/")[2].lower()
        where = account.entry() or span
        for behind in estate.named(f"azure-storage-account:{name}", "store")[:1]:
            words = f"it is the default store of the ML workspace {store.name}"
            behind.holds_weights("referenced", words, where)
            behind.also("workspace.default", value=True, span=where)
            estate.link(store, "is backed by", behind, where)
    return store


def isolation(root: Value) -> tuple[bool | Unknown, Span | None]:
    """Whether a workspace's managed network lets approved destinations through only."""
    mode = given(root, "managed_network", "isolation_mode")
    if mode is None:
        return False, None
    text = settled(mode).text()
    if isinstance(text, Unknown):
        return text._replace(possible=None, parts=()), mode.entry()
    plain = (text or "").strip().lower().replace("_", "")
    return plain == "allowonlyapprovedoutbound", mode.entry()


def registry(estate: Estate, document: Document) -> None:
    """A registry of models for several workspaces, with the regions that it is copied to."""
    root, span = document.value, header(document)
    store = _service(estate, "azureml-registry", root, span)
    _private(store, given(root, "public_network_access"), span)
    own = text_of(given(root, "location")).replace(" ", "").lower()
    listed = given(root, "replication_locations")
    elements = listed.elements() if listed is not None else ()
    for number, element in enumerate(elements[:_MAX_ENTRIES]):
        location = given(element, "location")
        line = location.entry() if location is not None else None
        if location is None or line is None:
            continue
        where = _region(location)
        if where == own:
            continue
        address = f"{store.address}.replication_locations[{number}]"
        copy = add_copy(estate, store, address, "registry-replication", line, None)
        state_place(copy, "azure", where, line, trail=location.trail)


def _service(estate: Estate, sort: str, root: Value, span: Span) -> Thing:
    name = text_of(given(root, "name"))
    address = estate.free("store", f"{span.path}#{name or sort}")
    names = {f"{sort}:{name}"} if name else set()
    store = estate.add(Thing("store", address, address, span, "azure", names=names))
    store.state("type", "ml-service", span)
    store.state("declared", value=True, span=span)
    location = given(root, "location")
    if location is not None:
        line = location.entry() or span
        state_place(store, "azure", _region(location), line, trail=location.trail)
    return store


def _region(location: Value) -> str | Unknown:
    text = settled(location).text()
    if isinstance(text, Unknown):
        return text
    if text is None:
        return Unknown("error", "this is not a location", span=location.span)
    return text.replace(" ", "").lower()


def switched(value: Value | None) -> bool | Unknown | None:
    """`enabled` or `disabled`, in any case; None for nothing."""
    if value is None:
        return None
    text = settled(value).text()
    if isinstance(text, Unknown):
        return text._replace(possible=None, parts=())
    plain = str(text or "").strip().lower()
    if plain not in ("enabled", "disabled"):
        return Unknown("error", "this is not enabled or disabled", span=value.span)
    return plain == "enabled"


def _private(store: Thing, value: Value | None, span: Span) -> None:
    public = switched(value)
    if public is None:
        words = "Azure ML: it answers on the internet unless public access is disabled"
        store.state("registry.private", value=False, span=span, default=words)
        return
    state: FactValue = public if isinstance(public, Unknown) else not public
    where = value.entry() if value is not None else None
    store.state("registry.private", state, where or span)


# -- computes ---------------------------------------------------------------------


def compute(
    estate: Estate,
    path: str,
    document: Document,
    around: tuple[bool | Unknown, Span | None] | None,
) -> None:
    """A cluster for jobs, or an instance for a person; `around`: its workspace's network."""
    root = document.value
    name = text_of(given(root, "name"))
    thing = job_workload(estate, path, document, "azure-ml", name, kind="managed")
    if name:
        estate.call(thing, f"{COMPUTE_NAME}{name.lower()}")
    size = given(root, "size")
    if size is not None:
        text = settled(size).text()
        gpu = text if isinstance(text, Unknown) else bool(GPU_SIZE.match(text or ""))
        thing.state("accelerator", gpu, size.entry() or thing.span)
    location = given(root, "location")
    if location is not None:
        line = location.entry() or thing.span
        state_place(thing, "azure", _region(location), line, trail=location.trail)
    subnet = given(root, "network_settings", "subnet")
    isolated(thing, subnet, around)
    lie_in_service(estate, thing)
    public = given(root, "enable_node_public_ip")
    words = "Azure ML: computes have public addresses unless it is switched off"
    if public is not None or subnet is not None or around is None:
        put_bool(thing, "address.public", public, default=True, words=words)
    if text_of(given(root, "type")) == "computeinstance":
        thing.state("session.notebook", value=True, span=thing.span)
    _login(estate, thing, root, subnet)
    identities(estate, thing, given(root, "identity"))


def isolated(
    thing: Thing,
    subnet: Value | None,
    around: tuple[bool | Unknown, Span | None] | None,
) -> None:
    """In a subnet of the lab, or where the workspace's managed network puts it."""
    if subnet is not None and subnet.data != "":
        thing.state("network.isolated", value=True, span=subnet.entry() or thing.span)
    elif around is not None:
        thing.state("network.isolated", around[0], around[1] or thing.span)
    else:
        why = "the managed network of its workspace decides, which is not in the scan"
        unknown = Unknown("resource", why, "managed_network.isolation_mode")
        thing.state("network.isolated", unknown._replace(span=thing.span))


def _login(estate: Estate, thing: Thing, root: Value, subnet: Value | None) -> None:
    """SSH: switched on, or open to a login outside of a subnet."""
    settings = given(root, "ssh_settings")
    password = given(settings, "admin_password")
    found = secret_under("admin_password", password) if password is not None else None
    if found is not None:
        state_secret(estate, thing, found, thing.address, "admin_password")
    switch = given(root, "ssh_public_access_enabled")
    if switch is not None:
        on = settled(switch).boolean()
        if on is None:
            on = Unknown("error", "this is not true or false", span=switch.span)
        if isinstance(on, Unknown):
            on = on._replace(possible=None, parts=())
        span = switch.entry() or thing.span
        thing.also("session.enabled", on, span, trail=switch.trail)
        thing.state("admin.open", on, span, trail=switch.trail)
    elif settings is not None and subnet is None:
        span = settings.entry() or thing.span
        thing.also("session.enabled", value=True, span=span)


def identities(estate: Estate, thing: Thing, block: Value | None) -> None:
    """`runs as` the identities that a compute or job is given; whether they are its own."""
    kind = given(block, "type")
    own = _OWN.get(text_of(kind).lower().replace("_", ""))
    if kind is not None and own is not None:
        thing.state("identity.own", own, kind.entry() or thing.span, trail=kind.trail)
    listed = given(block, "user_assigned_identities")
    entries = listed.elements() if listed is not None else ()
    single = [block] if block is not None and not entries else []
    for entry in (*entries[:_MAX_ENTRIES], *single):
        for field in ("resource_id", "client_id", "object_id"):
            value = given(entry, field)
            text = text_of(value).rpartition("/")[2]  # Terraform knows its name
            span = value.entry() if value is not None else None
            found = estate.named(text, "identity") if text else []
            found = [one for one in found if one.provider == "azure"]
            for identity in found if span is not None else ():
                sure = len(found) == 1 or are_variants(found)
                why = "" if sure else f"{len(found)} identities are called {text}"
                assert span is not None
                estate.link(thing, "runs as", identity, span, certain=sure, why=why)
