"""Managed services that move the contents of stores out: transfer jobs, SFTP, factories.

Arguments as documented for hashicorp/aws 6.x, google 7.x, azurerm 4.x, 2026-11. A copy
between two stores of the scan is a copy (`lower/*/transfers.py`), not a transfer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.lower.declared import store_of, thing_of
from mlsec_lint.lower.jobs.fetches import shown
from mlsec_lint.lower.jobs.hosts import host_of, internal_host
from mlsec_lint.lower.jobs.transfers import transfer
from mlsec_lint.lower.reading import given, span_of
from mlsec_lint.lower.scalars import settled, text_of
from mlsec_lint.lower.stores import referred_store
from mlsec_lint.lower.terraform_index import index_of, values_at
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.kubernetes.workload import Pod
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource

_BUCKET = ("aws_s3_bucket",)
_ACCOUNT = ("azurerm_storage_account",)
_ACCOUNTS = "azurerm_storage_account"
#: DataSync locations at an end of somebody's: type and the argument that names it.
_OUTSIDE = {
    "aws_datasync_location_object_storage": "server_hostname",
    "aws_datasync_location_azure_blob": "container_url",
    "aws_datasync_location_nfs": "server_hostname",
    "aws_datasync_location_smb": "server_hostname",
    "aws_datasync_location_hdfs": "name_node",
}
#: Linked services of a data factory that name a storage account, and by which argument.
_LINKED = (
    ("azurerm_data_factory_linked_service_azure_blob_storage", "service_endpoint"),
    ("azurerm_data_factory_linked_service_azure_blob_storage", "connection_string"),
    ("azurerm_data_factory_linked_service_azure_blob_storage", "storage_account_id"),
    ("azurerm_data_factory_linked_service_data_lake_storage_gen2", "url"),
    ("azurerm_data_factory_linked_service_azure_file_storage", "connection_string"),
)
_TOOLS = {"rclone": "rclone", "azcopy": "azcopy", "s5cmd": "s5cmd", "mc": "mc"}


def lower_transfer_services(inputs: Inputs, estate: Estate) -> None:
    """State every managed transfer that reads a store of the scan."""
    index = index_of(inputs)
    for here in index.roots:
        for task in here.of("aws_datasync_task"):
            _datasync(index, here, estate, task)
        for user in here.of("aws_transfer_user"):
            _transfer_user(index, here, estate, user)
        for connector in here.of("aws_transfer_connector"):
            _connector(here, estate, connector)
        for job in here.of("google_storage_transfer_job"):
            _storage_transfer(index, here, estate, job)
        for account in here.of(_ACCOUNTS):
            _sftp(here, estate, account)
        for factory in here.of("azurerm_data_factory"):
            _factory(index, here, estate, factory)
    for pod in inputs.objects.pods if inputs.objects is not None else ():
        if pod.manifest.kind == "CronJob":
            _cron(estate, pod)


def _made(
    estate: Estate,
    thing: Thing,
    service: str,
    external: bool | Unknown,
    destination: str | Unknown,
    span: Span,
    stores: Iterable[Thing],
) -> None:
    estate.add(thing)
    thing.state("service", service, span)
    thing.state("destination", destination, span)
    if isinstance(external, Unknown):
        external = external._replace(possible=None, parts=())
    thing.state("external", external, span)
    for store in stores:
        estate.link(store, "is moved by", thing, span)


def _host(value: Value) -> tuple[str | Unknown, bool | Unknown]:
    """The host in a value, and whether it is somebody else's."""
    found = shown(value)
    host = host_of(found)
    if isinstance(value.data, Unknown) or not host or set(host) & set("${}"):
        unknown = value.unknown
        if unknown is None:
            unknown = Unknown("error", "the host is not known", span=value.span)
        return unknown._replace(possible=None, parts=()), unknown
    return host, not internal_host(host)


# -- AWS ------------------------------------------------------------------------


