"""Stores that config names by URI, path or handle: canonical names and joins.

A URI is joined to the declared store that answers to one of its spellings; else a store
of its own, `declared` false, whose address is the URI of its bucket.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate import Thing
from mlsec_lint.parse.placeholder import placeholder
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlsec_lint.estate import Estate
    from mlsec_lint.source import Span

#: Scheme -> the scheme of the canonical address.
_BUCKETS = {
    "s3": "s3", "s3a": "s3", "s3n": "s3", "gs": "gs", "gcs": "gs", "r2": "r2",
    "oss": "oss", "cos": "cos", "obs": "obs", "tos": "tos", "swift": "swift",
    "minio": "minio", "b2": "b2", "nebius": "nebius", "cosn": "cos",
}  # fmt: skip
_AZURE = frozenset({"abfs", "abfss", "wasb", "wasbs"})
_FILES = frozenset({"hdfs", "webhdfs", "dbfs", "nfs", "lustre", "viewfs"})
_URI = regex(r"([A-Za-z][A-Za-z0-9+.-]{0,20})://([^\s\"'`]*)")
_AZURE_HOST = regex(
    r"([a-z0-9]{3,24})\.(blob|dfs|file)\.(core\.[a-z.]+)", re.IGNORECASE
)
_GCS_HOSTS = ("storage.googleapis.com", "storage.cloud.google.com")
_S3_HOST = regex(
    r"(?:(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\.)?s3[.-](?:[a-z0-9-]+\.)?amazonaws\.com"
    r"(?:\.cn)?"
)


class StoreUri(NamedTuple):
    """A URI of an object or file store, taken apart.

    * `address`: of its bucket, canonical (`s3://b`, `abfss://c@a.dfs.core.windows.net`);
    * `names`: spellings by which a declared store may be known, most specific first;
    * `path`: what follows, without a leading slash;
    * `provider`: aws, gcp, azure or "".
    """

    address: str
    names: tuple[str, ...]
    path: str
    provider: str
    type: str = "object"


def store_uri(text: str) -> StoreUri | None:
    """The store that a URI names, or None where it names none (`hf://`, `https://x`)."""
    match = _URI.match(text.strip())
    if match is None:
        return _databricks(text.strip())
    scheme, rest = match[1].lower(), match[2]
    head, _, path = rest.partition("/")
    if not head:
        return None
    if scheme in _BUCKETS:
        return _bucket(_BUCKETS[scheme], head, path)
    if scheme in _AZURE:
        return _azure(head, path)
    if scheme in ("http", "https"):
        return _web(head.partition(":")[0].lower(), path)
    if scheme == "oci" and ("@" in head or _is_bucket(head, path)):
        return StoreUri(f"oci://{head}", (f"oci://{head}",), path, "oci")
    if scheme == "azureml":
        return _azureml(rest)
    if scheme in _FILES:
        address = f"{scheme}://{head}"
        return StoreUri(address, (address,), path, "", "file")
    return None


def _databricks(text: str) -> StoreUri | None:
    """`dbfs:/Volumes/catalog/schema/volume/...`, or a folder of the workspace's own root."""
    if not text.startswith("dbfs:/"):
        return None
    steps = [step for step in text.removeprefix("dbfs:").split("/") if step]
    depth = 4 if steps[:1] == ["Volumes"] else 1
    if len(steps) < depth:
        return None
    address = "dbfs:/" + "/".join(steps[:depth])
    volume = f"databricks-volume:{'.'.join(steps[1:4])}"
    names = (address, volume) if depth > 1 else (address,)
    return StoreUri(address, names, "/".join(steps[depth:]), "", "file")


def _is_bucket(head: str, path: str) -> bool:
    """Whether `oci://head/path` means a bucket (Composer, SkyPilot) and no registry.

    A registry has a host name, a port or a tag.
    """
    return bool(path) and not any(c in head + path for c in ":@") and "." not in head


def _bucket(scheme: str, name: str, path: str) -> StoreUri:
    address = f"{scheme}://{name}"
    names = [address]
    provider = {"s3": "aws", "gs": "gcp"}.get(scheme, "")
    if scheme == "s3":
        names.append(f"arn:aws:s3:::{name}")
    return StoreUri(address, tuple(names), path, provider)


def _azure(head: str, path: str) -> StoreUri | None:
    container, _, host = head.partition("@")
    match = _AZURE_HOST.match(host)
    return _container(match[1], container, path, match[3]) if match else None


def _container(account: str, container: str, path: str, domain: str) -> StoreUri:
    account = account.lower()
    address = f"abfss://{container}@{account}.dfs.{domain}"
    names = (
        address,
        f"https://{account}.blob.{domain}/{container}",
        f"wasbs://{container}@{account}.blob.{domain}",
        f"https://{account}.blob.{domain}/",
        f"https://{account}.blob.{domain}",
        f"https://{account}.dfs.{domain}/",
        f"https://{account}.dfs.{domain}",
        f"azure-storage-account:{account}",
    )
    return StoreUri(address, names, path, "azure")


def _azureml(rest: str) -> StoreUri | None:
    match = re.search(r"datastores/([^/]+)(?:/paths)?/?(.*)", rest)
    if match is None:
        return None
    address = f"azureml://datastores/{match[1]}"
    return StoreUri(address, (address,), match[2], "azure")