def _datasync(
    index: TerraformIndex, here: RootIndex, estate: Estate, task: Resource
) -> None:
    """A task from a bucket or file system to a server outside."""
    from mlsec_lint.lower.aws.transfers import LOCATIONS

    target = given(task.values, "destination_location_arn")
    source = given(task.values, "source_location_arn")
    ends = here.parents(target, tuple(_OUTSIDE))
    if target is None or len(ends) != 1:
        return
    where = given(ends[0].values, _OUTSIDE[ends[0].type])
    stores: list[Thing] = []
    for location in here.parents(source, tuple(LOCATIONS)):
        name, types = LOCATIONS[location.type]
        for parent in here.parents(given(location.values, name), types):
            store = store_of(index, estate, parent)
            stores += [store] if store is not None else []
    if where is None:
        return
    text = here.text_of(where)
    value = where.replace(data=text) if isinstance(text, str) else where
    host, external = _host(value)
    thing = thing_of(here, task, "transfer", "aws")
    _made(estate, thing, "datasync", external, host, span_of(target, task), stores)


def _transfer_user(
    index: TerraformIndex, here: RootIndex, estate: Estate, user: Resource
) -> None:
    """A user of a transfer server whose home is a bucket; PUBLIC is the default."""
    homes = values_at(user.values, "home_directory")
    homes += values_at(user.values, "home_directory_mappings.target")
    stores: list[Thing] = []
    for home in homes:
        stores += _home(index, here, estate, home)
    if not stores:
        return
    servers = here.parents(given(user.values, "server_id"), ("aws_transfer_server",))
    kind = given(servers[0].values, "endpoint_type") if len(servers) == 1 else None
    span = span_of(kind, servers[0]) if kind is not None else user.span
    external: bool | Unknown = True
    if len(servers) != 1:
        external = Unknown("resource", "the server is not declared here", span=span)
    elif kind is not None:
        text = here.text_of(kind)
        external = text if isinstance(text, Unknown) else text == "PUBLIC"
    owner = servers[0] if len(servers) == 1 else user
    if external is True and kind is None:
        span = owner.span
    thing = thing_of(here, owner, "transfer", "aws")
    found = estate.find("transfer", thing.address)
    words = "whoever signs in to its endpoint"
    _made(estate, found or thing, "transfer-family", external, words, span, stores)


def _home(
    index: TerraformIndex, here: RootIndex, estate: Estate, home: Value
) -> list[Thing]:
    """The bucket in `/bucket/folder`, with references in it."""
    parts = home.unknown.parts if home.unknown is not None else ()
    symbols = [p.symbol for p in parts if isinstance(p, Unknown) and p.symbol]
    if home.symbol is not None:
        symbols.append(home.symbol)
    for symbol in symbols:
        for parent in here.resolve_all(symbol):
            if parent.type in _BUCKET:
                store = store_of(index, estate, parent)
                return [store] if store is not None else []
    text = here.text_of(home)
    name = text.strip("/").partition("/")[0] if isinstance(text, str) else ""
    return list(estate.named(f"s3://{name}", "store")) if name else []


def _connector(here: RootIndex, estate: Estate, connector: Resource) -> None:
    """A connector to a partner's server: what it sends is said when it is started."""
    url = given(connector.values, "url")
    if url is None:
        return
    span = span_of(url, connector)
    host, external = _host(url)
    if external is True:
        why = f"what is sent to {host} is said when a transfer is started"
        external = Unknown("environment", why, span=span)
    buckets = [estate.find("store", here.address(b)) for b in here.of(*_BUCKET)]
    stores = [store for store in buckets if store is not None]
    thing = thing_of(here, connector, "transfer", "aws")
    _made(estate, thing, "transfer-connector", external, host, span, stores)


# -- Google Cloud ---------------------------------------------------------------


def _storage_transfer(
    index: TerraformIndex, here: RootIndex, estate: Estate, job: Resource
) -> None:
    """A job from a bucket to a file system of agents: it leaves the cloud's stores."""
    spec = given(job.values, "transfer_spec")
    source = given(spec, "gcs_data_source", "bucket_name")
    sink = given(spec, "posix_data_sink")
    if source is None or sink is None:
        return
    stores = [
        store
        for parent in here.parents(source, ("google_storage_bucket",))
        if (store := store_of(index, estate, parent)) is not None
    ]
    span = sink.entry() or job.span
    unknown = sink.unknown
    external: bool | Unknown = True if unknown is None else unknown
    folder = given(sink, "root_directory")
    words = shown(folder) if folder is not None else "a file system of its agents"
    thing = thing_of(here, job, "transfer", "gcp")
    _made(estate, thing, "storage-transfer", external, words, span, stores)


# -- Azure ----------------------------------------------------------------------


def _sftp(here: RootIndex, estate: Estate, account: Resource) -> None:
    """`sftp_enabled`: off unless it is set (azurerm 4.x schema)."""
    enabled = given(account.values, "sftp_enabled")
    store = estate.find("store", here.address(account))
    if enabled is None or store is None:
        return
    on = enabled.boolean()
    if on is None:
        on = Unknown("error", "this is not true or false", span=enabled.span)
    span = span_of(enabled, account)
    thing = thing_of(here, account, "transfer", "azure")
    thing.address += ".sftp"
    _made(estate, thing, "sftp", on, "whoever signs in by SFTP", span, [store])


def _factory(
    index: TerraformIndex, here: RootIndex, estate: Estate, factory: Resource
) -> None:
    """A factory that is linked to an account: its own endpoint, its SFTP servers."""
    stores: list[Thing] = []
    for kind, argument in _LINKED:
        for linked in here.of(kind):
            if factory not in here.parents(
                given(linked.values, "data_factory_id"), ("azurerm_data_factory",)
            ):
                continue
            value = given(linked.values, argument)
            for parent in here.parents(value, _ACCOUNT):
                store = store_of(index, estate, parent)
                stores += [store] if store is not None else []
    if not stores:
        return
    public = given(factory.values, "public_network_enabled")
    open_: bool | Unknown | None = public.boolean() if public is not None else True
    if open_ is None:
        open_ = Unknown("error", "this is not true or false", span=factory.span)
    span = span_of(public, factory) if public is not None else factory.span
    thing = thing_of(here, factory, "transfer", "azure")
    _made(estate, thing, "data-factory", open_, "its public endpoint", span, stores)
    for server in here.of("azurerm_data_factory_linked_service_sftp"):
        parents = here.parents(
            given(server.values, "data_factory_id"), ("azurerm_data_factory",)
        )
        host_value = given(server.values, "host")
        if factory in parents and host_value is not None:
            host, external = _host(host_value)
            made = thing_of(here, server, "transfer", "azure")
            where = span_of(host_value, server)
            _made(estate, made, "data-factory", external, host, where, stores)


# -- Kubernetes -----------------------------------------------------------------


def _cron(estate: Estate, pod: Pod) -> None:
    """A CronJob of a copying tool's own image, whose arguments say where to."""
    for _, container in pod.template.containers:
        image = text_of(container.get("image")).partition("@")[0]
        name = image.rpartition("/")[2].partition(":")[0]
        tool = _TOOLS.get(name)
        listed = given(container, "args")
        command = given(container, "command")
        if tool is None or (listed is None and command is None):
            continue
        words = [settled(w) for w in (command.elements() if command else ())]
        words += [settled(w) for w in (listed.elements() if listed else ())]
        span = words[0].span if words else None
        if span is None:
            continue
        if text_of(words[0]).rpartition("/")[2] != tool:
            words = [Value(tool, span), *words]
        for number, move in enumerate(transfer(words)):
            _moved(estate, pod, tool, number, move.sources, move.target)


def _moved(
    estate: Estate,
    pod: Pod,
    tool: str,
    number: int,
    sources: Iterable[Value],
    target: Value | None,
) -> None:
    if target is None or target.span is None:
        return
    stores: list[Thing] = []
    for source in sources:
        named = referred_store(estate, source) if "://" in shown(source) else None
        stores += named.stores if named is not None else []
    containers = [e.target for e in estate.edges_from(pod.workload, "has")]
    stores += [
        edge.target
        for holder in (pod.workload, *containers)
        for mount in estate.edges_from(holder, "mounts")
        for edge in estate.edges_from(mount.target, "is backed by")
    ]
    to = referred_store(estate, target) if "://" in shown(target) else None
    external: bool | Unknown
    if to is not None and all(_declared(s) for s in to.stores):
        external = False
    else:
        why = f"where {shown(target)} leads is said elsewhere"
        external = Unknown("environment", why, shown(target), span=target.span)
    address = f"{pod.workload.address}/transfers/{number}"
    name = f"{tool} of {pod.workload.name}"
    thing = Thing("transfer", address, name, target.span, "kubernetes")
    _made(estate, thing, tool, external, shown(target), target.span, stores)


def _declared(store: Thing) -> bool:
    fact = store.fact("declared")
    return fact is not None and fact.value is True