def _web(host: str, path: str) -> StoreUri | None:
    azure = _AZURE_HOST.fullmatch(host)
    head, _, rest = path.partition("?")[0].partition("/")
    if azure is not None and head:
        return _container(azure[1], head, rest, azure[3])
    if host in _GCS_HOSTS and head:
        return _bucket("gs", head, rest)
    if host.endswith(".storage.googleapis.com"):
        return _bucket("gs", host.removesuffix(".storage.googleapis.com"), path)
    amazon = _S3_HOST.fullmatch(host)
    if amazon is not None:
        name = amazon["bucket"]
        return _bucket("s3", name, path) if name else _bucket("s3", head, rest)
    return None


def azure_container(account: str, container: str) -> StoreUri:
    """The store of a container that two fields name."""
    return _container(account, container, "", "core.windows.net")


class Named(NamedTuple):
    """What a reference to a store leads to. `certain` is False for a guess between several."""

    stores: list[Thing]
    certain: bool
    why: str
    path: str = ""


def named_store(estate: Estate, uri: StoreUri, span: Span, provider: str = "") -> Named:
    """The declared stores a URI means, or a store of its own that no resource declares."""
    for name in uri.names:
        found = estate.named(name, "store")
        if found:
            if len(found) == 1 or are_variants(found):
                return Named(list(found), certain=True, why="", path=uri.path)
            why = f"{len(found)} stores of the scan are called {name}"
            return Named(found, certain=False, why=why, path=uri.path)
    thing = Thing(
        "store",
        uri.address,
        uri.address,
        span,
        provider=uri.provider or provider,
        names={uri.names[0]},
    )
    store = estate.add(thing)
    if store is thing:
        store.state("type", uri.type, span)
        store.state("declared", value=False, span=span)
    return Named([store], certain=True, why="", path=uri.path)


def are_variants(things: Sequence[Thing]) -> bool:
    """Whether things are one resource, once for each set of its root's variable files.

    Each of them is there where its variant is applied, so that none is a guess.
    """
    parts = [thing.address.partition("]:") for thing in things]
    kinds = {(head.rpartition("[")[0], rest) for head, _, rest in parts}
    return len(kinds) == 1 and all(mark for _, mark, _ in parts)


def referred_store(estate: Estate, value: Value, provider: str = "") -> Named | None:
    """The stores a value names: by symbol first, then by URI; None where it names none.

    A URI with unknown parts is a store of its own that joins to nothing, so that what
    uses it is not lost; the edges to it are not certain.
    """
    if value.span is None:
        return None
    by_symbol = _by_symbol(estate, value)
    if by_symbol is not None:
        return by_symbol
    if isinstance(value.data, str):
        if placeholder(value, loose=True) is None:
            uri = store_uri(value.data)
            if uri is None:
                return None
            return named_store(estate, uri, value.span, provider)
        value = value.replace(data=placeholder(value, loose=True))
    return _unknown_uri(estate, value)


def _by_symbol(estate: Estate, value: Value) -> Named | None:
    symbols = [value.symbol]
    if isinstance(value.data, Unknown):
        symbols.append(value.data.symbol)
        symbols += [p.symbol for p in value.data.parts if isinstance(p, Unknown)]
    for symbol in symbols:
        if symbol is None:
            continue
        store = estate.find("store", symbol.address)
        found = [store] if store else estate.named(symbol.address, "store")
        if found:
            certain = len(found) == 1 or are_variants(found)
            return Named(list(found), certain=certain, why="")
    return None


def _unknown_uri(estate: Estate, value: Value) -> Named | None:
    unknown = value.data
    if not isinstance(unknown, Unknown) or value.span is None:
        return None
    text = written(unknown)
    match = _URI.match(text)
    if match is None or match[1].lower() not in {*_BUCKETS, *_AZURE}:
        return None
    head, _, path = match[2].partition("/")
    if not head:
        return None
    if not any(mark in head for mark in ("${", "<", "{{")) and not _loose(head):
        uri = store_uri(f"{match[1]}://{head}/{path}")
        if uri is not None:  # only what follows the bucket is unknown
            return named_store(estate, uri, value.span)
    name = f"{match[1]}://{head}"
    address = _placed(estate, name, value.span)
    thing = Thing("store", address, name, value.span)
    store = estate.add(thing)
    if store is thing:
        store.state("type", "object", value.span)
        store.state("declared", value=False, span=value.span)
    return Named([store], certain=False, why=unknown.why, path=path)


def _placed(estate: Estate, name: str, span: Span) -> str:
    """The address of a store whose name is not known: the same within one folder only.

    Placeholders of one name in two corners of a repository need not mean one bucket.
    """
    if "${_unknown}" in name or "${}" in name:  # nothing tells it from another one
        return f"{span.path}:{span.line}:{name}"
    folder = posixpath.dirname(span.path)
    known = estate.find("store", name)
    if known is None or posixpath.dirname(known.span.path) == folder:
        return name
    return f"{folder}:{name}"


def _loose(text: str) -> bool:
    return placeholder(Value(text), loose=True) is not None


def written(unknown: Unknown) -> str:
    """An unknown text with its unknown parts as `${name}`."""
    if not unknown.parts:
        name = unknown.name
        return name if name.startswith(("$", "<", "{")) else "${" + name + "}"
    return "".join(
        part if isinstance(part, str) else written(part) for part in unknown.parts
    )
